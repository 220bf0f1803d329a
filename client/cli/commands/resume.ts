import { basename } from "@std/path";
import type { PartInfo } from "../../../protocol/wire.ts";
import { Claims, type Work, workOf } from "../tree/claims.ts";
import type { Client } from "../../lib/connection/client.ts";
import type { Command, Context } from "../options/command.ts";
import { downloadItems } from "../tree/download_items.ts";
import type { DownloadItem } from "../../lib/download/download_many.ts";
import { needRead } from "../../lib/common/environment.ts";
import { ClientError, ExitCode, localError } from "../../lib/common/error.ts";
import { Journal } from "../tree/journal.ts";
import { localPath, remoteJoin } from "../../lib/local/local_path.ts";
import { modifiedOf } from "../../lib/local/modified.ts";
import { noteDamaged } from "../terminal/report.ts";
import type { DownloadState, TransferState, UploadState } from "../../lib/connection/state.ts";
import { quoted } from "../../../common/printable.ts";
import { transferTree } from "../tree/tree_transfer.ts";
import { counted } from "../../../common/counted.ts";
import type { IfExists } from "../../lib/upload/upload_options.ts";
import { uploadItems } from "../tree/upload_items.ts";
import type { UploadItem } from "../../lib/upload/upload_many.ts";

/** `resume [LOCAL…]` */
export const resume: Command = {
  name: "resume",
  summary: "continue interrupted uploads (without arguments, downloads too)",
  usage: "[LOCAL...] [--to REMOTE]",
  options: [
    { name: "to", value: "REMOTE", summary: "where the upload went, should it not be remembered" },
  ],
  arguments: { least: 0 },
  details:
    `Only the missing rest is transferred. If a file no longer begins with what the server has, it is
sent again from its first byte; nothing is ever spliced. A tree (upload -r, download -r, sync) goes on with the files
that were not done.`,
  async run(context) {
    const client = await context.client();
    const trees = begunTrees(context, client);
    const { uploads, downloads, failures } = context.args.length === 0
      ? await allBegun(client, trees)
      : await begunOf(context, client, trees);
    noteDamaged(context.output, client.memory.removeDamaged());
    const count = trees.length + uploads.length + downloads.length;
    if (count + failures.length === 0) {
      context.output.note("Nothing is unfinished.");
      context.output.event("done", { files: 0 });
      return;
    }
    const several = count + failures.length > 1;
    const how = { trees: several };
    let finished = 0;
    const attempt = async (work: Promise<void>) => {
      if (await collect(failures, work)) finished++;
      else if (several) context.output.error(failures.at(-1)!);
    };
    using claims = new Claims(context);
    for (const tree of trees) await attempt(resumeTree(context, client, tree, claims));
    /** Those that no other process has, and that none has finished meanwhile. */
    const claimed = async <S extends TransferState>(states: S[]): Promise<S[]> => {
      const mine: S[] = [];
      for (const state of states) {
        const known = client.memory.again(state) !== undefined;
        const taken = claims.take(state.local, workOfState(state));
        if (!await collect(failures, taken)) {
          if (several) context.output.error(failures.at(-1)!);
          continue;
        }
        const now = client.memory.again(state);
        if (now !== undefined || !known) mine.push(now ?? state);
        else context.output.note(`${quoted(state.local)} was finished by another process.`);
      }
      return mine;
    };
    for (const group of groups(await claimed(uploads))) {
      const items = group.map(uploadItem);
      const options = { ifExists: group[0]!.if_exists as IfExists, makeDirs: true };
      await attempt(uploadItems(context, client, items, options, how));
    }
    const begun = await claimed(downloads);
    for (const overwrite of [false, true]) {
      const items = begun.filter((state) => state.overwrite === overwrite).map(downloadItem);
      if (items.length === 0) continue;
      const options = { overwrite, resume: true };
      await attempt(downloadItems(context, client, items, options, how));
    }
    if (failures.length > 0) throw several ? allTogether(failures, finished) : failures[0]!;
  },
};

/** Journals of trees that were stopped; of those named, where any are. */
function begunTrees(context: Context, client: Client): Journal[] {
  const { endpoint, identity } = client;
  const damaged: string[] = [];
  const all = Journal.list(context.config, endpoint.name, identity.username, damaged);
  for (const name of damaged) context.config?.remove(name);
  noteDamaged(context.output, damaged);
  if (context.args.length === 0) return all;
  const named = context.args.map(localPath);
  return all.filter(({ work }) => work.roots.some((root) => named.includes(root)));
}

async function resumeTree(
  context: Context,
  client: Client,
  found: Journal,
  claims: Claims,
): Promise<void> {
  await claims.take(found.work.roots[0]!, workOf(found.work));
  const journal = found.reload();
  if (journal === undefined) {
    context.output.note(`${quoted(found.work.roots[0]!)} was finished by another process.`);
    return;
  }
  const { command, files, roots } = journal.work;
  const left = journal.listed
    ? `: ${journal.left.length} of ${counted(files.length, "file")} left`
    : "";
  context.output.note(`Continuing ${command} of ${roots.map(quoted).join(", ")}${left}.`);
  await transferTree(context, client, journal.work, { journal });
}

interface Begun {
  uploads: UploadState[];
  downloads: DownloadState[];
  /** Requested items that cannot be continued; already reported if there are several. */
  failures: ClientError[];
}

/** All that was begun, but for what belongs to a tree. */
async function allBegun(client: Client, trees: Journal[]): Promise<Begun> {
  const inTrees = new Set(
    trees.flatMap(({ left, work }) => left.map((file) => placeOf(work.direction, file))),
  );
  const { endpoint: { name: server }, identity: { username: user }, memory } = client;
  await adoptUploads(client).catch(() => {}); // who may not write has none
  const all = memory.list(server, user).filter((state) =>
    !inTrees.has(placeOf(state.kind, state)) && !trees.some((tree) => tree.mayHave(state.local))
  );
  return {
    uploads: all.filter((state) => state.kind === "upload"),
    downloads: all.filter((state) => state.kind === "download"),
    failures: [],
  };
}

/** Key of a file of a tree: the same file may be on its way to another place too. */
function placeOf(
  direction: TransferState["kind"],
  { local, remote }: Pick<TransferState, "local" | "remote">,
): string {
  return direction === "upload" ? `${direction}\0${local}\0${remote}` : `${direction}\0${local}`;
}

async function begunOf(context: Context, client: Client, trees: Journal[]): Promise<Begun> {
  const uploads: UploadState[] = [];
  const downloads: DownloadState[] = [];
  const failures: ClientError[] = [];
  const { endpoint: { name: server }, identity: { username: user }, memory } = client;
  for (const arg of context.args) {
    const path = localPath(arg);
    if (trees.some(({ work }) => work.roots.includes(path))) continue;
    const download = memory.find({ kind: "download", local: path, server, user });
    const begun = memory.uploadsOf(path, server, user);
    if (begun.length > 0) uploads.push(...begun);
    else if (download !== undefined) downloads.push(download);
    else {
      await collect(
        failures,
        askServer(context, client, path).then((states) => uploads.push(...states)),
      );
    }
  }
  if (context.args.length > 1) failures.forEach((error) => context.output.error(error));
  return { uploads, downloads, failures };
}

/**
 * Finds an upload that has no state for this server among the server's unfinished ones: by state
 * under another name of the server, or by its own name and size. An upload that began over FTP has
 * no size: the hash of the server's bytes shows whether it is this file's.
 */
async function askServer(context: Context, client: Client, path: string): Promise<UploadState[]> {
  needRead(path);
  let info: Deno.FileInfo;
  try {
    info = Deno.statSync(path);
  } catch (error) {
    throw localError(error, `Cannot resume ${quoted(path)}`, path);
  }
  const to = context.values.text("to");
  const name = basename(path);
  const names = to === undefined ? [name] : [to, remoteJoin(to, name)];
  const wanted = names.map((one) => one.replace(/^\/?/, "/").replaceAll(/\/+/g, "/").normalize());
  const parts = await adoptUploads(client);
  const { endpoint: { name: server }, identity: { username: user }, memory } = client;
  const adopted = memory.uploadsOf(path, server, user);
  if (adopted.length > 0) return adopted;
  const part = parts
    .filter((one) => wanted.includes(one.filename) && (one.file_size ?? info.size) === info.size)
    .sort((a, b) => b.updated - a.updated)[0];
  if (part === undefined) {
    throw new ClientError(
      `There is no unfinished upload of ${quoted(path)}: use upload to begin one`,
      { exitCode: ExitCode.notFound, filename: path },
    );
  }
  return [{
    kind: "upload",
    server,
    user,
    local: path,
    remote: part.filename,
    started: part.created,
    temp_id: part.temp_id,
    size: info.size,
    mtime: modifiedOf(info),
    if_exists: "version",
  }];
}

/**
 * Moves the state of uploads begun under another name of the server to this one.
 *
 * @returns the server's unfinished uploads
 */
async function adoptUploads(client: Client): Promise<PartInfo[]> {
  const data = await client.request("PARTS", {}, "Cannot list the unfinished uploads");
  const parts = ((Array.isArray(data.parts) ? data.parts : []) as PartInfo[])
    .filter((part) => part.guest !== true); // only the guest can continue those
  const { endpoint, identity, memory } = client;
  const tempIds = new Set(parts.map((part) => part.temp_id));
  memory.adoptUploads(endpoint.name, identity.username, tempIds);
  return parts;
}

/** Uploads by what happens where the name is taken. */
function groups(uploads: UploadState[]): UploadState[][] {
  return [...Map.groupBy(uploads, (state) => state.if_exists).values()];
}

function uploadItem(state: UploadState): UploadItem {
  const unfinished = { tempId: state.temp_id, mtime: state.mtime, key: state.key };
  return { path: state.local, remote: state.remote, size: state.size, unfinished };
}

function downloadItem(state: DownloadState): DownloadItem {
  return { remote: state.remote, path: state.local, size: undefined };
}

function workOfState({ kind, server, user, local, remote }: TransferState): Work {
  return kind === "download" ? { writes: [local] } : { uploads: [{ server, user, local, remote }] };
}

/** Waits for work and notes its failure. @returns whether it was done */
async function collect(failures: ClientError[], work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (!(error instanceof ClientError) || error.exitCode === ExitCode.interrupted) throw error;
    failures.push(error);
    return false;
  }
}

/** Combines several errors into one: with the exit code that all have in common, or 10. */
function allTogether(failures: ClientError[], finished: number): ClientError {
  const code = failures[0]!.exitCode;
  const alike = finished === 0 && failures.every((error) => error.exitCode === code);
  return new ClientError("Not everything could be continued", {
    exitCode: alike ? code : ExitCode.some,
  });
}
