import type { Command, Context } from "../../options/command.ts";
import { needConfig } from "../../../lib/connection/config.ts";
import { ClientError, ExitCode } from "../../../lib/common/error.ts";
import { forgetLogin, keptLogin } from "../../options/logins.ts";
import { printable } from "../../../../common/printable.ts";

/** `logout` */
export const logout: Command = {
  name: "logout",
  summary: "delete the kept login, and revoke its token",
  usage: "",
  options: [],
  arguments: { least: 0, most: 0 },
  async run(context) {
    const config = needConfig(context.config);
    const server = context.endpoint.name;
    const kept = keptLogin(config, context.login);
    forgetLogin(config, context.login);
    const revoked = kept?.token === undefined ? false : await revoke(context, kept.token);
    context.output.event("done", { server, username: kept?.user ?? null, revoked });
    if (kept === undefined) context.output.note(`There was no login for ${server}.`);
    else context.output.result(printable(`Logged out ${kept.user} at ${server}`));
    if (kept?.token_id !== undefined && !revoked) {
      context.output.note(
        printable(
          `The token was deleted here, but the server could not be reached: revoke ${kept.token_id} there.`,
        ),
      );
    }
  },
};

/** Revokes the token. @returns whether it is invalid now */
async function revoke(context: Context, token: string): Promise<boolean> {
  try {
    const client = await context.client({ token });
    return (await client.ask("REVOKE")).status === "OK";
  } catch (error) {
    if (error instanceof ClientError) return error.exitCode === ExitCode.login; // void already
    throw error;
  }
}
