import { join } from "@std/path";
import { Claims } from "../tree/claims.ts";
import type { Client } from "../../lib/connection/client.ts";
import type { Command, Context } from "../options/command.ts";
import { downloadTo } from "../../lib/download/download.ts";
import { downloadItems } from "../tree/download_items.ts";
import { mayRead, needWrite } from "../../lib/common/environment.ts";
import { type ClientError, localError, usageError } from "../../lib/common/error.ts";
import type { JournalSource } from "../tree/journal.ts";
import { isSafeRelative, localPath, remoteBase } from "../../lib/local/local_path.ts";
import type { Values } from "../options/options.ts";
import { isRegularFile } from "../../lib/local/part_file.ts";
import { remoteType } from "../tree/remote_place.ts";
import { TakenPlaces } from "../tree/same_target.ts";
import { StreamTarget } from "../../lib/download/stream_target.ts";
import { destinationIn, DOWNLOAD_PLACES } from "../options/download_places.ts";
import { printable, quoted } from "../../../common/printable.ts";

/** `download REMOTE…` */
export const download: Command = {
  name: "download",
  summary: "download files, and directories with -r",
  usage: "REMOTE... [--to LOCAL]",
  options: [
    {
      name: "to",
      value: "LOCAL",
      summary: "where to; into it where it ends with / or is a directory; - for stdout",
    },
    { name: "recursive", short: "r", summary: "directories with everything in them" },
    { name: "resume", summary: "go on with what an interrupted download left" },
    { name: "overwrite", summary: "replace existing files" },
    ...DOWNLOAD_PLACES,
  ],
  arguments: { least: 1 },
  details: `A file is written to a temporary file beside its place, .NAME.<8 hex>.towpath-part,
verified against the server's checksum, and then named. Without --overwrite an existing file is never touched; with --resume, one with the right checksum is
done. With -r, DIR goes to LOCAL/DIR where LOCAL
exists, else to LOCAL. Without --to, files go into the directory of --download-dir. With
--incomplete-dir, the temporary files are in that directory until they are whole; it has to be on
the file system of the place where they go.`,
  examples: [
    "download /reports/may.csv",
    "download -r /photos --to ~/photos --parallel 8",
    "download big.iso --resume",
    "download site.tar --to - | tar x",
    "download big.iso --download-dir ~/downloads --incomplete-dir ~/incomplete",
  ],
  async run(context) {
    const { args, values } = context;
    const to = destinationIn(values);
    if (to === "-" || to === "/dev/stdout") return await downloadStreams(context);
    if (to !== undefined && isSpecial(localPath(to))) return await downloadToDevice(context, to);
    const place = placeFor(to, args);
    const client = await context.client();
    using claims = new Claims(context);
    const places = args.map(place);
    await claims.take(places[0]!, { writes: places });
    const overwrite = values.flag("overwrite");
    const sources: JournalSource[] = [];
    for (const remote of args) {
      const local = place(remote);
      const directory = values.flag("recursive") &&
        await remoteType(client, remote) === "directory";
      const known = directory
        ? { size: undefined }
        : await announced(client, remote, local, values);
      sources.push({ remote, local, directory, ...known });
    }
    if (!sources.some(({ directory }) => directory)) {
      const failures: ClientError[] = [];
      const place = ({ local, remote }: JournalSource) => ({ place: local, source: remote });
      const items = new TakenPlaces().firsts(sources, place, failures)
        .map(({ local: path, remote, size, hash }) => ({ path, remote, size, hash }));
      const options = { overwrite, resume: values.flag("resume") };
      return await downloadItems(context, client, items, options, { failures });
    }
    const { transferTree } = await import("../tree/tree_transfer.ts"); // a single file needs none
    await transferTree(context, client, {
      command: "download",
      direction: "download",
      server: client.endpoint.name,
      user: client.identity.username,
      roots: sources.map(({ local }) => local),
      ifExists: "version",
      overwrite,
      sources,
      files: [],
      directories: [],
      removals: [],
    });
  },
};

async function downloadStreams(context: Context): Promise<void> {
  const { args, values } = context;
  if (values.flag("recursive")) throw usageError("-r cannot be combined with --to -");
  if (context.output.json) throw usageError("--json cannot be combined with --to -");
  const client = await context.client();
  for (const remote of args) {
    await downloadTo(client, remote, new StreamTarget(Deno.stdout));
  }
}

/** Downloads one file into a device or pipe that has a name: it is written to, never replaced. */
async function downloadToDevice(context: Context, to: string): Promise<void> {
  const { args: [remote, ...more], output, values } = context;
  const path = localPath(to);
  if (more.length > 0 || values.flag("recursive")) {
    throw usageError(`--to ${quoted(to)} takes one file: it is a device or pipe`);
  }
  needWrite(path);
  const client = await context.client();
  let file: Deno.FsFile;
  try {
    file = await Deno.open(path, { write: true }); // a pipe waits here for its reader
  } catch (error) {
    throw localError(error, `Cannot write to ${quoted(path)}`, path);
  }
  using _closed = file;
  const began = performance.now();
  const { size, hash } = await downloadTo(client, remote!, new StreamTarget(file, path));
  output.result(printable(path));
  const seconds = Math.round(performance.now() - began) / 1000;
  output.event("done", { filename: path, size, hash, seconds, resumed_from: 0 });
}

/** Whether a path, links followed, leads to a device, pipe or socket. */
function isSpecial(path: string): boolean {
  try {
    const info = mayRead(path) ? Deno.statSync(path) : undefined;
    return info !== undefined && !info.isFile && !info.isDirectory;
  } catch {
    return false;
  }
}

/** Returns the local path for a remote file or directory. */
function placeFor(to: string | undefined, args: string[]): (remote: string) => string {
  const base = localPath(to ?? ".");
  const into = to === undefined || to.endsWith("/") || args.length > 1 || isDirectory(base);
  return (remote) => {
    if (!into) return base;
    const name = remoteBase(remote);
    // `/` and `..` have no name of their own: their contents go there.
    if (name !== "" && !isSafeRelative(name)) {
      throw usageError(`${quoted(remote)} has no name that a local file can have: use --to`);
    }
    return join(base, name);
  };
}

/**
 * Size and checksum of a remote file, with `--resume` and where a local file has that size: so that
 * what an earlier try has finished is done.
 */
async function announced(
  client: Client,
  remote: string,
  path: string,
  values: Values,
): Promise<{ size: number | undefined; hash?: string }> {
  if (!values.flag("resume") || !mayRead(path) || !isRegularFile(path)) return { size: undefined };
  const { data } = await client.ask("SIZE", { filename: remote });
  if (data.size !== Deno.lstatSync(path).size) return { size: undefined };
  const { hash } = (await client.ask("HASH", { filename: remote }, { slow: true })).data;
  return typeof hash === "string" ? { size: data.size, hash } : { size: undefined };
}

function isDirectory(path: string): boolean {
  try {
    return mayRead(path) && Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
