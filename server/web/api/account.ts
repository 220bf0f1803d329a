/** Operations on the account itself, its tokens, and its shares. */
import { firstOf, MAX_LISTED } from "../request/first_of.ts";
import * as v from "valibot";
import { route } from "./route.ts";
import { text, whole } from "./schemas.ts";

/** The operation `GET /account`. */
export const readAccount = route({
  name: "readAccount",
  method: "get",
  at: "/account",
  letters: "",
  summary: "Returns the account, its permissions and its usage.",
  replies: { 200: "{account, letters, usedBytes, reservedBytes, quotaBytes, confinedTo}" },
  async run({ c, session: { account, view } }) {
    const letters = await view.permissions.letters();
    const confinedTo = view.principal.token?.path ?? "/";
    return c.json({ account, letters, ...await view.account.usage(), confinedTo });
  },
});

/** The operation `GET /tokens`. */
export const listTokens = route({
  name: "listTokens",
  method: "get",
  at: "/tokens",
  letters: "",
  summary: "Lists the account's tokens, oldest first, without their secrets.",
  replies: { 200: "{tokens: [{id, label, letters, path, createdMs, lastUsedMs, expiresMs}]}" },
  async run({ c, session: { view } }) {
    const tokens = (await view.tokens.list())
      .map(({ hash: _hash, account: _account, ...token }) => token);
    return c.json({ tokens });
  },
});

/** The operation `POST /tokens`. */
export const makeToken = route({
  name: "makeToken",
  method: "post",
  at: "/tokens",
  letters: "",
  summary: "Creates a token; only this reply contains its secret. Needs the password, not a token.",
  body: v.strictObject({
    label: v.exactOptional(text("Purpose of the token")),
    letters: v.exactOptional(text("Permissions of the token; the account must have them")),
    path: v.exactOptional(text("The directory that it is confined to")),
    ttlMs: v.exactOptional(whole("How long it holds, ms")),
  }),
  replies: { 201: "{id, token}" },
  async run({ c, session: { view }, body }) {
    const { record, secret } = await view.tokens.make(body);
    return c.json({ id: record.id, token: secret }, 201);
  },
});

/** The operation `DELETE /tokens/{path}`. */
export const revokeToken = route({
  name: "revokeToken",
  method: "delete",
  at: "/tokens/{path}",
  letters: "",
  summary: "Revokes a token, by its id.",
  replies: { 204: "It is void." },
  async run({ c, session: { view }, path }) {
    const id = path.slice(1);
    // A token may give up itself, and no other.
    if (view.principal.token?.id === id) await view.tokens.giveUp();
    else await view.tokens.revoke(id);
    return c.body(null, 204);
  },
});

/** The operation `GET /shares`. */
export const listShares = route({
  name: "listShares",
  method: "get",
  at: "/shares",
  letters: "",
  summary: "Lists the account's own shares, and those of others with it.",
  replies: { 200: "{byMe, withMe: [{owner, guest, path, shown, letters, expiresMs}], more?}" },
  async run({ c, session: { view } }) {
    const byMe = await firstOf(view.sharing.sharedByMe(), MAX_LISTED);
    const withMe = await firstOf(view.sharing.sharedWithMe(), MAX_LISTED);
    const more = byMe.more || withMe.more;
    return c.json({ byMe: byMe.shown, withMe: withMe.shown, ...(more && { more }) });
  },
});

/** The operation `POST /shares`. */
export const share = route({
  name: "share",
  method: "post",
  at: "/shares",
  letters: "r",
  summary: "Shares a file or directory with an account.",
  body: v.strictObject({
    path: text("Path of one's own"),
    guest: text("An account, a group such as @staff, or * for all"),
    letters: v.exactOptional(text("Of rwcd (default r)")),
    expiresMs: v.exactOptional(whole("When it ends, ms since the epoch")),
  }),
  replies: { 201: "{owner, guest, path, shown, letters, expiresMs}" },
  async run({ c, session: { view }, body }) {
    return c.json(await view.sharing.share({ letters: "r", ...body }), 201);
  },
});

/** The operation `DELETE /shares/{path}`. */
export const unshare = route({
  name: "unshare",
  method: "delete",
  at: "/shares/{path}",
  letters: "",
  summary: "Ends the shares of a path, or the one with an account.",
  query: v.object({ guest: v.exactOptional(text("The account")) }),
  replies: { 204: "It is not shared any more." },
  async run({ c, session: { view }, path, query: { guest } }) {
    await view.sharing.unshare(path, guest);
    return c.body(null, 204);
  },
});
