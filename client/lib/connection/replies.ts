/** Checks replies of a server before their values are used. */
import { type Reply, type ReplyData, type Status, STATUSES } from "../../../protocol/wire.ts";
import { ClientError, ConnectionLost } from "../common/error.ts";
import { printable } from "../../../common/printable.ts";

/** Interim replies of a transfer: its first one, and `PROGRESS`. */
export function isInterim(reply: Reply): boolean {
  return reply.status === "PROGRESS" || (reply.status === "OK" && reply.code === 150);
}

/**
 * Checks that a message is a reply of this protocol.
 *
 * @throws {ClientError} where it is not
 */
export function checkReply(message: Record<string, unknown>): Reply {
  const { status, code, data, id } = message;
  if (typeof status !== "string" || !Object.hasOwn(STATUSES, status) || typeof code !== "number") {
    throw new ClientError("The server sent a reply that is not of this protocol");
  }
  const known = typeof data === "object" && data !== null ? data as ReplyData : {};
  const reply: Reply = { status: status as Status, code, data: known };
  if (typeof id === "string" || typeof id === "number") reply.id = id;
  return reply;
}

type Check = (value: unknown) => boolean;
const isText: Check = (value) => typeof value === "string";
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isList: Check = (value) =>
  Array.isArray(value) && value.every((one) => typeof one === "object" && one !== null);
const isSha256: Check = (value) => typeof value === "string" && /^[0-9a-f]{64}$/i.test(value);

/** What a successful reply must contain, by command: without it there is nothing to report. */
const MEMBERS: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  AUTH: { username: isText },
  BANS: { bans: isList },
  EXPIRE: { removed: Array.isArray },
  GROUPS: { groups: Array.isArray },
  HASH: { hash: isSha256 },
  LIST: { entries: isList },
  LOCKS: { locks: isList },
  LOGS: { lines: Array.isArray },
  MEMBERS: { members: Array.isArray },
  MOUNTS: { mounts: isList },
  NETLIMITS: { networks: isList },
  PARTS: { parts: isList },
  SHBY: { shares: isList },
  SHWM: { shares: isList },
  SIZE: { size: isCount },
  TOKEN: { token: isText },
  TOKENS: { tokens: isList },
  UPLOADS: { parts: isList },
  USERS: { users: isList },
  VERIFY: { files: isCount, bytes: isCount, damaged: isList },
  VERSIONS: { versions: isList },
  VIEW: { content: isText },
  WHO: { sessions: isList },
  WHY: { letters: isList },
};

/**
 * Checks that a successful reply has what its command asked for.
 *
 * @param asked what the request contained
 * @throws {ClientError} where a member is missing, or is not of its type, or pages never end
 */
export function checkMembers(
  command: string,
  { status, data }: Reply,
  asked: Readonly<Record<string, unknown>>,
): void {
  if (status !== "OK" && status !== "AUTH_SUCCESS") return;
  if (data.cursor !== undefined && data.cursor === asked.cursor) {
    throw new ClientError(
      `The server's reply to ${command} leads to the same page again: it does not end`,
    );
  }
  for (const [name, check] of Object.entries(MEMBERS[command] ?? {})) {
    if (check(data[name])) continue;
    throw new ClientError(`The server's reply to ${command} has no usable "${name}"`);
  }
}

/** The error that a failed read or write of the connection means. */
export function lost(error: unknown): ConnectionLost {
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof SyntaxError) {
    return new ConnectionLost(`The server sent nonsense: ${printable(text)}`, error);
  }
  if (error instanceof Deno.errors.UnexpectedEof) {
    return new ConnectionLost("The connection was cut off by the other side", error);
  }
  const plain = printable(text.replace(/ \(os error \d+\)/, ""));
  return new ConnectionLost(`The connection was lost: ${plain}`, error);
}
