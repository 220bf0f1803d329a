/** Removals from a target: files and empty directories that its source does not have. */
import { dirname, SEPARATOR } from "@std/path";
import type { Client } from "../../lib/connection/client.ts";
import type { Context } from "../options/command.ts";
import { type ClientError, localError, replyError } from "../../lib/common/error.ts";
import type { JournalRemoval, TreeWork } from "./journal.ts";
import { requestMany } from "./request_many.ts";
import { printable, quoted } from "../../../common/printable.ts";

/** Removes what the source still does not have. */
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
  const removed = work.direction === "upload"
    ? await removeRemote(context, client, missing)
    : removeLocal(context, missing, work.roots[0]!);
  for (const path of removed) context.output.result(`removed ${printable(path)}`);
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

/**
 * Removes files and empty directories at the server.
 *
 * @returns the removed ones
 * @throws {ClientError} for the first that fails, once all were tried
 */
export async function removeRemote(
  context: Context,
  client: Client,
  removals: Pick<JournalRemoval, "path" | "directory">[],
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
  removals: Pick<JournalRemoval, "path" | "directory">[],
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
