/**
 * The lines of the console and `server.log` about logins, transfers and shares. It listens at the
 * audit log, behind every door, and says in sentences what an operator watches for.
 */
import { quoted } from "../../common/printable.ts";
import { grouped } from "../../common/counted.ts";
import { formatSize } from "../../common/size.ts";
import { formatDuration } from "../../common/duration.ts";
import type {
  AuditAction,
  AuditActor,
  AuditEvent,
  AuditSink,
} from "../../storage/monitor/audit.ts";
import type { PlainRecord } from "./log_record.ts";

/** Kinds of lines; each has its own budget. */
type Kind = "transfers" | "failed transfers" | "logins" | "failed logins" | "shares";

/** Lines of a kind in one period; what is beyond them is summed up in one line. */
const MAX_LINES = 20;
const PERIOD_MS = 1000;
/** Longest path that is shown whole. */
const MAX_CHARACTERS = 1000;

const TRANSFERS: Partial<Record<AuditAction, "upload" | "download">> = {
  upload: "upload",
  append: "upload",
  resume: "upload",
  download: "download",
};
const SHARES: Partial<Record<AuditAction, [done: string, failed: string]>> = {
  share: ["shared", "share"],
  unshare: ["ended the share of", "end the share of"],
  lock: ["locked", "lock"],
  unlock: ["unlocked", "unlock"],
  link: ["made a public link to", "make a public link to"],
  unlink: ["ended the public link", "end the public link"],
};

/** Events of the running period. */
interface Period {
  lines: number;
  /** Events without a line of their own, and their bytes. */
  more: number;
  bytes: number;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** Passes audit events on, and makes log records of logins, transfers and shares. */
export class ActivityLog implements AuditSink {
  readonly #periods = new Map<Kind, Period>();

  /** @param post takes each record */
  constructor(
    private readonly next: AuditSink,
    private readonly post: (record: PlainRecord) => void,
  ) {}

  write(actor: AuditActor, event: AuditEvent): void {
    this.next.write(actor, event);
    const kind = kindOf(event);
    if (kind === undefined || !this.#hasLine(kind, event)) return;
    this.post(recordOf(kind, actor, event));
  }

  /** Sums up what has no line yet. */
  flush(): void {
    for (const [kind, period] of this.#periods) this.#end(kind, period);
  }

  #hasLine(kind: Kind, { bytes = 0 }: AuditEvent): boolean {
    let period = this.#periods.get(kind);
    if (period === undefined) {
      this.#periods.set(kind, period = { lines: 0, more: 0, bytes: 0, timer: undefined });
    }
    const { lines, timer } = period;
    if (timer === undefined) {
      const started = period;
      period.timer = setTimeout(() => this.#end(kind, started), PERIOD_MS);
      Deno.unrefTimer(period.timer);
    }
    if (lines < MAX_LINES) {
      period.lines++;
      return true;
    }
    period.more++;
    period.bytes += bytes;
    return false;
  }

  #end(kind: Kind, period: Period): void {
    clearTimeout(period.timer);
    const { more, bytes } = period;
    Object.assign(period, { lines: 0, more: 0, bytes: 0, timer: undefined });
    if (more === 0) return;
    const size = kind === "transfers" ? ` (${formatSize(bytes)})` : "";
    const message = `… and ${grouped(more)} more ${kind}${size}`;
    this.post({
      level: kind.startsWith("failed") ? "warning" : "info",
      source: "activity",
      timestamp: Date.now(),
      message,
      values: {},
      fields: { kind, more, bytes },
      stacks: [],
    });
  }
}

function kindOf({ action, result }: AuditEvent): Kind | undefined {
  if (TRANSFERS[action] !== undefined) return isFine(result) ? "transfers" : "failed transfers";
  if (action === "login" || action === "register") {
    return result === "ok" ? "logins" : "failed logins";
  }
  return SHARES[action] === undefined ? undefined : "shares";
}

/** An upload that was cut off is kept, and needs no attention. */
function isFine(result: AuditEvent["result"]): boolean {
  return result === "ok" || result === "suspended";
}

function recordOf(kind: Kind, actor: AuditActor, event: AuditEvent): PlainRecord {
  const { account, door, address, session, token, link } = actor;
  const { action, result, paths, subject, value, bytes, repeated, ms } = event;
  const message = kind === "shares"
    ? shareSentence(actor, event)
    : kind === "logins" || kind === "failed logins"
    ? loginSentence(actor, event)
    : transferSentence(actor, event);
  return {
    level: isFine(result) ? "info" : "warning",
    source: door,
    timestamp: Date.now(),
    message,
    values: {},
    fields: {
      ...{ action, result, account, address, door, session, token, link },
      ...{ paths: paths?.map(shortened), subject, value, bytes, repeated, ms },
    },
    stacks: [],
  };
}

function loginSentence(actor: AuditActor, { action, result, repeated = 0 }: AuditEvent): string {
  const { account, address, token } = actor;
  const by = token === undefined ? "" : ` with token ${quoted(token)}`;
  if (result === "ok") {
    return action === "login"
      ? `${nameOf(actor)} logged in${by} from ${address}`
      : `${nameOf(actor)} registered from ${address}`;
  }
  const whose = account === null ? "" : ` of ${account}`;
  const what = action === "login" ? `Login${whose}` : `Registration${whose}`;
  const before = repeated === 0 ? "" : `, and ${grouped(repeated)} before it`;
  return `${what} from ${address} failed: ${reasonOf(result)}${before}`;
}

function transferSentence(actor: AuditActor, event: AuditEvent): string {
  const { result, paths = [], bytes, ms = 0 } = event;
  const [path = "/", stored] = paths;
  const as = stored === undefined ? "" : ` as ${shown(stored)}`;
  const direction = TRANSFERS[event.action]!;
  const moved = bytes === undefined ? "" : ` (${pace(bytes, ms)})`;
  const who = nameOf(actor);
  if (result === "ok") {
    return `${who} ${direction}ed ${shown(path)}${as} from ${actor.address}${moved}`;
  }
  const end = result === "suspended"
    ? "was cut off and can be resumed"
    : `failed: ${reasonOf(result)}`;
  const what = direction === "upload" ? "Upload" : "Download";
  return `${what} of ${shown(path)} by ${who} from ${actor.address} ${end}${moved}`;
}

function shareSentence(
  actor: AuditActor,
  { action, result, paths = [], subject, value }: AuditEvent,
): string {
  const [done, failed] = SHARES[action]!;
  const guest = action === "share" || action === "unshare" ? subject : undefined;
  const what = paths[0] === undefined ? quoted(subject ?? "") : shown(paths[0]);
  const allowed = action === "share" && value !== undefined ? ` (permissions ${value})` : "";
  const whom = guest === undefined
    ? ""
    : ` with ${guest === "*" ? "everyone" : quoted(guest)}${allowed}`;
  return result === "ok"
    ? `${nameOf(actor)} ${done} ${what}${whom} from ${actor.address}`
    : `${nameOf(actor)} could not ${failed} ${what}${whom} from ${actor.address}: ${
      reasonOf(result)
    }`;
}

/** The account, as plain text: its name has letters, digits and `. _ -` only. */
function nameOf({ account, link }: AuditActor): string {
  const name = account ?? "A stranger";
  return link === undefined ? name : `A visitor by ${name}'s link ${link}`;
}

/** A result as words: `not found`, `quota`. */
function reasonOf(result: AuditEvent["result"]): string {
  return result === "failed" ? "refused" : result.replaceAll("-", " ");
}

/** Size, duration and rate. */
function pace(bytes: number, ms: number): string {
  const time = ms < 1000
    ? `${ms} ms`
    : ms < 60_000
    ? `${(ms / 1000).toFixed(1)} s`
    : formatDuration(ms);
  const rate = ms < 10 ? "" : `, ${formatSize(bytes * 1000 / ms)}/s`;
  return `${formatSize(bytes)} in ${time}${rate}`;
}

function shown(path: string): string {
  return quoted(shortened(path));
}

function shortened(path: string): string {
  return path.length <= MAX_CHARACTERS ? path : `${path.slice(0, MAX_CHARACTERS)}…`;
}
