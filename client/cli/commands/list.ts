import type { ListEntry } from "../../../protocol/wire.ts";
import type { Command } from "../options/command.ts";
import { listRemote } from "../../lib/listing.ts";
import { printable } from "../../../common/printable.ts";
import { tableLines } from "../../../common/table.ts";
import { showTime } from "../terminal/show_time.ts";

/** `list [PATH] [-r] [-l]` */
export const list: Command = {
  name: "list",
  summary: "list a directory",
  usage: "[PATH] [-r] [-l]",
  options: [
    { name: "recursive", short: "r", summary: "with everything below" },
    { name: "long", short: "l", summary: "with size, time (UTC) and checksum" },
  ],
  arguments: { least: 0, most: 1 },
  async run(context) {
    const client = await context.client();
    const path = context.args[0];
    const { output, values } = context;
    const all: ListEntry[] = [];
    for await (const page of listRemote(client, path, values.flag("recursive"))) {
      if (output.json) all.push(...page);
      else if (values.flag("long")) {
        tableLines(page.map(row), { right: [0] }).forEach((line) => output.result(line));
      } else page.forEach((entry) => output.result(printable(entry.name)));
      if (output.failure !== undefined) break; // the rest would be listed in vain
    }
    output.event("done", { path: path ?? "/", entries: all });
  },
};

function row(entry: ListEntry): string[] {
  const directory = entry.type === "directory";
  return [
    directory ? "-" : String(entry.size),
    showTime(entry.mtime),
    (entry.hash ?? "-").padEnd(64),
    entry.name + (directory ? "/" : ""),
  ];
}
