import type { Command } from "../options/command.ts";
import { quoted } from "../../../common/printable.ts";
import { tableLines } from "../../../common/table.ts";

/** `why PATH` */
export const why: Command = {
  name: "why",
  summary: "name the rule that allows or denies each permission for a path",
  usage: "PATH",
  options: [],
  arguments: { least: 1, most: 1 },
  async run(context) {
    const client = await context.client();
    const path = context.args[0]!;
    const data = await client.request("WHY", { path }, `Cannot explain ${quoted(path)}`, {
      filename: path,
    });
    const letters = (Array.isArray(data.letters) ? data.letters : []) as Record<string, unknown>[];
    context.output.event("done", { path: data.path ?? path, letters });
    const rows = letters.map(({ letter, allowed, rule }) => [
      String(letter),
      allowed === true ? "allowed" : "denied",
      String(rule),
    ]);
    for (const line of tableLines(rows)) context.output.result(line);
  },
};
