/** Formats lines of logs for people; stored lines are JSON, a member for each fact. */

/** Members that most lines have and that are rarely useful: they come last. */
const LATE = new Set(["session", "ms", "agent"]);

/** A line with its time and level first and its other members by name; any other line as it is. */
export function shownLine(line: string): string {
  const members = membersOf(line);
  if (members === undefined || typeof members.time !== "string") return line;
  const { time, level, ...rest } = members;
  const facts = Object.entries(rest).map(([name, value]) => [name, textOf(value)] as const);
  const details = [
    ...facts.filter(([name]) => !LATE.has(name)),
    ...facts.filter(([name]) => LATE.has(name)),
  ]
    .map(([name, text]) => `${name}=${text}`);
  return [time, typeof level === "string" ? level.padEnd(7) : "", ...details].join("  ");
}

function membersOf(line: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Texts that could be taken for more than one fact, or that hold what cannot be seen, are quoted. */
function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join(",");
  if (typeof value !== "string") return JSON.stringify(value);
  return /^[\x21\x23-\x7e\xa1-\uffff]+$/.test(value) && !/[=,]/.test(value)
    ? value
    : JSON.stringify(value);
}
