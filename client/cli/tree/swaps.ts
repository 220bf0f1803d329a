/**
 * Replacements by another kind: a file in the place of a directory, or the other way round. The new
 * one is transferred under a temporary name; only when all of it has arrived does the target lose
 * the old one.
 */
import { join, relative, SEPARATOR } from "@std/path";
import type { Client } from "../../lib/connection/client.ts";
import type { Context } from "../options/command.ts";
import {
  ClientError,
  ConnectionLost,
  ExitCode,
  localError,
  replyError,
} from "../../lib/common/error.ts";
import type { JournalSwap, TreeWork } from "./journal.ts";
import { listRemote } from "../../lib/listing.ts";
import { remoteJoin } from "../../lib/local/local_path.ts";
import { lstat } from "../../lib/local/part_file.ts";
import { changedLocal, changedRemote, removeLocal, removeRemote } from "./removals.ts";
import { quoted } from "../../../common/printable.ts";
import { walkLocal } from "../../lib/local/walk.ts";

/**
 * Returns the final path of a file transferred under a temporary name, in the target's spelling.
 */
export function finalPath(work: TreeWork, path: string): string {
  const { direction, swaps = [] } = work;
  // A server replies with absolute paths, also to relative ones.
  const whole = (one: string) => direction === "upload" && !one.startsWith("/") ? `/${one}` : one;
  const swap = swaps.find(({ staged }) => isWithin(path, whole(staged), direction));
  return swap === undefined ? path : whole(swap.path) + path.slice(whole(swap.staged).length);
}

/**
 * Puts complete replacements in place, and drops incomplete ones, so that the old entries stay.
 *
 * @param finished numbers of the files that have arrived
 * @returns removed entries of the target, and replacements that failed
 */
export async function carryOutSwaps(
  context: Context,
  client: Client,
  work: TreeWork,
  finished: ReadonlySet<number>,
): Promise<{ removed: string[]; errors: ClientError[] }> {
  const removed: string[] = [];
  const errors: ClientError[] = [];
  const side = work.direction === "download"
    ? new LocalSide(context, work)
    : new RemoteSide(context, client);
  const { direction, files, swaps = [] } = work;
  const missing = files.filter((_, number) => !finished.has(number))
    .map((file) => direction === "download" ? file.local : file.remote);
  for (const swap of swaps) {
    const whole = !missing.some((path) => isWithin(path, swap.staged, direction));
    try {
      if (whole) removed.push(...await side.swap(swap));
      else await side.drop(swap);
    } catch (error) {
      if (error instanceof ConnectionLost || context.signal.aborted) throw error; // to be resumed
      errors.push(localError(error, `Cannot replace ${quoted(swap.path)}`, swap.path));
      await side.drop(swap).catch(() => {}); // the first error is the one to report
    }
  }
  return { removed, errors };
}

function isWithin(path: string, staged: string, direction: TreeWork["direction"]): boolean {
  return path === staged || path.startsWith(staged + (direction === "download" ? SEPARATOR : "/"));
}

/** One side's way to put something in place. */
interface Side {
  /** @returns the removed entries */
  swap(swap: JournalSwap): Promise<string[]>;
  /** Removes what arrived under the temporary name. */
  drop(swap: JournalSwap): Promise<void>;
}

class LocalSide implements Side {
  constructor(readonly context: Context, readonly work: TreeWork) {}

  swap(swap: JournalSwap): Promise<string[]> {
    const { staged, path, removals } = swap;
    // An earlier run has put it in place, and was stopped before it could note that.
    if (lstat(staged) === undefined && lstat(path)?.isDirectory === swap.directory) {
      return Promise.resolve([]);
    }
    const known = removals.map((one) => one.path);
    if (lstat(path)?.isDirectory) {
      const { files, directories, skipped, failures } = walkLocal(path, { withParts: true });
      const hidden = failures.map(({ name }) => name);
      const now = [...files, ...directories, ...skipped, ...hidden].map((name) => join(path, name));
      needKnown(swap, now, known);
    }
    needSame(swap, changedLocal(removals));
    const removed = removeLocal(this.context, removals, this.work.roots[0]!);
    if (lstat(path) !== undefined) throw inTheWay(path);
    Deno.renameSync(staged, path);
    return Promise.resolve(removed);
  }

  drop({ staged }: JournalSwap): Promise<void> {
    if (lstat(staged) !== undefined) Deno.removeSync(staged, { recursive: true });
    return Promise.resolve();
  }
}

class RemoteSide implements Side {
  constructor(readonly context: Context, readonly client: Client) {}

  async swap(swap: JournalSwap): Promise<string[]> {
    const { staged, path, removals } = swap;
    const [there, arrived] = [await this.#type(path), await this.#type(staged)];
    if (arrived === undefined && there === (swap.directory ? "directory" : "file")) return [];
    if (there === "directory") {
      const now: string[] = [];
      for await (const page of listRemote(this.client, path, true)) {
        now.push(...page.map(({ name }) => remoteJoin(path, name)));
      }
      needKnown(swap, now, removals.map((one) => one.path));
    }
    needSame(swap, await changedRemote(this.client, removals));
    const removed = await removeRemote(this.context, this.client, removals);
    await this.client.request(
      "RENAME",
      { from: staged, to: path },
      `Cannot replace ${quoted(path)}`,
      { filename: path },
    );
    return removed;
  }

  async drop({ staged, directory }: JournalSwap): Promise<void> {
    const request = directory
      ? { command: "RMD", data: { path: staged, recursive: true } }
      : { command: "DELE", data: { filename: staged } };
    const reply = await this.client.ask(request.command, request.data, { slow: true });
    if (["OK", "FILE_NOT_FOUND", "NOT_A_DIRECTORY"].includes(reply.status)) return;
    throw replyError(reply, `Cannot remove ${quoted(staged)}`, staged);
  }

  async #type(path: string): Promise<unknown> {
    return (await this.client.ask("STAT", { filename: path })).data.type;
  }
}

/** @throws {ClientError} where something has come that was not there when the tree was listed */
function needKnown({ path }: JournalSwap, now: string[], known: string[]): void {
  const names = new Set(known.map((one) => one.normalize()));
  const strange = now.find((one) => !names.has(one.normalize()));
  if (strange === undefined) return;
  const name = relative(path, strange);
  throw new ClientError(
    `Cannot replace ${quoted(path)}: ${quoted(name)} has come into it since. Sync again`,
    { exitCode: ExitCode.conflict, filename: path },
  );
}

/** @throws {ClientError} where something is another file than the one that was listed */
function needSame({ path }: JournalSwap, changed: ReadonlySet<string>): void {
  const [first] = changed;
  if (first === undefined) return;
  throw new ClientError(
    `Cannot replace ${quoted(path)}: ${quoted(first)} changed after it was listed. Sync again`,
    { exitCode: ExitCode.conflict, filename: path },
  );
}

function inTheWay(path: string): ClientError {
  return new ClientError(`Cannot replace ${quoted(path)}: it could not be removed`, {
    exitCode: ExitCode.conflict,
    filename: path,
  });
}
