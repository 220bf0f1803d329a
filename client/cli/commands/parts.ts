import type { PartInfo } from "../../../protocol/wire.ts";
import type { Command } from "../options/command.ts";
import { noteDamaged } from "../terminal/report.ts";
import { showTime } from "../terminal/show_time.ts";
import { tableLines } from "../../../common/table.ts";
import type { TransferState } from "../../lib/connection/state.ts";
import { formatSize } from "../../../common/size.ts";

/** `parts` */
export const parts: Command = {
  name: "parts",
  summary: "list unfinished uploads and downloads",
  usage: "",
  options: [],
  arguments: { least: 0, most: 0 },
  async run(context) {
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
      `${formatSize(Number(part.offset))} of ${
        typeof part.file_size === "number" ? formatSize(part.file_size) : "?"
      }`,
      part.active ? "active" : part.expires === null ? "kept" : `until ${showTime(part.expires)}`,
      String(part.filename),
      part.local ?? "",
    ]);
    for (const line of tableLines(rows, { right: [1] })) context.output.result(line);
    if (all.length === 0) context.output.note("Nothing is unfinished.");
  },
};

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
