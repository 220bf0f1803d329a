/** Points in time as text, in UTC. */

/**
 * A time for people: `2026-05-31 12:00:00`, or `2026-05-31 12:00`.
 *
 * @param timeMs ms since the epoch
 * @returns `unknown` where there is no such date
 */
export function formatTime(timeMs: number, precision: "seconds" | "minutes" = "seconds"): string {
  const date = new Date(timeMs);
  if (Number.isNaN(date.getTime())) return "unknown";
  return date.toISOString().replace("T", " ").slice(0, precision === "seconds" ? -5 : -8);
}

/**
 * A time as `MDTM` writes it (RFC 3659 section 2.3): `20260531120000`. Fractions, which some clients
 * cannot read, are left out.
 *
 * @param timeMs ms since the epoch
 */
export function compactTime(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, -5).replaceAll(/[-:T+]/g, "");
}
