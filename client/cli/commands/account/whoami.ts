import type { Command } from "../../options/command.ts";
import { printable } from "../../../../common/printable.ts";

/** `whoami` */
export const whoami: Command = {
  name: "whoami",
  summary: "show the logged-in account and its permissions",
  usage: "",
  options: [],
  arguments: { least: 0, most: 0 },
  async run(context) {
    const client = await context.client();
    const server = client.endpoint.name;
    const { username, permissions, role } = client.identity;
    context.output.event("done", { username, permissions, role, server });
    context.output.result(printable(username));
    context.output.note(printable(`${role} at ${server}, letters ${permissions || "none"}`));
  },
};
