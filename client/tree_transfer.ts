/** A whole tree: its files, its directories, and what the target is to lose. */
import type { Client } from "./client.ts";
import type { Context } from "./command.ts";
import { downloadItems } from "./download_items.ts";
import type { DownloadItem } from "./download_many.ts";
import { type ClientError, ConnectionLost, localError, replyError } from "./error.ts";
import { Journal, type JournalFile, type TreeWork } from "./journal.ts";
import { removeExtra } from "./removals.ts";
import { requestMany } from "./request_many.ts";
import { quoted } from "./text.ts";
import { uploadItems } from "./upload_items.ts";
import type { UploadItem } from "./upload_many.ts";

/** How a tree is transferred. */
export interface TreeOptions {
  /** Of an earlier run, to go on with. */
  journal?: Journal;
  /** What was asked for too, and failed before it could become a file of the tree. */
  failures?: ClientError[];
  /** Told of each file that is done, with its SHA-256. */
  onDone?(file: JournalFile, hash: string): void;
}

/** What became of the rest of a tree, besides its files. */
export interface TreeResult {
  /** Paths that the target lost. */
  removed: string[];
}

/**
 * Transfers a tree, keeping a journal until all was tried.
 *
 * @throws {ClientError} as uploads and downloads do; nothing is removed then
 */
export async function transferTree(
  context: Context,
  client: Client,
  work: TreeWork,
  { journal: earlier, failures = [], onDone }: TreeOptions = {},
): Promise<TreeResult> {
  const again = earlier !== undefined;
  const journal = earlier ?? Journal.begin(context.config, work);
  const files = journal?.left ?? work.files;
  const done = (file: JournalFile, hash: string) => {
    journal?.done(file);
    onDone?.(file, hash);
  };
  let failure: unknown;
  try {
    if (files.length > 0 || failures.length > 0) {
      const how = { trees: true, journaled: journal !== undefined, failures };
      await transferFiles(context, client, work, files, again, how, done)
        .catch((error) => {
          if (goesOn(context, error)) failure = error;
          else throw error;
        });
    }
    await makeDirectories(client, work);
    if (failure !== undefined) {
      if (work.removals.length > 0) {
        context.output.note("Nothing was removed, as not everything was transferred.");
      }
      throw failure;
    }
    const removed = await removeExtra(context, client, work);
    journal?.end();
    return { removed };
  } catch (error) {
    // What failed for good would only fail again.
    if (goesOn(context, error)) journal?.end();
    else journal?.close();
    throw error;
  }
}

/** Whether the others were tried although something failed. */
function goesOn(context: Context, error: unknown): boolean {
  return !context.signal.aborted && !(error instanceof ConnectionLost);
}

async function transferFiles(
  context: Context,
  client: Client,
  work: TreeWork,
  files: JournalFile[],
  again: boolean,
  options: { trees: boolean; journaled: boolean; failures: ClientError[] },
  onDone: (file: JournalFile, hash: string) => void,
): Promise<void> {
  const byItem = new Map<unknown, JournalFile>();
  const how = {
    ...options,
    onDone: (item: unknown, hash: string) => onDone(byItem.get(item)!, hash),
  };
  if (work.direction === "upload") {
    const items = files.map((file) => {
      const item = uploadItem(client, file, work, again);
      byItem.set(item, file);
      return item;
    });
    const existing = { ifExists: work.ifExists, makeDirs: true };
    return await uploadItems(context, client, items, existing, how);
  }
  const items = files.map((file) => {
    const { local: path, remote, size, hash } = file;
    const item: DownloadItem = { remote, path, size, hash };
    byItem.set(item, file);
    return item;
  });
  const resume = again || work.command === "sync" || context.values.flag("resume");
  await downloadItems(context, client, items, { overwrite: work.overwrite, resume }, how);
}

/** An upload, with what an earlier run began of it. */
function uploadItem(
  client: Client,
  { local, remote, size }: JournalFile,
  work: TreeWork,
  again: boolean,
): UploadItem {
  const item: UploadItem = { path: local, remote, size: size ?? 0, again };
  if (!again && work.command !== "sync") return item;
  const { memory, endpoint, identity } = client;
  const begun = memory.find("upload", local, endpoint.name, identity.username);
  if (begun?.remote === remote && begun.if_exists === work.ifExists) {
    item.unfinished = { tempId: begun.temp_id, mtime: begun.mtime };
  }
  return item;
}

async function makeDirectories(client: Client, work: TreeWork): Promise<void> {
  if (work.direction === "download") {
    for (const path of work.directories) {
      try {
        Deno.mkdirSync(path, { recursive: true });
      } catch (error) {
        throw localError(error, `Cannot make the directory ${quoted(path)}`, path);
      }
    }
    return;
  }
  const requests = work.directories.map((path) => ({
    command: "MKD",
    data: { path, make_dirs: true },
  }));
  const replies = await requestMany(client, requests);
  replies.forEach((reply, index) => {
    const path = work.directories[index]!;
    if (reply.status === "OK") return;
    throw replyError(reply, `Cannot make the directory ${quoted(path)}`, path);
  });
}
