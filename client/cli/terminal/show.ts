/** Data of replies, for people. */
import { formatTime } from "../../../common/time.ts";
import { tableLines } from "../../../common/table.ts";

/** Lines of `name  value`, without `message`. */
export function showMembers(data: Record<string, unknown>): string[] {
  const members = Object.entries(data).filter(([name]) => name !== "message");
  return tableLines(members.map(([name, value]) => {
    const time = name === "mtime" || name === "created" || name === "updated" || name === "expires";
    if (time && typeof value === "number") return [name, `${formatTime(value)} UTC`];
    if (name === "lock" && value !== null && typeof value === "object") {
      const { by, until } = value as { by?: unknown; until?: unknown };
      return [name, `${by} until ${formatTime(Number(until))} UTC`];
    }
    return [name, typeof value === "string" ? value : JSON.stringify(value)];
  }));
}
