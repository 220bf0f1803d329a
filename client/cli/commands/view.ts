import { Buffer } from "node:buffer";
import type { Command } from "../options/command.ts";
import { integer } from "../options/options.ts";
import { printable, quoted } from "../../../common/printable.ts";
import { formatSize } from "../../../common/size.ts";

/** `view PATH` */
export const view: Command = {
  name: "view",
  summary: "show the beginning of a file",
  usage: "PATH",
  options: [
    {
      name: "bytes",
      value: "N",
      default: "1024",
      summary: "how much of it, at most 65536",
      parse: integer(0, 65_536),
    },
  ],
  arguments: { least: 1, most: 1 },
  details: "On a terminal control characters are shown as escapes; elsewhere the bytes are as is.",
  async run(context) {
    const client = await context.client();
    const filename = context.args[0]!;
    const bytes = context.values.number("bytes");
    const action = `Cannot view ${quoted(filename)}`;
    const data = await client.request("VIEW", { filename, bytes }, action, { filename });
    const { output } = context;
    const { content, encoding, size, truncated } = data;
    output.event("done", { filename, size, content, encoding, truncated });
    if (output.json) return;
    const text = String(content);
    if (Deno.stdout.isTerminal()) {
      if (encoding === "base64") output.note(`${quoted(filename)} is not text.`);
      else {for (const line of text.split("\n")) {
          output.result(printable(line.replaceAll("\t", "    ")));
        }}
    } else {
      output.raw(Buffer.from(text, encoding === "base64" ? "base64" : "utf-8"));
    }
    if (truncated === true) output.note(`(of ${formatSize(Number(size))} in all)`);
  },
};
