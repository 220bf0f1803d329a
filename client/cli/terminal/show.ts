/** Data of replies, for people. */
import { printable } from "../../../common/printable.ts";

/** A time in ms since the epoch as `2026-05-31 12:00:00` in UTC; `-` where it is none. */
export function showTime(ms: unknown): string {
  const date = new Date(Number(ms));
  if (typeof ms !== "number" || Number.isNaN(date.getTime())) return "-";
  return date.toISOString().slice(0, 19).replace("T", " ");
}

/** Lines of `name  value`, without `message`. */
export function showMembers(data: Record<string, unknown>): string[] {
  const members = Object.entries(data).filter(([name]) => name !== "message");
  const width = Math.max(0, ...members.map(([name]) => name.length)) + 2;
  return members.map(([name, value]) => {
    const time = name === "mtime" || name === "created" || name === "updated" || name === "expires";
    const text = time && typeof value === "number"
      ? `${showTime(value)} UTC`
      : typeof value === "string"
      ? value
      : JSON.stringify(value);
    return printable(name.padEnd(width) + text);
  });
}

/** Rows as columns, numbers to the right. */
export function showTable(rows: string[][], right: readonly number[] = []): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, index) => widths[index] = Math.max(widths[index] ?? 0, cell.length));
  }
  return rows.map((row) =>
    row.map((cell, index) =>
      right.includes(index) ? cell.padStart(widths[index]!) : cell.padEnd(widths[index]!)
    ).join("  ").trimEnd()
  );
}
