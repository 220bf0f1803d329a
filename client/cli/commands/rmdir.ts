import type { Command } from "../options/command.ts";
import { forEachArgument } from "../options/each.ts";
import { replyError } from "../../lib/common/error.ts";
import { quoted } from "../../../common/printable.ts";

/** Advice by status. */
const ADVICE: Record<string, string> = {
  NOT_EMPTY: "Add -r to remove it with everything in it",
  NOT_A_DIRECTORY: "Use rm to remove a file",
};

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
      const reply = await client.ask("RMD", { path, recursive }, { slow: recursive });
      if (reply.status === "OK") return { filename: path };
      throw replyError(reply, action, path, ADVICE[reply.status]);
    });
  },
};
