/** Directories whose permission bits are carried: they are made before anything is put into them. */
import { dirname } from "@std/path";
import type { Client } from "../../lib/connection/client.ts";
import { directoryModeToMake, directoryModeToSend } from "../../lib/local/carried_mode.ts";
import { lstat } from "../../lib/local/part_file.ts";
import type { TreeWork } from "./journal.ts";
import { requestMany } from "./request_many.ts";

/**
 * Makes the directories of a tree that have permission bits of their own. Those that exist keep
 * theirs. One that cannot be made is reported by what is to go into it.
 *
 * @throws {ClientError} where the server stays out of reach, or the user interrupts
 */
export async function makePrivate(
  client: Client,
  { direction, modes = {} }: TreeWork,
): Promise<void> {
  const directories = Object.entries(modes);
  if (direction === "upload") {
    await requestMany(
      client,
      directories.map(([path, mode]) => ({
        command: "MKD",
        data: { path, make_dirs: true, mode },
      })),
    );
    return;
  }
  for (const [path, mode] of directories) makeLocal(path, mode);
}

/** Makes a local directory with these bits, as far as the umask allows, and those above it. */
export function makeLocal(path: string, mode: number): void {
  try {
    Deno.mkdirSync(dirname(path), { recursive: true });
    Deno.mkdirSync(path, { mode });
  } catch {
    // It exists, or what goes into it reports the reason.
  }
}

/**
 * The permission bits to send with local directories that are not as open as any new one.
 *
 * @param places each with its path at the server, parents before children
 */
export function modesToSend(
  client: Client,
  places: readonly { local: string; remote: string }[],
): Record<string, number> {
  const modes: Record<string, number> = {};
  if (client.chmod !== "keep") return modes;
  for (const { local, remote } of places) {
    const mode = directoryModeToSend(lstat(local)?.mode, client.chmod);
    if (mode !== undefined) modes[remote] = mode;
  }
  return modes;
}

/**
 * The permission bits of local directories to make, parents before children.
 *
 * @param told bits that the server has, by name
 */
export function modesToMake(
  client: Client,
  told: ReadonlyMap<string, number>,
  made: readonly { name: string; place: string }[],
): Record<string, number> {
  const modes: Record<string, number> = {};
  for (const { name, place } of made) {
    const mode = directoryModeToMake(told.get(name), client.chmod);
    if (mode !== undefined) modes[place] = mode;
  }
  return modes;
}
