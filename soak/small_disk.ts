/** A small file system for the server's data, which can be nearly filled. */
import { statfsSync } from "node:fs";
import { programEnvironment } from "../demo/programs.ts";

/** Room for everything that the load stores, and for what SQLite needs beside it. */
const SIZE_MIB = 512;
const MIB = 1024 * 1024;

/** A mounted file system of a few hundred MiB. */
export class SmallDisk {
  readonly #ballast: string;

  private constructor(readonly path: string) {
    this.#ballast = `${path}/ballast`;
  }

  /** Mounts one. @returns the reason where that cannot be done */
  static async mount(path: string): Promise<SmallDisk | string> {
    if (Deno.build.os !== "linux") return "it takes Linux";
    await Deno.mkdir(path);
    const why = await run("mount", "-t", "tmpfs", "-o", `size=${SIZE_MIB}m`, "none", path);
    return why ?? new SmallDisk(path);
  }

  /** Fills the disk up to `leftMib` MiB. */
  async fill(leftMib: number): Promise<void> {
    const { bavail, bsize } = statfsSync(this.path);
    using file = await Deno.open(this.#ballast, { create: true, write: true });
    const piece = new Uint8Array(MIB);
    for (let left = Math.floor(bavail * bsize / MIB) - leftMib; left > 0; left--) {
      try {
        await file.write(piece);
      } catch {
        return; // The server was quicker.
      }
    }
  }

  /** Gives the room back. */
  async empty(): Promise<void> {
    await Deno.remove(this.#ballast).catch(() => {});
  }

  async unmount(): Promise<void> {
    await run("umount", "--lazy", this.path);
  }
}

/** @returns why it failed */
async function run(command: string, ...args: string[]): Promise<string | undefined> {
  try {
    const { success, stderr } = await new Deno.Command(command, {
      args,
      env: programEnvironment({}),
      clearEnv: true,
    }).output();
    return success ? undefined : new TextDecoder().decode(stderr).trim().split("\n")[0]!;
  } catch {
    return `"${command}" cannot be started`;
  }
}
