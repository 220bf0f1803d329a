import type { PartInfo } from "../../../protocol/wire.ts";
import type { Client } from "../../lib/connection/client.ts";
import type { Command, Context } from "../options/command.ts";
import { actionError } from "../options/arguments.ts";
import { forEachArgument } from "../options/each.ts";
import { noteDamaged } from "../terminal/report.ts";
import { showTime } from "../terminal/show_time.ts";
import { clientCommand } from "../../../common/program_name.ts";
import { quoted } from "../../../common/printable.ts";
import { tableLines } from "../../../common/table.ts";
import { ClientError, ExitCode, localError, replyError } from "../../lib/common/error.ts";
import { localPath } from "../../lib/local/local_path.ts";
import { PartFile } from "../../lib/local/part_file.ts";
import type { DownloadState, TransferState } from "../../lib/connection/state.ts";
import { formatSize } from "../../../common/size.ts";

/** `parts`, `parts rm ID…` */
export const parts: Command = {
  name: "parts",
  summary: "list unfinished uploads and downloads, or drop some of them",
  usage: "[rm ID...]",
  options: [],
  arguments: { least: 0 },
  details:
    `rm drops unfinished uploads by their id, with what was received of them, and unfinished downloads by
their local path, with their temporary file. A dropped transfer cannot be resumed.`,
  examples: ["parts", "parts rm 0123456789abcdef"],
  async run(context) {
    const [action, ...ids] = context.args;
    if (action === undefined) return await list(context);
    if (action === "rm" && ids.length > 0) return await drop({ ...context, args: ids });
    throw actionError(parts, ["rm"], context.args);
  },
};

async function list(context: Context): Promise<void> {
  const client = await context.client();
  const { endpoint, identity, memory } = client;
  const data = await client.request("PARTS", {}, "Cannot list the unfinished uploads");
  const begun = memory.list(endpoint.name, identity.username);
  noteDamaged(context.output, memory.removeDamaged());
  const uploads = (Array.isArray(data.parts) ? data.parts : []) as PartInfo[];
  const all = [
    ...uploads.map((part) => ({ direction: "upload", ...part, local: localOf(part, begun) })),
    ...begun.filter((state) => state.kind === "download").map((state) => ({
      direction: "download",
      filename: state.remote,
      file_size: state.size,
      offset: partSize(state.part),
      local: state.local,
      created: state.started,
      expires: null,
      active: false,
    })),
  ];
  context.output.event("done", { parts: all });
  const rows = all.map((part) => [
    part.direction,
    "temp_id" in part ? part.temp_id : "-",
    `${formatSize(Number(part.offset))} of ${
      typeof part.file_size === "number" ? formatSize(part.file_size) : "?"
    }`,
    part.active ? "active" : part.expires === null ? "kept" : `until ${showTime(part.expires)}`,
    String(part.filename),
    part.local ?? "",
  ]);
  for (const line of tableLines(rows, { right: [2] })) context.output.result(line);
  if (all.length === 0) context.output.note("Nothing is unfinished.");
}

/** Drops each of the arguments: ids of uploads, or local paths of downloads. */
async function drop(context: Context): Promise<void> {
  const client = await context.client();
  const { endpoint: { name: server }, identity: { username: user }, memory } = client;
  const begun = memory.list(server, user);
  await forEachArgument(context, async (id) => {
    const local = localPath(id);
    const download = begun.filter((state) => state.kind === "download")
      .find((state) => state.local === local);
    if (download === undefined) await dropUpload(client, id, begun);
    else dropDownload(client, download);
    context.output.note(`Dropped ${quoted(id)}.`);
    return download === undefined ? { temp_id: id } : { filename: local };
  });
}

async function dropUpload(client: Client, id: string, begun: TransferState[]): Promise<void> {
  const action = `Cannot drop ${quoted(id)}`;
  const reply = await client.ask("ABOR", { temp_id: id, discard: true });
  if (reply.status === "TRANSFER_NOT_FOUND") {
    const why = "there is no unfinished upload of that id, and no download to that path";
    throw new ClientError(`${action}: ${why}. See: ${clientCommand("parts")}`, {
      exitCode: ExitCode.notFound,
      status: reply.status,
    });
  }
  if (reply.status !== "OK") throw replyError(reply, action);
  const state = begun.find((one) => one.kind === "upload" && one.temp_id === id);
  if (state !== undefined) client.memory.forget(state);
}

/** @throws {ClientError} with exit code 8 where another process writes to the temporary file */
function dropDownload(client: Client, state: DownloadState): void {
  try {
    PartFile.open({ path: state.part, inode: state.inode }, state.local)?.remove();
  } catch (error) {
    throw localError(error, `Cannot remove ${quoted(state.part)}`, state.part);
  }
  client.memory.forget(state);
}

function localOf(part: PartInfo, begun: TransferState[]): string | null {
  const state = begun.find((one) => one.kind === "upload" && one.temp_id === part.temp_id);
  return state?.local ?? null;
}

function partSize(path: string): number {
  try {
    return Deno.lstatSync(path).size;
  } catch {
    return 0;
  }
}
