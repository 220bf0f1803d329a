/** Logging in and out (RFC 959 section 4.1.1). */
import { AuthError } from "../../auth/authenticator.ts";
import type { CommandRow, Context } from "../context/context.ts";
import { reply, ReplyError } from "../context/reply.ts";

/** Wrong passwords after which a connection is closed. */
const MAX_WRONG_PASSWORDS = 5;

/** Refuses what contains a password without TLS. @throws {ReplyError} 530 */
export function requireSecrecy({ control, settings }: Context): void {
  if (control.secure || settings.allowPlain) return;
  throw new ReplyError(530, "Passwords go over TLS here: send AUTH TLS first");
}

/** The command `USER`. */
export const user: CommandRow = {
  name: "USER",
  needsLogin: false,
  letters: "",
  syntax: "name",
  summary: "Names the user to log in as; PASS follows.",
  async run(context, name) {
    requireSecrecy(context);
    context.leave();
    context.userName = name;
    if (await context.services.authenticator.anonymous.is(name, "ftp")) {
      return reply(331, "Send any password, such as your address, with PASS (RFC 1635)");
    }
    return reply(331, "Send the password with PASS");
  },
};

/** The command `PASS`. */
export const pass: CommandRow = {
  name: "PASS",
  needsLogin: false,
  letters: "",
  syntax: "password",
  summary: "Logs in as the user that USER named.",
  async run(context, password) {
    const name = context.userName;
    context.userName = undefined;
    if (name === undefined) throw new ReplyError(503, "PASS comes after USER");
    const { authenticator } = context.services;
    if (await authenticator.anonymous.is(name, "ftp")) {
      const { account, published } = await authenticator.anonymous.enter(context.origin);
      await context.enter(account, { published });
      return reply(230, "Logged in without an account: you may read what is published");
    }
    try {
      await context.enter(await authenticator.login(name, password, context.origin));
    } catch (error) {
      if (!(error instanceof AuthError)) throw error;
      if (++context.wrongPasswords >= MAX_WRONG_PASSWORDS) context.closeAfterReply();
      throw error;
    }
    context.wrongPasswords = 0;
    return reply(230, "Logged in");
  },
};

/** The command `ACCT`. */
export const account: CommandRow = {
  name: "ACCT",
  letters: "",
  syntax: "name",
  summary: "Accepted without effect: a user has one account.",
  run: () => reply(202, "There is one account for each user"),
};

/** The command `REIN`. */
export const reinitialize: CommandRow = {
  name: "REIN",
  letters: "",
  syntax: "",
  summary: "Logs out; the connection stays, and TLS with it.",
  run(context) {
    context.leave();
    context.ascii = true;
    context.data.compression.on = false;
    context.onlyEpsv = false;
    return reply(220, "Logged out; ready for a new user");
  },
};

/** The command `QUIT`. */
export const quit: CommandRow = {
  name: "QUIT",
  needsLogin: false,
  letters: "",
  syntax: "",
  summary: "Closes the connection, once a running transfer has ended.",
  atOnce: true,
  run(context) {
    context.closeAfterReply();
    return reply(221, "Goodbye");
  },
};
