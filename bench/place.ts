// The directory that the benchmark works in: memory where that can be had, so that the programs are
// measured and not the disk.

/** A directory to work in. */
export interface Place {
  dir: string;
  /** Type of its file system, for the heading. */
  kind: string;
}

/**
 * A tmpfs mounted on a new temporary directory. Programs with narrow permissions cannot use /dev/shm
 * (Deno asks for all permissions below /dev), and mounting takes root; otherwise it is the ordinary
 * temporary directory. `stack` removes it.
 */
export async function makePlace(bytes: number, stack: AsyncDisposableStack): Promise<Place> {
  const dir = await Deno.makeTempDir({ prefix: "towpath-bench-" });
  let mounted = false;
  stack.defer(async () => {
    // Lazily: a server that was slow to end must not leave the mount behind.
    if (mounted) await run("umount", dir) || await run("umount", "-l", dir);
    await Deno.remove(dir, { recursive: true }).catch(() => {});
  });
  // Servers that give up their rights have to reach their own directory below.
  await Deno.chmod(dir, 0o711);
  mounted = Deno.uid() === 0 && bytes < availableMemory() && await mountMemory(dir, bytes);
  return {
    dir,
    kind: mounted ? "tmpfs" : "the temporary directory (no tmpfs: not root, or too little memory)",
  };
}

/** With large folios, as the page caches of ext4 and xfs have them, where the kernel does that. */
async function mountMemory(dir: string, bytes: number): Promise<boolean> {
  const options = `size=${bytes},mode=711`;
  const mount = (all: string) => run("mount", "-t", "tmpfs", "-o", all, "towpath-bench", dir);
  return await mount(`${options},huge=within_size`) || await mount(options);
}

/** Bytes that can be had without pushing anything else out of memory. */
function availableMemory(): number {
  return Deno.systemMemoryInfo().available;
}

async function run(program: string, ...args: string[]): Promise<boolean> {
  try {
    const command = new Deno.Command(program, { args, stdout: "null", stderr: "null" });
    return (await command.output()).success;
  } catch {
    return false;
  }
}
