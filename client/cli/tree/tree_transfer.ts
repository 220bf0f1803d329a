/** A whole tree: its files, its directories, and what the target is to lose. */
import type { Client } from "../../lib/connection/client.ts";
import type { Context } from "../options/command.ts";
import { downloadItems } from "./download_items.ts";
import { makePrivate } from "./private_directories.ts";
import type { DownloadItem } from "../../lib/download/download_many.ts";
import {
  ClientError,
  ConnectionLost,
  ExitCode,
  localError,
  replyError,
} from "../../lib/common/error.ts";
import { Journal, type JournalFile, type JournalSource, type TreeWork } from "./journal.ts";
import { listSources } from "./remote_tree.ts";
import { removeExtra } from "./removals.ts";
import { requestMany } from "./request_many.ts";
import { carryOutSwaps, finalPath } from "./swaps.ts";
import { noteSkipped } from "../terminal/report.ts";
import { quoted } from "../../../common/printable.ts";
import { type ItemsOptions, uploadItems } from "./upload_items.ts";
import type { UploadItem } from "../../lib/upload/upload_many.ts";

/** How a tree is transferred. */
export interface TreeOptions {
  /** Journal of an earlier run, to continue. */
  journal?: Journal;
  /** Requested items that failed before they could become files of the tree. */
  failures?: ClientError[];
  /** Called for each finished file, with its SHA-256. */
  onDone?(file: JournalFile, hash: string): void;
}

/** A file with its number in the tree. */
interface Numbered {
  number: number;
  file: JournalFile;
}

/** Result of a tree transfer, besides its files. */
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
  const { sources } = work;
  const listed = earlier?.listed ?? sources === undefined;
  const journal = earlier ?? Journal.begin(context.config, work, listed);
  const files = listed || sources === undefined
    ? numbered(work.files).filter(({ number }) => !journal?.finished.has(number))
    : listFiles(context, client, sources, work, journal, failures);
  const finished = new Set(journal?.finished);
  const done = (number: number, hash: string) => {
    journal?.done(number);
    finished.add(number);
    onDone?.(work.files[number]!, hash);
  };
  let failure: unknown;
  try {
    await makePrivate(client, work);
    if (!Array.isArray(files) || files.length + failures.length > 0) {
      const final = { final: (path: string) => finalPath(work, path) };
      const how = {
        trees: true,
        journaled: journal !== undefined,
        failures,
        ...(work.swaps !== undefined && final),
      };
      await transferFiles(context, client, work, files, again, how, done)
        .catch((error) => {
          if (goesOn(context, error)) failure = error;
          else throw error;
        });
    }
    await makeDirectories(client, work);
    const swapped = await carryOutSwaps(context, client, work, finished);
    const unswapped = together(context, swapped.errors);
    failure ??= unswapped;
    if (failure !== undefined) {
      if (work.removals.length > 0) {
        context.output.note("Nothing was removed, as not everything was transferred.");
      }
      throw failure;
    }
    const removed = await removeExtra(context, client, work);
    journal?.end();
    return { removed: [...swapped.removed, ...removed] };
  } catch (error) {
    // Permanent errors would only occur again.
    if (goesOn(context, error)) journal?.end();
    else journal?.close();
    throw error;
  }
}

/** Combines several errors, each of which is reported by itself. */
function together(context: Context, errors: ClientError[]): ClientError | undefined {
  if (errors.length === 0) return undefined;
  for (const error of errors) context.output.error(error);
  const { exitCode } = errors.length === 1 ? errors[0]! : { exitCode: ExitCode.some };
  return new ClientError(`${errors.length} could not be replaced`, { exitCode });
}

function numbered(files: JournalFile[], first = 0): Numbered[] {
  return files.map((file, index) => ({ number: first + index, file }));
}

/** The files of a tree as they are listed; the journal learns of them when all are. */
async function* listFiles(
  context: Context,
  client: Client,
  sources: JournalSource[],
  work: TreeWork,
  journal: Journal | undefined,
  failures: ClientError[],
): AsyncGenerator<Numbered[]> {
  const skipped = (remote: string) =>
    noteSkipped(context.output, "", { skipped: [], parts: [remote] });
  const pages = listSources(client, sources, (error) => failures.push(error), skipped);
  for await (const page of pages) {
    const first = work.files.length;
    for (const file of page) work.files.push(file);
    yield numbered(page, first);
  }
  journal?.allListed();
}

/** Whether the others were tried although something failed. */
function goesOn(context: Context, error: unknown): boolean {
  return !context.signal.aborted && !(error instanceof ConnectionLost);
}

async function transferFiles(
  context: Context,
  client: Client,
  work: TreeWork,
  files: Numbered[] | AsyncIterable<Numbered[]>,
  again: boolean,
  options: ItemsOptions<unknown>,
  onDone: (number: number, hash: string) => void,
): Promise<void> {
  const numbers = new Map<unknown, number>();
  const how = {
    ...options,
    onDone: (item: unknown, hash: string) => onDone(numbers.get(item)!, hash),
  };
  const making = <T>(make: (file: JournalFile, number: number) => T) => (page: Numbered[]): T[] =>
    page.map(({ number, file }) => {
      const item = make(file, number);
      numbers.set(item, number);
      return item;
    });
  if (work.direction === "upload" && Array.isArray(files)) {
    const items = making((file, number) => uploadItem(client, file, work, number, again));
    const existing = { ifExists: work.ifExists, makeDirs: true };
    return await uploadItems(context, client, items(files), existing, how);
  }
  const items = making(downloadItem);
  const found = Array.isArray(files) ? items(files) : mapPages(files, items);
  const resume = again || work.command === "sync" || context.values.flag("resume");
  await downloadItems(context, client, found, { overwrite: work.overwrite, resume }, how);
}

function downloadItem({ local: path, remote, size, hash }: JournalFile): DownloadItem {
  return { remote, path, size, hash };
}

async function* mapPages<A, B>(
  pages: AsyncIterable<A[]>,
  map: (page: A[]) => B[],
): AsyncGenerator<B[]> {
  for await (const page of pages) yield map(page);
}

/** An upload, with what an earlier run began of it. */
function uploadItem(
  client: Client,
  { local, remote, size }: JournalFile,
  work: TreeWork,
  number: number,
  again: boolean,
): UploadItem {
  const item: UploadItem = { path: local, remote, size, again };
  if (work.id !== undefined) item.key = `${work.id}.${number}`;
  if (!again && work.command !== "sync") return item;
  const begun = client.memory.find({ ...client.memoryKey("upload", local), remote });
  if (begun?.if_exists === work.ifExists) {
    item.unfinished = { tempId: begun.temp_id, mtime: begun.mtime, key: begun.key };
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
