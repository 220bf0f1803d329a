import type { Command } from "../../options/command.ts";
import { quoted } from "../../../../common/printable.ts";

/** `unshare PATH [USER]` */
export const unshare: Command = {
  name: "unshare",
  summary: "end a share with one account, or all shares of that path, at once",
  usage: "PATH [USER]",
  options: [],
  arguments: { least: 1, most: 2 },
  async run(context) {
    const client = await context.client();
    const [filename, username] = context.args as [string, string?];
    const action = `Cannot end the sharing of ${quoted(filename)}`;
    await client.request("UNSH", { filename, username }, action, { filename });
    context.output.event("done", { filename, username: username ?? null });
  },
};
