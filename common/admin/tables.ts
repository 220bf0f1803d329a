/**
 * Lists of administration as tables: `admin` and `client admin` show the same columns. Their entries
 * have the members of the native protocol's replies (docs/protocol.md, "Administration"). `columns`
 * is the width of the terminal; undefined: there is none.
 */
import { type LimitsInfo, limitsInShort, type NetworkLimitsInfo } from "./limits_text.ts";
import { formatSize } from "../size.ts";
import { tableLines } from "../table.ts";
import { formatTime } from "../time.ts";
import { validityInShort } from "./validity_text.ts";

/** An entry of a list, perhaps of a server of another version. */
type Entry = Readonly<Record<string, unknown>>;

/** Accounts. */
export function userLines(users: readonly Entry[], columns?: number): string[] {
  const rows = users.map((user) => [
    String(user.username),
    String(user.permissions || "none"),
    formatSize(Number(user.used)),
    typeof user.quota === "number" ? formatSize(user.quota) : "none",
    timeOr("never", user.last_login),
    limitsInShort((user.limits ?? {}) as LimitsInfo),
    validityInShort(user),
  ]);
  const headings = ["name", "permissions", "used", "quota", "last login", "limits", "state"];
  return tableLines(rows, { headings, right: [2, 3], columns });
}

/** Groups. */
export function groupLines(groups: readonly Entry[], columns?: number): string[] {
  const rows = groups.map(({ group, permissions, members }) => [
    String(group),
    String(permissions || "none"),
    String(members),
  ]);
  return tableLines(rows, { headings: ["group", "permissions", "members"], right: [2], columns });
}

/** Sessions, with the node of each where several serve. */
export function sessionLines(sessions: readonly Entry[], columns?: number): string[] {
  const rows = sessions.map(({ session_id, username, door, address, since, node, transfer }) => [
    String(session_id),
    String(username ?? "-"),
    node === undefined ? String(door) : `${door} at ${node}`,
    String(address),
    timeOr("-", since),
    transfer ? transferText(transfer as Entry) : "",
  ]);
  return tableLines(rows, {
    headings: ["id", "account", "door", "address", "since", "transfer"],
    columns,
  });
}

function transferText({ direction, filename, offset }: Entry): string {
  return `${direction} ${filename} at ${formatSize(Number(offset))}`;
}

/** Networks whose addresses have limits. */
export function networkLines(networks: readonly Entry[], columns?: number): string[] {
  const rows = networks.map(({ network, limits }) => [
    String(network),
    limitsInShort((limits ?? {}) as NetworkLimitsInfo),
  ]);
  return tableLines(rows, { headings: ["network", "limits of each address"], columns });
}

/** Mounts. */
export function mountLines(mounts: readonly Entry[], columns?: number): string[] {
  const rows = mounts.map(({ name, directory, permissions, accounts, used, quota, away }) => [
    String(name),
    `${directory}${away ? " (away)" : ""}`,
    String(permissions),
    (accounts as string[]).join() || "none",
    formatSize(Number(used)),
    typeof quota === "number" ? formatSize(quota) : "none",
  ]);
  const headings = ["name", "directory", "permissions", "accounts", "used", "quota"];
  return tableLines(rows, { headings, right: [4, 5], columns });
}

/** Bans. */
export function banLines(bans: readonly Entry[], columns?: number): string[] {
  const rows = bans.map(({ network, created, expires, reason }) => [
    String(network),
    timeOr("-", created),
    timeOr("never", expires),
    String(reason),
  ]);
  return tableLines(rows, { headings: ["network", "since", "until", "reason"], columns });
}

/** Locks, with their paths in their owners' trees, or as a session writes them. */
export function lockLines(locks: readonly Entry[], columns?: number): string[] {
  const rows = locks.map(({ filename, owner, by, until, note }) => [
    String(filename),
    String(owner),
    String(by),
    timeOr("-", until),
    String(note),
  ]);
  return tableLines(rows, { headings: ["path", "of", "held by", "until", "note"], columns });
}

/**
 * Unfinished uploads, and content of no known upload.
 *
 * @param removed ids of those that were removed just now
 */
export function uploadLines(
  parts: readonly Entry[],
  setAside: readonly Entry[],
  removed: ReadonlySet<unknown> = new Set(),
  columns?: number,
): string[] {
  const end = ({ temp_id, active, expires }: Entry) =>
    removed.has(temp_id) ? "removed" : active ? "active" : timeOr("-", expires);
  const rows = [
    ...parts.map((part) => [
      String(part.temp_id),
      String(part.username),
      String(part.shown),
      `${formatSize(Number(part.offset))} of ${
        typeof part.file_size === "number" ? formatSize(part.file_size) : "?"
      }`,
      end(part),
    ]),
    ...setAside.map((part) => [
      String(part.temp_id),
      String(part.username),
      "(set aside: of no known upload)",
      formatSize(Number(part.bytes)),
      end(part),
    ]),
  ];
  return tableLines(rows, { headings: ["id", "account", "file", "safe", "expires"], columns });
}

function timeOr(none: string, ms: unknown): string {
  return typeof ms === "number" ? formatTime(ms) : none;
}
