import type { Command } from "../options/command.ts";
import { remoteTarget } from "../tree/remote_place.ts";
import { replyError } from "../../lib/common/error.ts";
import { printable, quoted } from "../../../common/printable.ts";

/** `mv FROM TO` */
export const mv: Command = {
  name: "mv",
  summary: "rename or move a file or directory",
  usage: "FROM TO",
  options: [{ name: "overwrite", summary: "replace an existing file" }],
  arguments: { least: 2, most: 2 },
  details: "Where TO is an existing directory, or ends with a slash, FROM is moved into it.",
  async run(context) {
    const client = await context.client();
    const [from, to] = context.args as [string, string];
    const overwrite = context.values.flag("overwrite");
    const target = await remoteTarget(client, from, to);
    const action = `Cannot move ${quoted(from)} to ${quoted(target)}`;
    const reply = await client.ask("RENAME", { from, to: target, overwrite });
    if (reply.status !== "OK") {
      const taken = reply.status === "ALREADY_EXISTS" && !overwrite;
      const advice = taken ? "Add --overwrite to replace a file" : undefined;
      throw replyError(reply, action, from, advice);
    }
    context.output.event("done", { filename: target });
    context.output.result(printable(target));
  },
};
