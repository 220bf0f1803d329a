import type { Command } from "../options/command.ts";
import { forEachArgument } from "../options/each.ts";
import { replyError } from "../../lib/common/error.ts";
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
      const reply = await client.ask("DELE", { filename });
      if (reply.status === "OK") return { filename };
      const advice = reply.status === "IS_A_DIRECTORY"
        ? "Use rmdir, or rmdir -r with everything in it"
        : undefined;
      throw replyError(reply, `Cannot remove ${quoted(filename)}`, filename, advice);
    });
  },
};
