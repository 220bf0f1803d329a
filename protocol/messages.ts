/**
 * Requests of the native protocol: the schemas that a request's `data` is checked against
 * (docs/protocol.md, "Requests and replies" and "Commands").
 */
import * as v from "valibot";
import { doors, limit, networks } from "../common/limit_schemas.ts";
import { LOG_NAMES } from "../common/log_names.ts";
import { quickData } from "./quick_data.ts";

export { doors, limit, networks };

/** An integer from 0 to 2^53−1: sizes and offsets in bytes, times in ms since the epoch. */
export const count = v.pipe(
  v.number("must be an integer"),
  v.safeInteger("must be an integer up to 2^53-1"),
  v.minValue(0, "must not be negative"),
);
/** A time in ms since the epoch, negative before 1970. */
export const time = v.pipe(
  v.number("must be an integer"),
  v.safeInteger("must be an integer from -(2^53-1) up to 2^53-1"),
);
/** A SHA-256 in hex; upper case is accepted and lowered. */
export const sha256 = v.pipe(
  v.string("must be a string"),
  v.regex(/^[0-9a-fA-F]{64}$/, "must be 64 hexadecimal digits"),
  v.toLowerCase(),
);
/** Any text: names are judged by the storage, which answers with statuses of their own. */
export const text = v.string("must be a string");
/** true or false. */
export const flag = v.boolean("must be true or false");
/** Permissions, each as its letter; may be empty. */
export const letters = v.pipe(
  text,
  v.regex(/^[rwcdt]*$/, "must be letters of r, w, c, d, t"),
);
/** Names of accounts; `*` is all. */
export const accountNames = v.pipe(
  v.array(text, "must be a list of names"),
  v.maxLength(10_000, "must have at most 10000 names"),
);
/** Permissions that can be shared: at least one, without `t` (administer). */
export const shareLetters = v.pipe(
  text,
  v.regex(/^[rwcd]+$/, "must be letters of r, w, c, d"),
);
/** Permissions of a group: without `t` (administer); may be empty. */
export const groupLetters = v.pipe(
  text,
  v.regex(/^[rwcd]*$/, "must be letters of r, w, c, d"),
);
/** When an account expires. */
export const expiry = v.union([time, v.literal("never")], 'must be an integer, or "never"');
/** Permission bits: read, write and execute, for owner, group and others. */
export const mode = v.pipe(count, v.maxValue(0o777, "must be from 0 to 511 (0o777)"));
const ifExists = v.picklist(
  ["version", "overwrite", "skip", "fail"],
  "must be version, overwrite, skip or fail",
);
const optional = v.optional;

/** A duration in ms, above 0. */
export const duration = v.pipe(count, v.minValue(1, "must be at least 1"));

/** A client's own name for an upload. */
export const key = v.pipe(
  text,
  v.regex(/^.{1,64}$/s, "must have 1 to 64 characters"),
);

const upload = v.object({
  filename: text,
  file_size: optional(count),
  file_hash: optional(sha256),
  mtime: optional(time),
  mode: optional(mode),
  if_exists: optional(ifExists),
  overwrite: optional(flag),
  make_dirs: optional(flag),
  pipelined: optional(flag),
  key: optional(key),
});
const oneFile = v.object({ filename: text });
const onePath = v.object({ path: text });
const commonLimits = {
  rate: optional(limit),
  rate_up: optional(limit),
  rate_down: optional(limit),
  connections: optional(limit),
  requests: optional(limit),
  doors: optional(doors),
};
const optionalPath = v.object({ path: optional(text) });
const nothing = v.object({});
const page = v.object({
  path: optional(text),
  recursive: optional(flag),
  limit: optional(
    v.pipe(
      count,
      v.minValue(1, "must be at least 1"),
      v.maxValue(10_000, "must be at most 10000"),
    ),
  ),
  cursor: optional(text),
});

/** Schemas of the `data` of each request, by command. */
export const REQUESTS = {
  AUTH: v.object({ username: optional(text), password: optional(text), token: optional(text) }),
  USER: v.object({ username: text }),
  PASS: v.object({ password: text }),
  REG: v.object({ username: text, password: text }),
  FEAT: nothing,
  HELP: v.object({ command: optional(text) }),
  SYST: nothing,
  NOOP: nothing,
  QUIT: nothing,
  TYPE: v.object({ type: text }),
  PASSWD: v.object({ password: text, new_password: text }),
  TOKEN: v.object({
    label: optional(v.pipe(text, v.maxLength(200, "must have at most 200 characters"))),
    ttl_ms: optional(v.pipe(count, v.minValue(1, "must be at least 1"))),
    permissions: optional(letters),
    path: optional(text),
  }),
  TOKENS: nothing,
  REVOKE: v.object({ token_id: optional(text) }),
  UPLOAD: upload,
  APPE: upload,
  END: v.object({ file_hash: optional(sha256), file_size: optional(count) }),
  ABOR: v.object({ discard: optional(flag), temp_id: optional(text) }),
  RESUME: v.object({
    temp_id: optional(text),
    filename: optional(text),
    file_size: optional(count),
    key: optional(key),
  }),
  PARTS: nothing,
  DOWNLOAD: v.object({
    filename: text,
    offset: optional(count),
    length: optional(count),
    if_hash: optional(sha256),
  }),
  REST: v.object({ offset: count }),
  VIEW: v.object({
    filename: text,
    bytes: optional(v.pipe(count, v.maxValue(65_536, "must be at most 65536"))),
  }),
  LIST: page,
  NLST: page,
  PWD: nothing,
  CWD: onePath,
  CDUP: nothing,
  MKD: v.object({ path: text, make_dirs: optional(flag), mode: optional(mode) }),
  RMD: v.object({ path: text, recursive: optional(flag) }),
  DELE: oneFile,
  RNFR: oneFile,
  RNTO: oneFile,
  RENAME: v.object({ from: text, to: text, overwrite: optional(flag) }),
  COPY: v.object({ from: text, to: text, if_exists: optional(ifExists) }),
  SIZE: oneFile,
  MDTM: oneFile,
  STAT: v.object({ filename: optional(text) }),
  HASH: oneFile,
  MFMT: v.object({ filename: text, mtime: time }),
  VERSIONS: oneFile,
  WHY: onePath,
  VERIFY: optionalPath,
  SHAR: v.object({
    filename: text,
    username: text,
    permissions: optional(shareLetters),
    expires: optional(time),
  }),
  UNSH: v.object({ filename: text, username: optional(text) }),
  LOCK: v.object({ filename: text, for_ms: optional(duration), note: optional(text) }),
  UNLOCK: v.object({ filename: text, force: optional(flag), username: optional(text) }),
  LOCKS: v.object({ filename: optional(text), all: optional(flag) }),
  SHWM: nothing,
  SHBY: nothing,
  TRANS: v.object({ username: text, permissions: letters }),
  USERS: v.object({ cursor: optional(text) }),
  ADDU: v.object({
    username: text,
    password: text,
    permissions: optional(letters),
    quota: optional(count),
    expires: optional(time),
  }),
  VALID: v.object({
    username: text,
    disabled: optional(flag),
    expires: optional(expiry),
  }),
  GROUPS: v.object({ cursor: optional(text) }),
  MEMBERS: v.object({ group: text, cursor: optional(text) }),
  ADDG: v.object({ group: text, permissions: optional(groupLetters) }),
  DELG: v.object({ group: text }),
  PERMG: v.object({ group: text, permissions: groupLetters }),
  JOIN: v.object({ group: text, username: text }),
  LEAVE: v.object({ group: text, username: text }),
  DELU: v.object({ username: text, keep_files: optional(flag) }),
  QUOTA: v.object({ username: text, bytes: v.nullable(count) }),
  RESETPW: v.object({ username: text, password: text }),
  LIMITS: v.object({
    username: text,
    ...commonLimits,
    allow_ip: optional(networks),
    deny_ip: optional(networks),
  }),
  NETLIMIT: v.object({
    network: text,
    ...commonLimits,
  }),
  NETLIMITS: nothing,
  BAN: v.object({ network: text, for_ms: optional(duration), reason: optional(text) }),
  UNBAN: v.object({ network: text }),
  BANS: nothing,
  MOUNT: v.object({
    name: text,
    directory: text,
    accounts: optional(accountNames),
    permissions: optional(letters),
    quota: optional(v.nullable(count)),
  }),
  UNMOUNT: v.object({ name: text }),
  MOUNTS: nothing,
  UPLOADS: nothing,
  DROPU: v.object({ temp_id: text }),
  EXPIRE: v.object({ ttl_ms: optional(duration) }),
  VERIFYU: v.object({ username: text, forget_missing: optional(flag) }),
  STATUS: nothing,
  WHO: nothing,
  KICK: v.object({ session_id: text }),
  LOGS: v.object({
    name: v.picklist(LOG_NAMES, `must be one of ${LOG_NAMES.join(", ")}`),
    lines: optional(v.pipe(count, v.maxValue(10_000, "must be at most 10000"))),
    level: optional(text),
    contains: optional(text),
    account: optional(text),
  }),
} as const satisfies Record<string, v.GenericSchema>;

/** Name of a command that the protocol defines. */
export type CommandName = keyof typeof REQUESTS;
/** The checked `data` of a request. */
export type RequestData<C extends CommandName> = v.InferOutput<(typeof REQUESTS)[C]>;

/**
 * Checks a request's `data` against a command's schema. `null` counts as an absent optional member;
 * unknown members are dropped.
 *
 * @returns the checked data, or a sentence that names the wrong member
 */
export function parseData<C extends CommandName>(
  command: C,
  data: unknown,
): { data: RequestData<C> } | { problem: string } {
  if (data === undefined || data === null) data = {};
  if (typeof data !== "object" || Array.isArray(data)) {
    return { problem: `"data" must be an object` };
  }
  const quick = quickData(command, data as Record<string, unknown>);
  if (quick !== undefined) return { data: quick as RequestData<C> };
  const schema = REQUESTS[command];
  const result = v.safeParse(schema, withoutNulls(data as Record<string, unknown>, schema));
  if (result.success) return { data: result.output as RequestData<C> };
  const issue = result.issues[0];
  const name = issue.path?.map((item) => String(item.key)).join(".") ?? "data";
  const problem = issue.received === "undefined" ? "is missing" : issue.message;
  return { problem: `${command}: "${name}" ${problem}` };
}

function withoutNulls(
  data: Record<string, unknown>,
  schema: { readonly entries: Record<string, v.GenericSchema> },
): Record<string, unknown> {
  let copy: Record<string, unknown> | undefined;
  for (const name of Object.keys(schema.entries)) {
    if (data[name] !== null || schema.entries[name]!.type !== "optional") continue;
    copy ??= { ...data };
    delete copy[name];
  }
  return copy ?? data;
}
