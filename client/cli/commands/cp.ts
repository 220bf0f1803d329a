import type { Command } from "../options/command.ts";
import { IF_EXISTS_OPTIONS, ifExists } from "../options/if_exists.ts";
import { remoteTarget } from "../tree/remote_place.ts";
import { printable, quoted } from "../../../common/printable.ts";

/** `cp FROM TO` */
export const cp: Command = {
  name: "cp",
  summary: "copy a file at the server",
  usage: "FROM TO",
  options: IF_EXISTS_OPTIONS,
  arguments: { least: 2, most: 2 },
  details: "Where TO is an existing directory, or ends with a slash, FROM is copied into it.",
  async run(context) {
    const if_exists = ifExists(context.values);
    const client = await context.client();
    const [from, to] = context.args as [string, string];
    const target = await remoteTarget(client, from, to);
    const action = `Cannot copy ${quoted(from)} to ${quoted(target)}`;
    const request = { from, to: target, if_exists };
    const data = await client.request("COPY", request, action, { filename: from, slow: true });
    const filename = String(data.filename ?? target);
    context.output.event("done", { ...data, filename });
    context.output.result(printable(filename));
  },
};
