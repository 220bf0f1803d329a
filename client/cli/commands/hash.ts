import type { Command } from "../options/command.ts";
import { forEachArgument } from "../options/each.ts";
import { printable, quoted } from "../../../common/printable.ts";

/** `hash PATH…` */
export const hash: Command = {
  name: "hash",
  summary: "show the SHA-256 of files, as sha256sum prints it",
  usage: "PATH...",
  options: [],
  arguments: { least: 1 },
  async run(context) {
    const client = await context.client();
    await forEachArgument(context, async (filename) => {
      const action = `Cannot hash ${quoted(filename)}`;
      const data = await client.request("HASH", { filename }, action, { filename, slow: true });
      context.output.result(`${printable(String(data.hash))}  ${printable(filename)}`);
      return { filename, hash: data.hash };
    });
  },
};
