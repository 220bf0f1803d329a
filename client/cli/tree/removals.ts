/** Removals from a target: files and empty directories that its source does not have. */
import { dirname, SEPARATOR } from "@std/path";
import type { Client } from "../../lib/connection/client.ts";
import type { Context } from "../options/command.ts";
import { ClientError, ExitCode, localError, replyError } from "../../lib/common/error.ts";
import type { JournalRemoval, Removable, Seen, TreeWork } from "./journal.ts";
import { requestMany } from "./request_many.ts";
import { lstat } from "../../lib/local/part_file.ts";
import { printable, quoted } from "../../../common/printable.ts";

/**
 * Removes what the source still does not have.
 *
 * @throws {ClientError} with exit code 8, once all else is removed, where a file is another one by
 * now than when it was listed: it is kept
 */
export async function removeExtra(
  context: Context,
  client: Client,
  work: TreeWork,
): Promise<string[]> {
  const { removals } = work;
  if (removals.length === 0) return [];
  const missing = work.direction === "upload"
    ? removals.filter(({ source }) => !isThere(source))
    : await stillMissing(client, removals);
  const changed = work.direction === "upload"
    ? await changedRemote(client, missing)
    : changedLocal(missing);
  const planned = missing.filter(({ path }) => !changed.has(path));
  const removed = work.direction === "upload"
    ? await removeRemote(context, client, planned)
    : removeLocal(context, planned, work.roots[0]!);
  for (const path of removed) context.output.result(`removed ${printable(path)}`);
  throwFirst(context, [...changed].map(keptError));
  return removed;
}

async function stillMissing(
  client: Client,
  removals: JournalRemoval[],
): Promise<JournalRemoval[]> {
  const requests = removals.map(({ source }) => ({ command: "STAT", data: { filename: source } }));
  const replies = await requestMany(client, requests);
  const missing = ["FILE_NOT_FOUND", "NOT_A_DIRECTORY"];
  return removals.filter((_, index) => missing.includes(replies[index]!.status));
}

/** Paths of the files at the server that are not those that were listed. */
export async function changedRemote(client: Client, removals: Removable[]): Promise<Set<string>> {
  const files = removals.filter(({ seen }) => seen !== undefined);
  const requests = files.map(({ path }) => ({ command: "STAT", data: { filename: path } }));
  const replies = await requestMany(client, requests);
  const changed = files.filter(({ seen }, index) => {
    const { status, data } = replies[index]!;
    const { type, size, mtime, hash } = data;
    return status === "OK" && type === "file" && !isSame(seen!, { size, mtime, hash });
  });
  return new Set(changed.map(({ path }) => path));
}

/** Local paths of the files that are not those that were listed. */
export function changedLocal(removals: Removable[]): Set<string> {
  const changed = removals.filter(({ path, seen }) => {
    const now = seen && lstat(path);
    return now?.isFile && !isSame(seen!, { size: now.size, mtime: now.mtime?.getTime() });
  });
  return new Set(changed.map(({ path }) => path));
}

function keptError(path: string): ClientError {
  return new ClientError(
    `Cannot remove ${quoted(path)}: it changed after it was listed, so it was kept. Sync again`,
    { exitCode: ExitCode.conflict, filename: path },
  );
}

function isSame(seen: Seen, now: { size?: unknown; mtime?: unknown; hash?: unknown }): boolean {
  const { size, mtime = now.mtime, hash } = seen;
  const sameHash = hash === undefined || typeof now.hash !== "string" || now.hash === hash;
  return now.size === size && now.mtime === mtime && sameHash;
}

/**
 * Removes files and empty directories at the server.
 *
 * @returns the removed ones
 * @throws {ClientError} for the first that fails, once all were tried
 */
export async function removeRemote(
  context: Context,
  client: Client,
  removals: Removable[],
): Promise<string[]> {
  const replies = await requestMany(
    client,
    removals.map(({ path, directory }) =>
      directory ? { command: "RMD", data: { path } } : { command: "DELE", data: { filename: path } }
    ),
  );
  const errors: ClientError[] = [];
  const removed: string[] = [];
  removals.forEach(({ path }, index) => {
    const reply = replies[index]!;
    if (reply.status === "OK") removed.push(path);
    // Removed already, or filled again meanwhile: then it is no longer the planned removal.
    else if (reply.status === "NOT_EMPTY") context.output.note(`Kept ${quoted(path)}: not empty.`);
    else if (reply.status !== "FILE_NOT_FOUND") {
      errors.push(replyError(reply, `Cannot remove ${quoted(path)}`, path));
    }
  });
  throwFirst(context, errors);
  return removed;
}

/**
 * Removes local files and empty directories, never outside the root.
 *
 * @returns the removed ones
 */
export function removeLocal(
  context: Context,
  removals: Removable[],
  root: string,
): string[] {
  const errors: ClientError[] = [];
  const removed: string[] = [];
  const inside = Deno.realPathSync(root);
  for (const { path, directory } of removals) {
    try {
      // A directory on the way may have become a symbolic link since it was listed.
      const parent = Deno.realPathSync(dirname(path));
      const within = parent === inside || parent.startsWith(inside.replace(/[/\\]*$/, SEPARATOR));
      if (!within || Deno.lstatSync(path).isDirectory !== directory) continue;
      Deno.removeSync(path);
      removed.push(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) continue;
      errors.push(localError(error, `Cannot remove ${quoted(path)}`, path));
    }
  }
  throwFirst(context, errors);
  return removed;
}

function throwFirst(context: Context, errors: ClientError[]): void {
  for (const error of errors.slice(1)) context.output.error(error);
  if (errors.length > 0) throw errors[0]!;
}

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    return !(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory);
  }
}
