import type { Command } from "../options/command.ts";
import { forEachArgument } from "../options/each.ts";
import { replyError } from "../../lib/common/error.ts";
import { quoted } from "../../../common/printable.ts";

/** `mkdir PATH…` */
export const mkdir: Command = {
  name: "mkdir",
  summary: "make directories",
  usage: "PATH...",
  options: [
    { name: "parents", short: "p", summary: "make missing parents; an existing one is no error" },
  ],
  arguments: { least: 1 },
  async run(context) {
    const client = await context.client();
    const make_dirs = context.values.flag("parents");
    await forEachArgument(context, async (path) => {
      const action = `Cannot make the directory ${quoted(path)}`;
      const reply = await client.ask("MKD", { path, make_dirs });
      if (reply.status === "OK") return { filename: reply.data.path ?? path };
      const advice = "missing" in reply.data ? "Add -p to make it too" : undefined;
      throw replyError(reply, action, path, advice);
    });
  },
};
