/** Sharing with other accounts (docs/protocol.md, "Sharing"). */
import { groupOf } from "../../../storage/contract/books/group_book.ts";
import type { ShareInfo } from "../../../storage/people/sharing.ts";
import { command } from "../context/context.ts";
import { fitting } from "../context/fitting.ts";

/** The command `SHAR`. */
export const share = command({
  name: "SHAR",
  letters: "",
  summary: "Shares a file or directory with an account, a group (@name), or * for everybody.",
  reply: "OK {owner, username, filename, path, permissions, expires}",
  async run(context, { data }) {
    const info = await context.view.sharing.share({
      path: context.resolve(data.filename),
      guest: data.username,
      letters: data.permissions ?? "r",
      ...(data.expires === undefined ? {} : { expiresMs: data.expires }),
    });
    return { data: toOwnShare(info) };
  },
});

/** The command `UNSH`. */
export const unshare = command({
  name: "UNSH",
  letters: "",
  summary: "Ends a share with one account or group, or all shares of that path, at once.",
  reply: "OK",
  async run(context, { data }) {
    await context.view.sharing.unshare(context.resolve(data.filename), data.username);
    return { data: {} };
  },
});

/** The command `SHWM`. */
export const sharedWithMe = command({
  name: "SHWM",
  letters: "",
  summary: "Lists the shares of others with the account.",
  reply: "OK {shares: [{owner, filename, path, permissions, expires, group?}], truncated?}",
  async run(context) {
    const withMe = context.view.sharing.sharedWithMe();
    const { items: shares, more } = await fitting(withMe, toShare);
    return { data: { shares, ...(more ? { truncated: true } : {}) } };
  },
});

/** The command `SHBY`. */
export const sharedByMe = command({
  name: "SHBY",
  letters: "",
  summary: "Lists the shares that the account made.",
  reply: "OK {shares: [{owner, username, filename, path, permissions, expires}], truncated?}",
  async run(context) {
    const mine = context.view.sharing.sharedByMe();
    const { items: shares, more } = await fitting(mine, toOwnShare);
    return { data: { shares, ...(more ? { truncated: true } : {}) } };
  },
});

/** A share as a guest sees it, with the group that it is with. */
function toShare({ owner, guest, path, shown, letters, expiresMs }: ShareInfo) {
  const share = { owner, filename: path, path: shown, permissions: letters, expires: expiresMs };
  return groupOf(guest) === undefined ? share : { ...share, group: guest };
}

/** A share as its owner sees it. */
function toOwnShare({ owner, guest, path, shown, letters, expiresMs }: ShareInfo) {
  return {
    owner,
    username: guest,
    filename: path,
    path: shown,
    permissions: letters,
    expires: expiresMs,
  };
}
