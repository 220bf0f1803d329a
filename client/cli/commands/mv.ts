import type { Command } from "../options/command.ts";
import { remoteTarget } from "../tree/remote_place.ts";
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
    await client.request("RENAME", { from, to: target, overwrite }, action, { filename: from });
    context.output.event("done", { filename: target });
    context.output.result(printable(target));
  },
};
