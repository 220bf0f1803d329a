import type { Client } from "../../../lib/connection/client.ts";
import type { Command, Context } from "../../options/command.ts";
import { needConfig } from "../../../lib/connection/config.ts";
import { findCredentials } from "../../options/credentials.ts";
import { keepLogin, keptLogin, type Login } from "../../options/logins.ts";
import { printable } from "../../../../common/printable.ts";

/** `login` */
export const login: Command = {
  name: "login",
  summary: "check user name and password, and keep a login for the server",
  usage: "",
  options: [],
  arguments: { least: 0, most: 0 },
  details:
    "Keeps a token, never the password, in the config directory (file 600). Where the server\ngives no tokens, only the user name is kept, and each command prompts for the password.",
  examples: ["login --server files.example.org:9000 --user alice"],
  async run(context) {
    const config = needConfig(context.config);
    const server = context.endpoint.name;
    const credentials = await findCredentials(context, false);
    const client = await context.client(credentials);
    const { username } = client.identity;
    const kept: Login = { server, user: username };
    if ("token" in credentials) kept.token = credentials.token;
    else Object.assign(kept, await newToken(client, context));
    const before = keptLogin(config, server);
    keepLogin(config, kept);
    // The previous token has no further use.
    const stale = before?.user === username && before.token_id !== kept.token_id;
    if (stale && before.token_id !== undefined && !("token" in credentials)) {
      await client.ask("REVOKE", { token_id: before.token_id });
    }
    const token = kept.token !== undefined;
    context.output.event("done", { server, username, kept: token ? "token" : "user" });
    context.output.result(printable(`Logged in as ${username} at ${server}`));
    if (!token) context.output.note("Each command will prompt for the password.");
  },
};

/** A token of the server's; nothing where it gives none. */
export async function newToken(client: Client, context: Context): Promise<Partial<Login>> {
  const reply = await client.ask("TOKEN", { label: "client login" });
  const { token, token_id } = reply.data;
  if (reply.status === "OK" && typeof token === "string") {
    return { token, ...(typeof token_id === "string" && { token_id }) };
  }
  if (reply.status !== "UNKNOWN_COMMAND" && reply.status !== "UNSUPPORTED") {
    context.output.note(
      printable(`The server gave no token: ${reply.data.message ?? reply.status}`),
    );
  }
  return {};
}
