/**
 * Audit events: actor, address, protocol, action, path, result. Storage emits them behind every
 * door (protocol); the program that opens the vault stores them.
 */
import { isFollowing, trace } from "../common/reports.ts";
import { StoreError, type StoreErrorKind } from "../contract/error.ts";
import type { DoorName, Principal } from "../contract/principal.ts";

/** Actions that audit events name. */
export type AuditAction =
  | "login"
  | "register"
  | "password"
  | "token"
  | "revoke"
  | "letters"
  | "disable"
  | "enable"
  | "expiry"
  | "group"
  | "remove-group"
  | "group-letters"
  | "join"
  | "leave"
  | "account"
  | "remove-account"
  | "delete-kept"
  | "restore-kept"
  | "quota"
  | "limits"
  | "ban"
  | "unban"
  | "reset-password"
  | "kick"
  | "mount"
  | "unmount"
  | "users"
  | "sessions"
  | "uploads"
  | "logs"
  | "share"
  | "unshare"
  | "lock"
  | "unlock"
  | "link"
  | "unlink"
  | "upload"
  | "append"
  | "resume"
  | "drop-upload"
  | "download"
  | "list"
  | "stat"
  | "verify"
  | "make-directory"
  | "remove-directory"
  | "delete"
  | "rename"
  | "copy"
  | "touch"
  | "expire-uploads"
  | "backup"
  | "restore"
  | "migrate"
  | "collect"
  /** The operator accepts that a file which the catalog knows is lost. */
  | "forget-file"
  | "renew-authority"
  /** A path that climbs above the root, in any action. */
  | "path";

/**
 * How it came out. `suspended`: an upload is kept; `discarded`: nothing is left of it; `aborted`:
 * it was broken off.
 */
export type AuditResult =
  | "ok"
  | "failed"
  | "too-many"
  | "suspended"
  | "discarded"
  | StoreErrorKind;

/** The actor of an event. */
export interface AuditActor {
  /** Account name; null where the client gave no valid one. */
  account: string | null;
  /** `admin`: the command line on the data directory, which no door is between. */
  door: DoorName | "admin";
  /** Address without port; `local` for `admin`. */
  address: string;
  session: string;
  /** Id of the token that was shown in place of a password. */
  token?: string;
  /** Id of the public link by which a visitor came; the account is then its owner's. */
  link?: string;
}

/** An audit event. It never contains secrets. */
export interface AuditEvent {
  action: AuditAction;
  result: AuditResult;
  /** Paths as the actor sees them. */
  paths?: readonly string[];
  /** Object of the action other than a path: an account, a token's id, a session's id. */
  subject?: string;
  /** The new value: permissions, bytes. */
  value?: string | number | null;
  bytes?: number;
  /** Refusals from the same address before this one that were too many to be logged each. */
  repeated?: number;
  /** Duration, ms. */
  ms?: number;
}

/** Keeps the log. `write` returns at once: it is called on the way of every small file. */
export interface AuditSink {
  write(actor: AuditActor, event: AuditEvent): void;
}

/** Keeps nothing. */
export const NO_AUDIT: AuditSink = { write() {} };

/** A principal as the audit log names it. */
export function actorOf(principal: Principal): AuditActor {
  const { account, door, address, sessionId, token, link } = principal;
  const actor: AuditActor = { account, door, address, session: sessionId };
  if (token !== undefined) actor.token = token.id;
  if (link !== undefined) actor.link = link.id;
  return actor;
}

/** Maps an error to the result of an event. */
export function resultOf(error: unknown): AuditResult {
  return error instanceof StoreError ? error.kind : "io";
}

/** Reads are logged only when they are denied; changes are always logged. */
const READING: ReadonlySet<AuditAction> = new Set([
  "list",
  "stat",
  "verify",
  "users",
  "sessions",
  "uploads",
  "logs",
]);
/** Starts of transfers: a successful one is logged at the transfer's end. */
const OPENING: ReadonlySet<AuditAction> = new Set(["upload", "append", "resume", "download"]);
/** Refusals of those that only look. */
const REFUSED: ReadonlySet<AuditResult> = new Set(["denied", "session-over"]);

/**
 * Runs an action and reports its result to the audit log.
 *
 * @param shown makes of an error of the action, and its paths, the one that is thrown
 */
export async function audited<T>(
  sink: AuditSink,
  principal: Principal,
  event: Omit<AuditEvent, "result">,
  run: () => Promise<T>,
  shown?: (error: unknown, paths: readonly string[]) => unknown,
): Promise<T> {
  const startMs = performance.now();
  const reading = READING.has(event.action);
  try {
    const value = await run();
    if (!reading && !OPENING.has(event.action)) record(sink, principal, event, "ok", startMs);
    if (isFollowing()) traceAction(principal, event, "ok", startMs);
    return value;
  } catch (error) {
    const result = resultOf(error);
    if (!reading || REFUSED.has(result)) record(sink, principal, event, result, startMs);
    if (isFollowing()) traceAction(principal, event, result, startMs);
    throw shown === undefined ? error : shown(error, event.paths ?? []);
  }
}

function traceAction(
  { account, sessionId: session }: Principal,
  { action, paths = [] }: Omit<AuditEvent, "result">,
  result: AuditResult,
  startMs: number,
): void {
  const ms = Math.round(performance.now() - startMs);
  trace("vault", `${action}: ${result}`, { account, session, path: paths.join(" → "), ms });
}

function record(
  sink: AuditSink,
  principal: Principal,
  event: Omit<AuditEvent, "result">,
  result: AuditResult,
  startMs: number,
): void {
  sink.write(actorOf(principal), { ...event, result, ms: Math.round(performance.now() - startMs) });
}
