import type { Client } from "../../../lib/connection/client.ts";
import type { Command, Context } from "../../options/command.ts";
import { needConfig } from "../../../lib/connection/config.ts";
import { findCredentials } from "../../options/credentials.ts";
import { usageError } from "../../../lib/common/error.ts";
import {
  keepLogin,
  keptLogin,
  type Login,
  type LoginName,
  makeDefault,
} from "../../options/logins.ts";
import { printable, quoted } from "../../../../common/printable.ts";

/** `login` */
export const login: Command = {
  name: "login",
  summary:
    "check user name and password, and keep a login for the server, the default one from now on",
  usage: "[USER] [--as NAME]",
  options: [{
    name: "as",
    value: "NAME",
    summary: "keep it under a name, for --profile",
    parse: profileName,
  }],
  arguments: { least: 0, most: 1 },
  details: `Keeps a token, never the password, in the config directory (file 600). Where the server
gives no tokens, only the user name is kept, and each command prompts for the password.
Commands without --server and --profile use the server of the last login.`,
  examples: [
    "login alice --server files.example.org:9000",
    "login alice --host files.example.org --port 9000",
    "login alice --server files.example.org:9000 --as work",
    "list / --profile work",
  ],
  async run(context) {
    const [user] = context.args;
    if (user !== undefined) {
      const { values } = context;
      if (values.given("user") && values.text("user") !== user) {
        throw usageError(`${quoted(user)} and --user name different users: give one of them`);
      }
      values.give("user", user);
    }
    const config = needConfig(context.config);
    const server = context.endpoint.name;
    const credentials = await findCredentials(context, false);
    const client = await context.client(credentials);
    const { username } = client.identity;
    const profile = context.values.text("as") ?? context.login.profile;
    const name: LoginName = { server, profile };
    const kept: Login = { server, ...(profile !== undefined && { profile }), user: username };
    if ("token" in credentials) kept.token = credentials.token;
    else Object.assign(kept, await newToken(client, context));
    const before = keptLogin(config, name);
    try {
      keepLogin(config, kept);
      makeDefault(config, name);
    } catch (error) {
      // A token that is kept nowhere would be valid for ever.
      if (kept.token_id !== undefined) await client.ask("REVOKE", { token_id: kept.token_id });
      throw error;
    }
    // The previous token has no further use.
    const stale = before?.user === username && before.token_id !== kept.token_id;
    if (stale && before.token_id !== undefined && !("token" in credentials)) {
      await client.ask("REVOKE", { token_id: before.token_id });
    }
    const token = kept.token !== undefined;
    context.output.event("done", {
      server,
      profile: profile ?? null,
      username,
      kept: token ? "token" : "user",
    });
    context.output.result(printable(`Logged in as ${username} at ${server}`));
    context.output.note(
      profile === undefined
        ? "Commands without --server go to this server from now on."
        : printable(`Commands go there with --profile ${profile}, and from now on without it.`),
    );
    if (!token) context.output.note("Each command will prompt for the password.");
  },
};

/** The reader of a profile's name. */
function profileName(text: string, option: string): string {
  if (/^[\p{L}\p{N}_][\p{L}\p{N}._@-]{0,63}$/u.test(text)) return text;
  throw usageError(`${option} must be a name of letters, digits and . _ @ -, not ${quoted(text)}`);
}

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
