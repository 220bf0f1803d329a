import type { Command, Context } from "../../options/command.ts";
import { needConfig } from "../../../lib/connection/config.ts";
import { destinationOf } from "../../options/endpoint.ts";
import { ClientError, ExitCode, usageError } from "../../../lib/common/error.ts";
import { forgetLogin, keptLogin } from "../../options/logins.ts";
import { printable, quoted } from "../../../../common/printable.ts";

/** `logout` */
export const logout: Command = {
  name: "logout",
  summary: "delete a kept login, the default one or that of a profile, and revoke its token",
  usage: "[PROFILE]",
  options: [],
  arguments: { least: 0, most: 1 },
  details: "Other logins stay. Without PROFILE, --profile and --server it is the default one.",
  examples: ["logout", "logout work", "logout --server files.example.org:9000"],
  async run(given) {
    const context = ofProfile(given);
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

/** The context of the login under the name that is given as an argument, if any. */
function ofProfile(context: Context): Context {
  const [profile] = context.args;
  if (profile === undefined) return context;
  if (["server", "profile"].some((name) => context.values.given(name))) {
    throw usageError(`${quoted(profile)} is a profile already: leave --server and --profile out`);
  }
  context.values.give("profile", profile);
  return Object.assign(context, destinationOf(context.values, context.config));
}

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
