import type { Credentials } from "../client.ts";
import type { Command, Context } from "../command.ts";
import { needConfig } from "../config.ts";
import { givenPassword } from "../credentials.ts";
import { ClientError } from "../error.ts";
import { forgetLogin, keptLogin, type Login } from "../logins.ts";
import { printable } from "../text.ts";

/** `logout` */
export const logout: Command = {
  name: "logout",
  summary: "forget the login kept for the server, and revoke its token",
  usage: "",
  options: [],
  arguments: { least: 0, most: 0 },
  details:
    "A token cannot revoke itself: the server is told only where TOWPATH_PASSWORD or\n--password-file gives the password.",
  async run(context) {
    const config = needConfig(context.config);
    const server = context.endpoint.name;
    const kept = keptLogin(config, server);
    forgetLogin(config, server);
    const revoked = kept?.token_id === undefined ? false : await revoke(context, kept);
    context.output.event("done", { server, username: kept?.user ?? null, revoked });
    if (kept === undefined) context.output.note(`There was no login for ${server}.`);
    else context.output.result(printable(`Logged out ${kept.user} at ${server}`));
    if (kept?.token_id !== undefined && !revoked) {
      context.output.note(
        printable(
          `The token is forgotten here, but still valid at the server: revoke ${kept.token_id} there.`,
        ),
      );
    }
  },
};

async function revoke(context: Context, kept: Login): Promise<boolean> {
  const password = givenPassword(context.values);
  const credentials: Credentials = password === undefined
    ? { token: kept.token! }
    : { username: kept.user, password };
  try {
    const client = await context.client(credentials);
    return (await client.ask("REVOKE", { token_id: kept.token_id })).status === "OK";
  } catch (error) {
    if (error instanceof ClientError) return false;
    throw error;
  }
}
