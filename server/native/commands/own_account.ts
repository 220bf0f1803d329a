/** The own account: registering, password, tokens (docs/protocol.md, "Password and tokens"). */
import { command } from "../context/context.ts";

/** The command `REG`. */
export const register = command({
  name: "REG",
  needsLogin: false,
  letters: "",
  summary: "Makes an account, where the server lets anyone do so.",
  reply: "OK 200 {username, permissions}",
  async run(context, { data }) {
    const { username, password } = data;
    const permissions = await context.services.accounts.register(
      username,
      password,
      context.origin,
    );
    return { data: { message: "The account was made", username, permissions } };
  },
});

/** The command `PASSWD`. */
export const changePassword = command({
  name: "PASSWD",
  letters: "",
  summary: "Changes the own password; all tokens and other sessions of the account end.",
  reply: "OK 200",
  async run(context, { data }) {
    const passwords = { old: data.password, new: data.new_password };
    await context.services.accounts.changePassword(context.view, passwords, context.origin);
    return { data: { message: "The password was changed" } };
  },
});

/** The command `TOKEN`. */
export const makeToken = command({
  name: "TOKEN",
  letters: "",
  summary: "Creates a token that logs in without the password, optionally with fewer permissions.",
  reply: "OK {token_id, token, expires, permissions, path}",
  async run(context, { data }) {
    const { record, secret } = await context.view.tokens.make({
      ...(data.label === undefined ? {} : { label: data.label }),
      ...(data.ttl_ms === undefined ? {} : { ttlMs: data.ttl_ms }),
      ...(data.permissions === undefined ? {} : { letters: data.permissions }),
      ...(data.path === undefined ? {} : { path: context.resolve(data.path) }),
    });
    const { id, expiresMs, letters, path } = record;
    return {
      data: { token_id: id, token: secret, expires: expiresMs, permissions: letters, path },
    };
  },
});

/** The command `TOKENS`. */
export const listTokens = command({
  name: "TOKENS",
  letters: "",
  summary: "Lists the account's tokens; their secrets are kept nowhere.",
  reply: "OK {tokens: [{token_id, label, created, last_used, expires, permissions, path}]}",
  async run(context) {
    const tokens = (await context.view.tokens.list()).map((token) => ({
      token_id: token.id,
      label: token.label,
      created: token.createdMs,
      last_used: token.lastUsedMs,
      expires: token.expiresMs,
      permissions: token.letters,
      path: token.path,
    }));
    return { data: { tokens } };
  },
});

/** The command `REVOKE`. */
export const revokeToken = command({
  name: "REVOKE",
  letters: "",
  summary: "Revokes a token; its sessions end. Without `token_id`: the one that was shown.",
  reply: "OK",
  async run(context, { data }) {
    const { tokens } = context.view;
    await (data.token_id === undefined ? tokens.giveUp() : tokens.revoke(data.token_id));
    return { data: { message: "The token was revoked" } };
  },
});
