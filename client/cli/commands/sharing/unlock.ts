import type { Command } from "../../options/command.ts";
import { quoted } from "../../../../common/printable.ts";

/** `unlock PATH` */
export const unlock: Command = {
  name: "unlock",
  summary: "end a lock of one's own, or break another account's",
  usage: "PATH [--force]",
  options: [
    {
      name: "force",
      summary: "also another account's lock: of one's own files, or as an administrator",
    },
  ],
  arguments: { least: 1, most: 1 },
  async run(context) {
    const client = await context.client();
    const filename = context.args[0]!;
    const force = context.values.flag("force");
    const action = `Cannot unlock ${quoted(filename)}`;
    await client.request("UNLOCK", { filename, force }, action, { filename });
    context.output.event("done", { filename });
  },
};
