/** Locks of paths (docs/protocol.md, "Locks"). */
import { lockInfo, lockRecordInfo } from "../../door/lock_info.ts";
import { command } from "../context/context.ts";
import { fitting } from "../context/fitting.ts";

/** The command `LOCK`. */
export const lock = command({
  name: "LOCK",
  letters: "w",
  summary: "Locks a path for the account: until a time no other account changes it.",
  reply: "OK {filename, owner, by, note, created, until, mine}",
  async run(context, { data: { filename, for_ms: lastsMs, note } }) {
    const path = context.resolve(filename);
    return { data: lockInfo(await context.view.locks.take({ path, lastsMs, note })) };
  },
});

/** The command `UNLOCK`. */
export const unlock = command({
  name: "UNLOCK",
  letters: "",
  summary: "Ends a lock; with force another account's, as its files' owner or as administrator.",
  reply: "OK {filename}",
  async run(context, { data: { filename, force = false, username } }) {
    const path = context.resolve(filename);
    const { locks } = context.view;
    if (username !== undefined) await locks.break(username, path);
    else await locks.end(path, { force });
    return { data: { filename: path } };
  },
});

/** The command `LOCKS`. */
export const listLocks = command({
  name: "LOCKS",
  letters: "",
  summary: "Lists the locks of a path and below it; an administrator's with all, of all accounts.",
  reply: "OK {locks: [{filename, owner, by, note, created, until, mine}], truncated?}",
  async run(context, { data: { filename, all = false } }) {
    const { locks } = context.view;
    const { items, more } = all
      ? await fitting(await locks.all(), lockRecordInfo)
      : await fitting(locks.seen(context.resolve(filename ?? "/")), lockInfo);
    return { data: { locks: items, ...(more ? { truncated: true } : {}) } };
  },
});
