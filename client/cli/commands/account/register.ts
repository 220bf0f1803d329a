import { Client } from "../../../lib/connection/client.ts";
import type { Command } from "../../options/command.ts";
import { askUser, givenPassword } from "../../options/credentials.ts";
import { replyError } from "../../../lib/common/error.ts";
import { newPassword } from "../../options/new_password.ts";
import { printable } from "../../../../common/printable.ts";

/** `register` */
export const register: Command = {
  name: "register",
  summary: "make an account, where the server lets anyone do so",
  usage: "[--user NAME]",
  options: [],
  arguments: { least: 0, most: 0 },
  details: "The password is read from TOWPATH_PASSWORD or --password-file, or prompted for twice.",
  examples: ["register --server files.example.org:9000 --user alice"],
  async run(context) {
    const server = context.endpoint.name;
    const username = context.values.text("user") ?? await askUser(server);
    const password = givenPassword(context.values) ?? await newPassword(context.values, username);
    const reply = await Client.askWithoutLogin(context.connecting, "REG", { username, password });
    if (reply.status !== "OK") throw replyError(reply, `Cannot register at ${server}`);
    const permissions = String(reply.data.permissions ?? "");
    context.output.event("done", { server, username, permissions });
    context.output.result(printable(`Registered ${username} at ${server}`));
  },
};
