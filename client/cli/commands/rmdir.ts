import type { Command } from "../options/command.ts";
import { forEachArgument } from "../options/each.ts";
import { quoted } from "../../../common/printable.ts";

/** `rmdir [-r] PATH…` */
export const rmdir: Command = {
  name: "rmdir",
  summary: "remove directories",
  usage: "[-r] PATH...",
  options: [{ name: "recursive", short: "r", summary: "with everything in them" }],
  arguments: { least: 1 },
  async run(context) {
    const client = await context.client();
    const recursive = context.values.flag("recursive");
    await forEachArgument(context, async (path) => {
      const action = `Cannot remove the directory ${quoted(path)}`;
      const options = { filename: path, slow: recursive };
      await client.request("RMD", { path, recursive }, action, options);
      return { filename: path };
    });
  },
};
