/** Replies of the native protocol, and the shapes in them (docs/protocol.md, "Requests and replies"). */
import { type Status, STATUSES } from "./status.ts";

/** Version of the protocol that `FEAT` reports. */
export const PROTOCOL_VERSION = 1;
/** ALPN name of the protocol. */
export const ALPN = "towpath/1";
/** Requests a client may be ahead before the server stops reading. */
export const PIPELINE_LIMIT = 256;

/** An id that a request carries and its replies carry back. */
export type RequestId = string | number;

/** A reply as sent on the wire. */
export interface Reply {
  /** Outcome of the request. */
  status: Status;
  /** FTP reply code with the same meaning. */
  code: number;
  /** Members of the reply, by the command. */
  data: ReplyData;
  /** The request's `id`, if it had one. */
  id?: RequestId;
}

/** The `data` of a reply: its members depend on the command; `message` is for people. */
export type ReplyData = Record<string, unknown> & { message?: string };

/** Makes a reply; `code` defaults to the status's own. */
export function makeReply(
  status: Status,
  data: ReplyData,
  id: RequestId | undefined,
  code: number = STATUSES[status].code,
): Reply {
  return id === undefined ? { status, code, data } : { status, code, data, id };
}

/** Checks that a value is a valid request `id`: an integer from 0, or at most 64 characters. */
export function isRequestId(value: unknown): value is RequestId {
  if (typeof value !== "string") return Number.isSafeInteger(value) && (value as number) >= 0;
  return value.length <= 64 || (value.length <= 128 && [...value].length <= 64);
}

/** One entry of `LIST`. */
export interface ListEntry {
  /** Name, or path below the listed directory. */
  name: string;
  /** Kind of the entry. */
  type: "file" | "directory";
  /** Bytes; 0 for a directory. */
  size: number;
  /** Milliseconds since the Unix epoch. */
  mtime: number;
  /** SHA-256, or null until it is known; null for a directory. */
  hash: string | null;
  /** N of a `_vN` name. */
  version?: number;
  /** Permission bits, where a client gave them. */
  mode?: number;
  /** Whether it is shared with others. */
  shared?: boolean;
  /** The lock of it, or of a directory above it: the account that holds it, and when it ends, ms. */
  lock?: { by: string; until: number };
}

/** One unfinished upload in `PARTS`. */
export interface PartInfo {
  temp_id: string;
  filename: string;
  file_size: number | null;
  offset: number;
  created: number;
  updated: number;
  expires: number;
  active: boolean;
  /** The account that uploads it. */
  account?: string;
  /** Whether that is a guest: the tree's owner can drop it, and only the guest can continue it. */
  guest?: boolean;
}

/** One version in `VERSIONS`. */
export interface VersionInfo {
  filename: string;
  version: number;
  size: number;
  mtime: number;
  hash: string | null;
}
