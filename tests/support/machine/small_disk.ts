/** A small file system in memory that a test can fill. Mounting it takes root. */
import { assert } from "@std/assert";

/** Whether this machine lets a test mount a small file system; says so where it does not. */
export function mayMount(): boolean {
  const may = Deno.build.os === "linux" && Deno.uid() === 0;
  if (!may) console.log("full disk: left out, mounting a small file system takes root");
  return may;
}

/** Runs a program. @throws where it fails */
export async function run(command: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { args }).output();
  assert(success, new TextDecoder().decode(stderr));
}

/** Mounts a small file system; it is gone with its content when disposed of. */
export async function smallDisk(options: string): Promise<AsyncDisposable & { path: string }> {
  const path = await Deno.makeTempDir({ prefix: "towpath-full-" });
  await run("mount", "-t", "tmpfs", "-o", options, "none", path);
  return {
    path,
    async [Symbol.asyncDispose]() {
      await run("umount", "--lazy", path);
      await Deno.remove(path);
    },
  };
}

/** Writes a file until nothing more fits. */
export function fill(path: string): void {
  using file = Deno.openSync(path, { write: true, create: true });
  for (let size = 1024 * 1024; size >= 1; size = Math.floor(size / 16)) {
    try {
      while (true) file.writeSync(new Uint8Array(size));
    } catch {
      // Full; perhaps a smaller piece still fits.
    }
  }
}

/** Makes empty files in a new directory until there is no inode left. */
export function useUpInodes(directory: string): void {
  try {
    Deno.mkdirSync(directory);
    for (let i = 0;; i++) Deno.openSync(`${directory}/${i}`, { write: true, create: true }).close();
  } catch {
    // None is left.
  }
}
