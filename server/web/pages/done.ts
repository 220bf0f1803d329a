/**
 * Messages of a page about the request that led to it. The address contains only a word of this
 * table and a number, so that no address can make a page show any other text.
 */
import type { WebContext } from "../request/env.ts";
import { counted } from "../../../common/counted.ts";
import { withQuery } from "../ui/href.ts";

const SENTENCES = {
  made: () => "The folder was created",
  renamed: () => "The name was changed",
  moved: (n: number) => `${counted(n, "entry was", "entries were")} moved`,
  copied: (n: number) => `${counted(n, "file was", "files were")} copied`,
  deleted: (n: number) => `${counted(n, "entry was", "entries were")} deleted`,
  uploaded: (n: number) => `${counted(n, "file was", "files were")} stored`,
  shared: () => "It is shared",
  unshared: () => "The share has ended",
  locked: () => "It is locked",
  unlocked: () => "It is not locked any more",
  unlinked: () => "The link has ended",
  password: () => "The password was changed; other sessions and all tokens have ended",
  revoked: () => "The token is revoked",
  signedout: () => "That browser is signed out",
  account: () => "The account was created",
  letters: () => "The permissions were changed",
  quota: () => "The quota was changed",
  validity: () => "The state of the account was changed",
  reset: () => "The password was changed; the account's sessions and tokens have ended",
  removed: () => "The account was removed",
  group: () => "The group was created",
  joined: () => "The account is in the group",
  left: () => "The account is not in the group any more",
  ungrouped: () => "The group was removed",
  limited: () => "The limits were set; the server follows within a second",
  banned: () => "It is banned",
  unbanned: () => "The ban was lifted",
  mounted: () => "The directory is mounted; the server follows within seconds",
  unmounted: () => "The mount has ended",
  kicked: () => "The session has ended",
  dropped: () => "The upload was dropped",
} as const;

/** Actions whose result a page can show. */
export type Done = keyof typeof SENTENCES;

/** Leads to a page that says what was done. */
export function doneAt(c: WebContext, address: string, done: Done, count = 1): Response {
  const [path, query] = address.split("?", 2);
  const parameters = Object.fromEntries(new URLSearchParams(query ?? ""));
  return c.redirect(withQuery(path!, { ...parameters, did: `${done}-${count}` }), 303);
}

/** The sentence that this page is to say, if any. */
export function toastOf(c: WebContext): string | undefined {
  const match = /^([a-z]+)-(\d{1,9})$/.exec(c.req.query("did") ?? "");
  if (match === null || !Object.hasOwn(SENTENCES, match[1]!)) return undefined;
  return SENTENCES[match[1] as Done](Number(match[2]));
}
