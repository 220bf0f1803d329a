import type { Command } from "../../options/command.ts";
import { quoted } from "../../../../common/printable.ts";
import { lockLines } from "../../../../common/admin/tables.ts";

/** `locks [PATH]` */
export const locks: Command = {
  name: "locks",
  summary: "list locks in my files, and my own in those of others",
  usage: "[PATH]",
  options: [],
  arguments: { least: 0, most: 1 },
  async run(context) {
    const client = await context.client();
    const filename = context.args[0];
    const action = `Cannot list the locks${
      filename === undefined ? "" : ` of ${quoted(filename)}`
    }`;
    const data = await client.request("LOCKS", { filename }, action);
    const found = (Array.isArray(data.locks) ? data.locks : []) as Record<string, unknown>[];
    context.output.event("done", { locks: found });
    for (const line of found.length === 0 ? [] : lockLines(found)) context.output.result(line);
    if (found.length === 0) context.output.note("Nothing is locked.");
  },
};
