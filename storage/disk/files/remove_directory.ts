/** Removing directories that hold what no listing shows, or no path reaches. */
import { StoreError } from "../../contract/error.ts";
import { depthOf, MAX_DEPTH, type VirtualPath } from "../../contract/path.ts";
import { Pace } from "../../common/slices.ts";
import type { OtherEntry } from "../../contract/entry.ts";
import { LARGE_BYTES } from "./directories.ts";
import type { OddEntry } from "./disk_names.ts";
import { Entries, readEntriesAsync } from "./entries.ts";
import { toStoreError } from "./os_error.ts";

/**
 * Removes an empty directory. A file system scans a directory that was large once: 70 ms if it had
 * 100,000 names.
 *
 * @param info of the directory, read just now
 */
export function removeEmpty(place: string, info: Deno.FileInfo): void | Promise<void> {
  if (info.size > LARGE_BYTES) return Deno.remove(place);
  Deno.removeSync(place);
}

/** The error for a directory that is not empty; names what is in it where no listing shows it. */
export async function notEmpty(place: string, path: VirtualPath): Promise<StoreError> {
  const message = `"${path}" is not empty`;
  const entries = new Entries(place, false);
  const pace = new Pace();
  for await (const entry of Deno.readDir(place)) {
    if (entry.isFile || entry.isDirectory) return new StoreError("not-empty", message);
    entries.add(entry);
    await pace.turn();
  }
  const { others } = await entries.endAsync(undefined, pace);
  if (others === undefined) return new StoreError("not-empty", message);
  return new StoreError(
    "not-empty",
    `${message}: it holds ${listed(others)}, which no listing shows; remove it recursively`,
  );
}

function listed(others: readonly OtherEntry[]): string {
  const [first] = others;
  const text = `a ${first!.kind} ("${first!.name}")`;
  return others.length === 1 ? text : `${text} and ${others.length - 1} more of the kind`;
}

/**
 * Removes a directory in which all that is left is reached by no call, and goes only with it:
 * entries whose names are not UTF-8, as Deno takes names as text, and directories that lie too deep.
 * It is moved out of the tree first, so that no file is removed that another session puts into it
 * meanwhile.
 *
 * @param aside a directory of the same file system
 * @throws {StoreError} `not-empty` where anything else is in it; it stays then
 */
export async function removeUnreachable(
  place: string,
  aside: string,
  path: VirtualPath,
): Promise<void> {
  const away = `${aside}/${crypto.randomUUID()}.removed`;
  try {
    Deno.mkdirSync(aside, { recursive: true, mode: 0o700 });
    Deno.renameSync(place, away);
    const odd = new Map<string, OddEntry>();
    const { directories, files, others = [] } = await readEntriesAsync(away, false, odd);
    // What is in these directories would lie too deep.
    const isLowest = depthOf(path) >= MAX_DEPTH;
    const count = (isLowest ? 0 : directories.length) + files.length + others.length;
    const unreachable = [...odd.values()].filter(({ disk, type }) =>
      disk === undefined && !(isLowest && type === "directory")
    ).length;
    if (unreachable < count) {
      Deno.renameSync(away, place);
      throw new StoreError("not-empty", `"${path}" is not empty`);
    }
    await Deno.remove(away, { recursive: true });
  } catch (error) {
    throw toStoreError(error, path);
  }
}
