import type { ListEntry } from "../../../protocol/wire.ts";
import type { Command } from "../options/command.ts";
import { listRemote } from "../../lib/listing.ts";
import { printable, quoted } from "../../../common/printable.ts";
import { formatSize } from "../../../common/size.ts";
import { tableLines } from "../../../common/table.ts";
import { showLocalTime, showTime } from "../terminal/show_time.ts";

/** `list [PATH] [-r] [-l] [--hash]` */
export const list: Command = {
  name: "list",
  summary: "list a directory",
  usage: "[PATH] [-r] [-l] [--hash]",
  options: [
    { name: "recursive", short: "r", summary: "with everything below" },
    { name: "long", short: "l", summary: "with size, time and name" },
    { name: "hash", summary: "with SHA-256 too; implies -l" },
  ],
  arguments: { least: 0, most: 1 },
  details:
    `On a terminal the names of directories end with /, locks are shown, and -l shows rounded sizes and
local times.
Elsewhere, for scripts, names are plain, and -l shows bytes, times in UTC and the SHA-256.`,
  async run(context) {
    const client = await context.client();
    const path = context.args[0];
    const { output, values } = context;
    const terminal = Deno.stdout.isTerminal();
    const hashes = values.flag("hash") || !terminal;
    const row = terminal ? terminalRow : scriptRow;
    const all: ListEntry[] = [];
    let count = 0;
    for await (const page of listRemote(client, path, values.flag("recursive"))) {
      count += page.length;
      if (output.json) all.push(...page);
      else if (values.flag("long") || values.flag("hash")) {
        const rows = page.map((entry) => row(entry, hashes));
        tableLines(rows, { right: [0] }).forEach((line) => output.result(line));
      } else {
        page.forEach((entry) => output.result(printable(terminal ? withLock(entry) : entry.name)));
      }
      if (output.failure !== undefined) break; // the output is closed
    }
    output.event("done", { path: path ?? "/", entries: all });
    if (count === 0) output.note(`${quoted(path ?? "/")} is empty.`);
  },
};

/** The name; a directory's ends with a slash. */
function marked({ name, type }: ListEntry): string {
  return type === "directory" ? `${name}/` : name;
}

/** The name for people, with the lock that others are to know of. */
function withLock(entry: ListEntry): string {
  const { lock } = entry;
  if (typeof lock !== "object" || lock === null) return marked(entry);
  return `${marked(entry)} (locked by ${lock.by} until ${showLocalTime(lock.until)})`;
}

function terminalRow(entry: ListEntry, hashes: boolean): string[] {
  const { type, size, mtime } = entry;
  const shown = type === "directory" ? "-" : formatSize(Number(size));
  return [shown, showLocalTime(mtime), ...hashOf(entry, hashes), withLock(entry)];
}

function scriptRow(entry: ListEntry, hashes: boolean): string[] {
  const shown = entry.type === "directory" ? "-" : String(entry.size);
  return [shown, showTime(entry.mtime), ...hashOf(entry, hashes), marked(entry)];
}

function hashOf({ hash }: ListEntry, wanted: boolean): string[] {
  return wanted ? [(hash ?? "-").padEnd(64)] : [];
}
