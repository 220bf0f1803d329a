/** Locks of paths. */
import * as v from "valibot";
import type { LockInfo } from "../../../storage/tree/locks.ts";
import { firstOf, MAX_LISTED } from "../request/first_of.ts";
import { route } from "./route.ts";
import { switchInQuery, text, whole } from "./schemas.ts";

const LOCK = "{path, owner, by, note, createdMs, untilMs, mine}";

/** The operation `GET /locks/{path}`. */
export const listLocks = route({
  name: "listLocks",
  method: "get",
  at: "/locks/{path}",
  letters: "",
  summary: "Lists the locks at a path and below it that the account can see.",
  replies: { 200: `{locks: [${LOCK}], more?}` },
  async run({ c, session: { view }, path }) {
    const { shown, more } = await firstOf<LockInfo>(view.locks.seen(path), MAX_LISTED);
    return c.json({ locks: shown, ...(more && { more }) });
  },
});

/** The operation `PUT /locks/{path}`. */
export const lock = route({
  name: "lock",
  method: "put",
  at: "/locks/{path}",
  letters: "w",
  summary: "Locks a path for the account, or renews its lock: no other account changes the path.",
  body: v.strictObject({
    lastsMs: v.exactOptional(whole("How long, ms: 1 second to 24 hours (default 15 minutes)")),
    note: v.exactOptional(text("A sentence for others")),
  }),
  replies: { 200: LOCK },
  async run({ c, session: { view }, path, body }) {
    return c.json(await view.locks.take({ path, ...body }));
  },
});

/** The operation `DELETE /locks/{path}`. */
export const unlock = route({
  name: "unlock",
  method: "delete",
  at: "/locks/{path}",
  letters: "",
  summary: "Ends the account's lock of a path.",
  query: v.object({
    force: v.exactOptional(switchInQuery("Also another account's: for the files' owner and `t`")),
  }),
  replies: { 204: "It is not locked any more." },
  async run({ c, session: { view }, path, query: { force = false } }) {
    await view.locks.end(path, { force });
    return c.body(null, 204);
  },
});

/** The operation `GET /admin/locks`. */
export const listAllLocks = route({
  name: "listAllLocks",
  method: "get",
  at: "/admin/locks",
  letters: "t",
  summary: "Lists the locks of all accounts, by owner and path.",
  replies: { 200: "{locks: [{owner, path, account, note, createdMs, expiresMs}], more?}" },
  async run({ c, session: { view } }) {
    const { shown, more } = await firstOf(await view.locks.all(), MAX_LISTED);
    return c.json({ locks: shown, ...(more && { more }) });
  },
});

/** The operation `DELETE /admin/locks/{path}`. */
export const breakLock = route({
  name: "breakLock",
  method: "delete",
  at: "/admin/locks/{path}",
  letters: "t",
  summary: "Breaks a lock; the path begins with the account in whose tree it is.",
  replies: { 204: "It is not locked any more." },
  async run({ c, session: { view }, path }) {
    const [, owner = "", ...rest] = path.split("/");
    await view.locks.break(owner, `/${rest.join("/")}`);
    return c.body(null, 204);
  },
});
