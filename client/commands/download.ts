import { join } from "node:path";
import type { Client } from "../client.ts";
import type { Command, Context } from "../command.ts";
import { downloadTo } from "../download.ts";
import { type DownloadItem, downloadMany } from "../download_many.ts";
import { StreamTarget } from "../download_target.ts";
import { mayRead, needWrite } from "../environment.ts";
import { ClientError, ExitCode, usageError } from "../error.ts";
import { listRemote } from "../listing.ts";
import { isSafeRelative, localPath, remoteBase, remoteJoin } from "../local_path.ts";
import { remoteType } from "../remote_place.ts";
import { TransferReport } from "../report.ts";
import { printable, quoted } from "../text.ts";

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
  ],
  arguments: { least: 1 },
  details: `A file is written to NAME.part, verified against the server's checksum, and then named.
Without --overwrite an existing file is never touched. With -r, DIR goes to LOCAL/DIR where LOCAL
exists, else to LOCAL.`,
  examples: [
    "download /reports/may.csv",
    "download -r /photos --to ~/photos --parallel 8",
    "download big.iso --resume",
    "download site.tar --to - | tar x",
  ],
  async run(context) {
    const { args, values } = context;
    const to = values.text("to");
    if (to === "-") return await downloadStreams(context);
    const place = placeFor(to, args);
    const client = await context.client();
    const items: DownloadItem[] = [];
    let trees = false;
    for (const remote of args) {
      const path = place(remote);
      const tree = values.flag("recursive") && await remoteType(client, remote) !== "file";
      if (tree) await listTree(client, remote, path, items);
      else items.push({ remote, path, size: undefined });
      trees ||= tree;
    }
    await downloadItems(context, client, items, trees, {
      overwrite: values.flag("overwrite"),
      resume: values.flag("resume"),
    });
  },
};

/** Downloads items, and tells of each. */
export async function downloadItems(
  context: Context,
  client: Client,
  items: DownloadItem[],
  trees: boolean,
  options: { overwrite: boolean; resume: boolean },
): Promise<void> {
  const progress = await context.progress();
  const report = new TransferReport<DownloadItem>(context.output, progress, {
    direction: "download",
    title: (item) => item.remote,
    // Thousands of names would scroll all else away.
    line: (item) => trees && Deno.stdout.isTerminal() ? undefined : printable(item.path),
  }, items.length === 1 && !trees);
  progress.expect(items.length, items.reduce((sum, item) => sum + (item.size ?? 0), 0));
  context.howToResume =
    "What came is kept; run the same command with --resume to continue, or: client resume";
  const parallel = context.values.number("parallel") ?? (trees ? 4 : 1);
  await downloadMany(client, items, { ...options, parallel }, report);
  report.finish();
}

async function downloadStreams(context: Context): Promise<void> {
  const { args, values } = context;
  if (values.flag("recursive")) throw usageError("-r cannot be combined with --to -");
  if (context.output.json) throw usageError("--json cannot be combined with --to -");
  const client = await context.client();
  for (const remote of args) {
    await downloadTo(client, remote, new StreamTarget(Deno.stdout));
  }
}

/** Where a remote file or directory goes. */
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

/** Adds the files of a remote tree, and makes its directories. */
async function listTree(
  client: Client,
  remote: string,
  path: string,
  items: DownloadItem[],
): Promise<void> {
  const seen = new Set<string>();
  needWrite(path);
  Deno.mkdirSync(path, { recursive: true });
  for await (const page of listRemote(client, remote, true)) {
    for (const { name, type, size, hash } of page) {
      if (!isSafeRelative(name) || seen.has(name)) {
        throw new ClientError(
          `The server listed ${quoted(name)}, a name that must not be: nothing was downloaded`,
          { exitCode: ExitCode.failed, filename: name },
        );
      }
      seen.add(name);
      if (type === "directory") Deno.mkdirSync(join(path, name), { recursive: true });
      else {items.push({
          remote: remoteJoin(remote, name),
          path: join(path, name),
          size,
          hash: hash ?? undefined,
        });}
    }
  }
}

function isDirectory(path: string): boolean {
  try {
    return mayRead(path) && Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
