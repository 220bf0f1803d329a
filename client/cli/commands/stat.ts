import type { Command } from "../options/command.ts";
import { forEachArgument } from "../options/each.ts";
import { showMembers } from "../terminal/show.ts";
import { quoted } from "../../../common/printable.ts";

/** `stat PATH…` */
export const stat: Command = {
  name: "stat",
  summary: "show all metadata of files and directories",
  usage: "PATH...",
  options: [],
  arguments: { least: 1 },
  async run(context) {
    const client = await context.client();
    await forEachArgument(context, async (filename) => {
      const action = `Cannot read ${quoted(filename)}`;
      const data = await client.request("STAT", { filename }, action, { filename });
      const shown = { filename, ...data };
      for (const line of showMembers(shown)) context.output.result(line);
      return shown;
    });
  },
};
