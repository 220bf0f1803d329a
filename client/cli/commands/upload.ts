import { basename } from "@std/path";
import { Claims } from "../tree/claims.ts";
import type { Client } from "../../lib/connection/client.ts";
import type { Command, Context } from "../options/command.ts";
import { needRead } from "../../lib/common/environment.ts";
import { type ClientError, localError, usageError } from "../../lib/common/error.ts";
import { IF_EXISTS_OPTIONS, ifExists } from "../options/if_exists.ts";
import { localPath, remoteJoin } from "../../lib/local/local_path.ts";
import { remoteType } from "../tree/remote_place.ts";
import { noteSkipped, TransferReport } from "../terminal/report.ts";
import { TakenPlaces } from "../tree/same_target.ts";
import { StreamSource } from "../../lib/upload/stream_source.ts";
import { clientCommand } from "../../../common/program_name.ts";
import { printable, quoted } from "../../../common/printable.ts";
import { uploadFrom } from "../../lib/upload/upload.ts";
import { uploadItems } from "../tree/upload_items.ts";
import type { UploadItem } from "../../lib/upload/upload_many.ts";
import { needClearName, walkLocal } from "../../lib/local/walk.ts";

/** `upload LOCAL…` */
export const upload: Command = {
  name: "upload",
  summary: "upload files, and directories with -r",
  usage: "LOCAL... [--to REMOTE]",
  options: [
    {
      name: "to",
      value: "REMOTE",
      summary: "where to; into it where it ends with / or is a directory",
    },
    { name: "recursive", short: "r", summary: "directories with everything in them" },
    { name: "name", value: "NAME", summary: "name at the server of what standard input brings" },
    ...IF_EXISTS_OPTIONS,
  ],
  arguments: { least: 1 },
  details: `LOCAL - is standard input and needs --name. Missing directories at the server are made.
With -r, DIR goes to REMOTE/DIR where REMOTE exists, else to REMOTE; of . and .. only what is in
them. Symbolic links in a tree are skipped and named. An interrupted upload is kept at the server:
continue it with resume.`,
  examples: [
    "upload report.pdf",
    "upload -r photos --to /backup/ --parallel 8",
    "upload - --name site.tar < site.tar",
  ],
  async run(context) {
    const { args, values } = context;
    const mode = ifExists(values);
    const recursive = values.flag("recursive");
    if (args.includes("-")) return await uploadStream(context);
    if (values.text("name") !== undefined) throw usageError("--name goes with - only");
    const { roots, failures } = lookAt(args, recursive); // before any prompt for a password
    const client = await context.client();
    const into = await placeFor(client, values.text("to"), args.length);
    using claims = new Claims(context);
    const whose = { server: client.endpoint.name, user: client.identity.username };
    const uploads = roots.map(({ path, name }) => ({ ...whose, local: path, remote: into(name) }));
    if (roots.length > 0) await claims.take(roots[0]!.path, { uploads });
    let items: UploadItem[] = [];
    const empty: string[] = [];
    const directories: { local: string; remote: string }[] = [];
    for (const { path, name, info } of roots) {
      const remote = into(name);
      if (!info.isDirectory) {
        items.push({ path, remote, size: info.size });
        continue;
      }
      const tree = walkLocal(path);
      failures.push(...tree.failures.map(({ error }) => error));
      noteSkipped(context.output, path, tree);
      if (name !== "") directories.push({ local: path, remote });
      for (const name of tree.directories) {
        directories.push({ local: `${path}/${name}`, remote: remoteJoin(remote, name) });
      }
      for (const name of tree.files) {
        items.push({ path: `${path}/${name}`, remote: remoteJoin(remote, name) });
      }
      empty.push(...tree.empty.map((name) => remoteJoin(remote, name)));
      if (tree.files.length === 0 && tree.empty.length === 0 && remote !== "") empty.push(remote);
    }
    if (mode === "overwrite") {
      const place = ({ path, remote }: UploadItem) => ({ place: remote, source: path });
      items = new TakenPlaces().firsts(items, place, failures);
    }
    if (!roots.some(({ info }) => info.isDirectory)) {
      const options = { ifExists: mode, makeDirs: true };
      return await uploadItems(context, client, items, options, { failures });
    }
    const { transferTree } = await import("../tree/tree_transfer.ts"); // a single file needs none
    const { modesToSend } = await import("../tree/private_directories.ts");
    await transferTree(context, client, {
      command: "upload",
      direction: "upload",
      ...whose,
      roots: roots.map(({ path }) => path),
      ifExists: mode,
      overwrite: false,
      files: items.map(({ path, remote, size }) => ({ local: path, remote, size })),
      directories: empty,
      modes: modesToSend(client, directories),
      removals: [],
    }, { failures });
  },
};

async function uploadStream(context: Context): Promise<void> {
  const { args, values } = context;
  const name = values.text("name");
  if (args.length > 1) throw usageError("- cannot be combined with other files");
  if (name === undefined) throw usageError("upload - needs --name NAME");
  const client = await context.client();
  const progress = await context.progress();
  const to = values.text("to");
  const remote = to === undefined ? name : remoteJoin(to, name);
  const item = { size: undefined };
  const report = new TransferReport<typeof item>(context.output, progress, {
    direction: "upload",
    title: () => name,
    line: (_item, result) => printable(result.filename),
  }, true);
  report.onStart(item);
  const result = await uploadFrom(client, new StreamSource(Deno.stdin), remote, {
    ifExists: ifExists(values),
    makeDirs: true,
    onBegin: (id) => context.howToResume = howToDrop(id),
    onProgress: (offset) => report.onProgress(item, offset),
  });
  report.onDone(item, result);
  report.finish();
}

/** Advice for an interrupted upload of a stream, which cannot be read again. */
function howToDrop(id: string): string {
  return `The sent part is kept for a time, although the same stream cannot be read again; drop it ` +
    printable(`with: ${clientCommand(`parts rm ${id}`)}`);
}

/** A local file or directory that was named. */
interface Root {
  /** Absolute. */
  path: string;
  /** Its name at the server; empty where only its contents are uploaded (`.`, `..`, `/`). */
  name: string;
  info: Deno.FileInfo;
}

/**
 * Reads the metadata of all arguments. An unreadable one of several does not stop the others.
 *
 * @throws {ClientError} where there is nothing to upload, or a directory without `-r`
 */
function lookAt(args: string[], recursive: boolean): { roots: Root[]; failures: ClientError[] } {
  const roots: Root[] = [];
  const failures: ClientError[] = [];
  for (const arg of args) {
    const path = localPath(arg);
    try {
      needRead(path);
      needClearName(path);
      const name = [".", ".."].includes(basename(arg)) ? "" : basename(path);
      roots.push({ path, name, info: Deno.statSync(path) });
    } catch (error) {
      failures.push(localError(error, `Cannot upload ${quoted(arg)}`, arg));
      if (args.length === 1) throw failures[0]!;
      continue;
    }
    if (roots.at(-1)!.info.isDirectory && !recursive) {
      throw usageError(`${quoted(arg)} is a directory: add -r to upload it`);
    }
  }
  return { roots, failures };
}

/** Returns the remote path for a local file or directory. */
async function placeFor(
  client: Client,
  to: string | undefined,
  count: number,
): Promise<(name: string) => string> {
  if (to === undefined) return (name) => name;
  const into = to.endsWith("/") || count > 1 || await remoteType(client, to) === "directory";
  return into ? (name) => remoteJoin(to, name) : () => to;
}
