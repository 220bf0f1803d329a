import type { Command } from "../../options/command.ts";
import { duration } from "../../options/options.ts";
import { printable, quoted } from "../../../../common/printable.ts";
import { showTime } from "../../terminal/show_time.ts";

/** `lock PATH` */
export const lock: Command = {
  name: "lock",
  summary: "lock a path, so that no other account changes it for a time",
  usage: "PATH [--for 15m] [--note TEXT]",
  options: [
    { name: "for", value: "DUR", default: "15m", summary: "how long, up to 24h", parse: duration },
    { name: "note", value: "TEXT", summary: "a sentence for others" },
  ],
  arguments: { least: 1, most: 1 },
  details: `A file, a directory with all that is below it, or a name that is to be used. Locking it
again prolongs the lock. It ends by itself, or with unlock.`,
  examples: [`lock /plan.odt --for 2h --note "I am writing chapter 2"`],
  async run(context) {
    const client = await context.client();
    const filename = context.args[0]!;
    const data = await client.request(
      "LOCK",
      { filename, for_ms: context.values.number("for"), note: context.values.text("note") },
      `Cannot lock ${quoted(filename)}`,
      { filename },
    );
    context.output.event("done", { filename, ...data });
    const end = typeof data.until === "number" ? ` until ${showTime(data.until)}` : "";
    context.output.result(printable(`${quoted(filename)} is locked${end}`));
  },
};
