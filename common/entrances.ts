/** Ways into a server, which limits distinguish. */

/**
 * The doors; and of the web door the pages with their scripts (`web`), and the HTTP API and tus for
 * programs that show a token or a password.
 */
export const ENTRANCES = ["native", "ftp", "web", "api", "tus"] as const;

/** One of the {@linkcode ENTRANCES}. */
export type Entrance = (typeof ENTRANCES)[number];

/** How a list of them is written on a command line. */
export const DOORS_FORM = `a list such as native,ftp of ${ENTRANCES.join(", ")}; or all, or none`;

/** Reads a list, `all` or `none`; undefined where the text is none of these. */
export function parseDoors(text: string): Entrance[] | undefined {
  if (text === "all") return [...ENTRANCES];
  if (text === "none") return [];
  const wanted = text.split(",").map((name) => name.trim());
  const isKnown = wanted.every((name) => (ENTRANCES as readonly string[]).includes(name));
  return isKnown ? ENTRANCES.filter((name) => wanted.includes(name)) : undefined;
}

/** A list in words. */
export function doorsText(doors: readonly string[]): string {
  if (doors.length === 0) return "none";
  return doors.length === ENTRANCES.length ? "all" : doors.join(", ");
}
