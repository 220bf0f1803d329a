import type { Command } from "../../options/command.ts";
import { findPassword } from "../../options/credentials.ts";
import { keepLogin, keptLogin } from "../../options/logins.ts";
import { NEW_PASSWORD_OPTION, newPassword } from "../../options/new_password.ts";
import { printable } from "../../../../common/printable.ts";
import { newToken } from "./login.ts";

/** `passwd` */
export const passwd: Command = {
  name: "passwd",
  summary: "change the own password; all tokens of the account are revoked",
  usage: "[--new-password-file FILE]",
  options: [NEW_PASSWORD_OPTION],
  arguments: { least: 0, most: 0 },
  details:
    `The present password is needed, a token is not enough. A login that is kept here is renewed; those
kept elsewhere end.`,
  async run(context) {
    const credentials = await findPassword(context);
    const client = await context.client(credentials);
    const { username } = client.identity;
    const new_password = await newPassword(context.values, username);
    const data = { password: credentials.password, new_password };
    await client.request("PASSWD", data, "Cannot change the password");
    const kept = keptLogin(context.config, context.login);
    if (context.config !== undefined && kept?.token !== undefined && kept.user === username) {
      const token = await newToken(client, context);
      keepLogin(context.config, { ...kept, user: username, ...token });
    }
    context.output.event("done", { username });
    context.output.result(printable(`The password of ${username} was changed`));
  },
};
