import type { Command } from "../options/command.ts";
import { forEachArgument } from "../options/each.ts";
import { quoted } from "../../../common/printable.ts";

/** `rm PATH…` */
export const rm: Command = {
  name: "rm",
  summary: "remove files",
  usage: "PATH...",
  options: [],
  arguments: { least: 1 },
  async run(context) {
    const client = await context.client();
    await forEachArgument(context, async (filename) => {
      await client.request("DELE", { filename }, `Cannot remove ${quoted(filename)}`, { filename });
      return { filename };
    });
  },
};
