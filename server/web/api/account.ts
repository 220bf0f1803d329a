/** The account itself, its tokens, and what it shares. */
import { firstOf, MAX_LISTED } from "../first_of.ts";
import { type Field, route } from "./route.ts";
import { bodyOf } from "./values.ts";

export const readAccount = route({
  name: "readAccount",
  method: "get",
  at: "/account",
  letters: "",
  summary: "Tells who acts, and how much is used.",
  replies: { 200: "{account, letters, usedBytes, reservedBytes, quotaBytes, confinedTo}" },
  async run({ c, session: { account, view } }) {
    const letters = await view.letters();
    const confinedTo = view.principal.token?.path ?? "/";
    return c.json({ account, letters, ...await view.usage(), confinedTo });
  },
});

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

const TOKEN = {
  label: { type: "string", summary: "What it is for" },
  letters: { type: "string", summary: "No more than these of the account's letters" },
  path: { type: "string", summary: "The directory that it is confined to" },
  ttlMs: { type: "integer", summary: "How long it holds, ms" },
} satisfies Record<string, Field>;

export const makeToken = route({
  name: "makeToken",
  method: "post",
  at: "/tokens",
  letters: "",
  summary: "Makes a token; its secret is told this once. Needs the password, not a token.",
  body: TOKEN,
  replies: { 201: "{id, token}" },
  async run({ c, session: { view } }) {
    const { record, secret } = await view.tokens.make(await bodyOf(c, TOKEN));
    return c.json({ id: record.id, token: secret }, 201);
  },
});

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

export const listShares = route({
  name: "listShares",
  method: "get",
  at: "/shares",
  letters: "",
  summary: "Lists what the account shares, and what is shared with it.",
  replies: { 200: "{byMe, withMe: [{owner, guest, path, shown, letters, expiresMs}], more?}" },
  async run({ c, session: { view } }) {
    const byMe = await firstOf(view.sharing.sharedByMe(), MAX_LISTED);
    const withMe = await firstOf(view.sharing.sharedWithMe(), MAX_LISTED);
    const more = byMe.more || withMe.more;
    return c.json({ byMe: byMe.shown, withMe: withMe.shown, ...(more && { more }) });
  },
});

const SHARE = {
  path: { type: "string", required: true, summary: "Path of one's own" },
  guest: { type: "string", required: true, summary: "An account, or * for all" },
  letters: { type: "string", summary: "Of rwcd (default r)" },
  expiresMs: { type: "integer", summary: "When it ends, ms since the epoch" },
} satisfies Record<string, Field>;

export const share = route({
  name: "share",
  method: "post",
  at: "/shares",
  letters: "r",
  summary: "Shares a file or directory with an account.",
  body: SHARE,
  replies: { 201: "{owner, guest, path, shown, letters, expiresMs}" },
  async run({ c, session: { view } }) {
    const { path, guest, letters = "r", expiresMs } = await bodyOf(c, SHARE);
    const shared = await view.sharing.share({
      path: path as string,
      guest: guest as string,
      letters: letters as string,
      ...(expiresMs === undefined ? {} : { expiresMs: expiresMs as number }),
    });
    return c.json(shared, 201);
  },
});

export const unshare = route({
  name: "unshare",
  method: "delete",
  at: "/shares/{path}",
  letters: "",
  summary: "Ends the shares of a path, or the one with an account.",
  query: { guest: { type: "string", summary: "The account" } },
  replies: { 204: "It is not shared any more." },
  async run({ c, session: { view }, path }) {
    await view.sharing.unshare(path, c.req.query("guest"));
    return c.body(null, 204);
  },
});
