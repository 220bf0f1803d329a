/** Sharing with other accounts (docs/protocol.md, "Sharing"). */
import type { ShareInfo } from "../../../storage/people/sharing.ts";
import { command } from "../context/context.ts";
import { fitting } from "../context/fitting.ts";

/** The command `SHAR`. */
export const share = command({
  name: "SHAR",
  letters: "",
  summary: "Shares a file or directory of one's own with an account, or with * for everybody.",
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
  summary: "Ends a share with one account, or all shares of that path, at once.",
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
  reply: "OK {shares: [{owner, filename, path, permissions, expires}], truncated?}",
  async run(context) {
    const { items: shares, more } = await fitting(context.view.sharing.sharedWithMe(), toShare);
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

function toShare({ owner, path, shown, letters, expiresMs }: ShareInfo) {
  return { owner, filename: path, path: shown, permissions: letters, expires: expiresMs };
}

function toOwnShare(info: ShareInfo) {
  return { ...toShare(info), username: info.guest };
}
