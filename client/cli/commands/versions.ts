import type { VersionInfo } from "../../../protocol/wire.ts";
import type { Command } from "../options/command.ts";
import { quoted } from "../../../common/printable.ts";
import { tableLines } from "../../../common/table.ts";
import { showTime } from "../terminal/show_time.ts";

/** `versions PATH` */
export const versions: Command = {
  name: "versions",
  summary: "list the versions of a file, oldest first",
  usage: "PATH",
  options: [],
  arguments: { least: 1, most: 1 },
  async run(context) {
    const client = await context.client();
    const filename = context.args[0]!;
    const action = `Cannot list the versions of ${quoted(filename)}`;
    const data = await client.request("VERSIONS", { filename }, action, { filename });
    const found = (Array.isArray(data.versions) ? data.versions : []) as VersionInfo[];
    context.output.event("done", { filename, versions: found });
    const rows = found.map((one) => [
      String(one.version),
      String(one.size),
      showTime(one.mtime),
      String(one.hash ?? "-"),
      String(one.filename),
    ]);
    for (const line of tableLines(rows, { right: [0, 1] })) context.output.result(line);
  },
};
