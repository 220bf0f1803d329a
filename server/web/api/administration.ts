/** Accounts, limits, sessions, logs and the server's state, for administrators (permission t). */
import * as v from "valibot";
import { COMMON_LIMITS, networks } from "../../../common/limit_schemas.ts";
import type { AccountLimits } from "../../../storage/contract/books/policy_book.ts";
import type { AccountInfo } from "../../../storage/people/administration.ts";
import { groupNames } from "../../door/account_info.ts";
import { limitChanges, limitsInfo } from "../../door/restriction_info.ts";
import { LOG_LEVELS, LOG_NAMES } from "../../../common/log_names.ts";
import { STATUS_INFO, statusInfo } from "../../door/status_info.ts";
import { firstOf, MAX_LISTED } from "../request/first_of.ts";
import { route } from "./route.ts";
import { choice, flag, text, whole, wholeInQuery } from "./schemas.ts";

const USER = "{account, letters, usedBytes, reservedBytes, quotaBytes, lastLoginMs, disabled, " +
  "expiresMs, groups, limits}";
const LETTERS = text("Permissions: letters of rwcdt");
const EXPIRY = v.nullable(whole("From when on it is void, ms since the epoch; null: never"));
const QUOTA = v.nullable(whole("Most bytes that it may hold; null: no limit"));

function userInfo(account: AccountInfo, limits: AccountLimits | undefined) {
  const { name, letters, usedBytes, reservedBytes, quotaBytes, lastLoginMs } = account;
  const { disabled, expiresMs } = account;
  const kept = limitsInfo(limits ?? {});
  return {
    account: name,
    letters,
    usedBytes,
    reservedBytes,
    quotaBytes,
    lastLoginMs,
    disabled,
    expiresMs,
    groups: groupNames(account),
    limits: kept,
  };
}

/** The operation `GET /admin/users`. */
export const listUsers = route({
  name: "listUsers",
  method: "get",
  at: "/admin/users",
  letters: "t",
  summary: "Lists the accounts by name.",
  replies: { 200: `{users: [${USER}], more?}` },
  async run({ c, session: { view } }) {
    const limits = await view.restrictions.allLimits();
    const { shown, more } = await firstOf(await view.administration.users(), MAX_LISTED);
    const users = shown.map((account) => userInfo(account, limits.get(account.name)));
    return c.json({ users, ...(more && { more }) });
  },
});

/** The operation `GET /admin/users/{path}`. */
export const readUser = route({
  name: "readUser",
  method: "get",
  at: "/admin/users/{path}",
  letters: "t",
  summary: "Describes an account, by its name.",
  replies: { 200: USER },
  async run({ c, session: { view }, path }) {
    const account = await view.administration.user(path.slice(1));
    return c.json(userInfo(account, await view.restrictions.limits(account.name)));
  },
});

/** The operation `POST /admin/users`. */
export const addUser = route({
  name: "addUser",
  method: "post",
  at: "/admin/users",
  letters: "t",
  summary: "Makes an account.",
  body: v.strictObject({
    account: text("Its name"),
    password: text("Its password"),
    letters: v.exactOptional(LETTERS),
    quotaBytes: v.exactOptional(QUOTA),
    expiresMs: v.exactOptional(EXPIRY),
  }),
  replies: { 201: "{account}" },
  async run({ c, services, session: { view, origin }, body }) {
    const { account: name, ...rest } = body;
    await services.accounts.add(view, { name, ...rest }, origin);
    return c.json({ account: name }, 201);
  },
});

/** The operation `PUT /admin/users/{path}`. */
export const changeUser = route({
  name: "changeUser",
  method: "put",
  at: "/admin/users/{path}",
  letters: "t",
  summary: "Changes the named fields of an account; a new password ends its sessions and tokens.",
  body: v.strictObject({
    letters: v.exactOptional(LETTERS),
    quotaBytes: v.exactOptional(QUOTA),
    disabled: v.exactOptional(flag("Whether its logins are refused")),
    expiresMs: v.exactOptional(EXPIRY),
    password: v.exactOptional(text("Its new password")),
    ...COMMON_LIMITS,
    allow_ip: v.exactOptional(networks),
    deny_ip: v.exactOptional(networks),
  }),
  replies: { 200: USER },
  async run({ c, services, session: { view, origin }, path, body }) {
    const { administration, restrictions } = view;
    const name = path.slice(1);
    const { letters, quotaBytes, password, disabled, expiresMs, ...limits } = body;
    const changes = limitChanges(limits); // a bad network changes nothing
    if (letters !== undefined) await administration.setLetters(name, letters);
    if (quotaBytes !== undefined) await administration.setQuota(name, quotaBytes);
    if (Object.keys(changes).length > 0) await restrictions.changeLimits(name, changes);
    if (password !== undefined) {
      await services.accounts.resetPassword(view, name, password, origin);
    }
    const validity = {
      ...(disabled === undefined ? {} : { disabled }),
      ...(expiresMs === undefined ? {} : { expiresMs }),
    };
    if (Object.keys(validity).length > 0) await administration.setValidity(name, validity);
    const account = await administration.user(name);
    return c.json(userInfo(account, await restrictions.limits(name)));
  },
});

/** The operation `DELETE /admin/users/{path}`. */
export const removeUser = route({
  name: "removeUser",
  method: "delete",
  at: "/admin/users/{path}",
  letters: "t",
  summary: "Removes an account with its sessions, tokens and shares.",
  query: v.object({
    files: v.exactOptional(
      choice(["keep", "delete"], "Its files: kept aside (default), or deleted"),
    ),
  }),
  replies: { 204: "It is removed." },
  async run({ c, session: { view }, path, query }) {
    await view.administration.removeAccount(path.slice(1), { keepFiles: query.files !== "delete" });
    return c.body(null, 204);
  },
});

/** The operation `GET /admin/sessions`. */
export const listSessions = route({
  name: "listSessions",
  method: "get",
  at: "/admin/sessions",
  letters: "t",
  summary: "Lists the sessions of all protocols, oldest first, with their transfers.",
  replies: { 200: "{sessions: [{id, account, door, address, agent?, sinceMs, transfer?}]}" },
  async run({ c, session: { view } }) {
    const sessions = (await view.administration.who())
      .map(({ sessionId: id, visitor: _, ...session }) => ({ id, ...session }));
    return c.json({ sessions });
  },
});

/** The operation `DELETE /admin/sessions/{path}`. */
export const endSession = route({
  name: "endSession",
  method: "delete",
  at: "/admin/sessions/{path}",
  letters: "t",
  summary: "Ends a session, by its id; its upload is kept.",
  replies: { 204: "It has ended." },
  async run({ c, session: { view }, path }) {
    await view.administration.kick(path.slice(1));
    return c.body(null, 204);
  },
});

/** The operation `GET /admin/logs`. */
export const readLog = route({
  name: "readLog",
  method: "get",
  at: "/admin/logs",
  letters: "t",
  summary: "Returns the last lines of a log, oldest first.",
  query: v.object({
    name: v.exactOptional(choice(LOG_NAMES, "Which log (default server)")),
    lines: v.exactOptional(
      v.pipe(wholeInQuery("How many (default 200)"), v.minValue(1), v.maxValue(10_000)),
    ),
    level: v.exactOptional(choice(LOG_LEVELS, "The least level")),
    contains: v.exactOptional(text("A text that they contain")),
    account: v.exactOptional(text("The account that they are about")),
  }),
  replies: { 200: "{lines: [...]}" },
  async run({ c, services, session: { view }, query }) {
    const { name = "server", lines = 200, ...rest } = query;
    await view.administration.require("logs", name);
    return c.json({ lines: await services.logs.tail({ name, lines, ...rest }) });
  },
});

/** The operation `GET /admin/status`. */
export const readStatus = route({
  name: "readStatus",
  method: "get",
  at: "/admin/status",
  letters: "t",
  summary: "Returns the state of the server, and sums of its accounts and files.",
  replies: { 200: STATUS_INFO },
  async run({ c, services, session: { view } }) {
    return c.json(await statusInfo(view, services, services.serverInfo));
  },
});

/** The operation `POST /admin/verify`. */
export const verifyUser = route({
  name: "verifyUser",
  method: "post",
  at: "/admin/verify",
  letters: "t",
  summary: "Reads every byte of an account's files again and compares it with its checksum.",
  body: v.strictObject({
    account: text("Its name"),
    forgetMissing: v.exactOptional(flag("Accepts that files are lost")),
  }),
  replies: {
    200: "{account, files, bytes, damagedFiles, damaged, findings, leftOutCount, leftOut, " +
      "forgotten}",
  },
  async run({ c, session: { view }, body: { account, forgetMissing = false } }) {
    const found = await view.administration.verify(account, { forgetMissing });
    return c.json({ account, ...found });
  },
});
