/** Width of the terminal behind standard output. */

/** Columns of the terminal that standard output goes to; undefined where it goes elsewhere. */
export function outputColumns(): number | undefined {
  if (!Deno.stdout.isTerminal()) return undefined;
  try {
    return Deno.consoleSize().columns || undefined;
  } catch {
    return undefined; // a terminal that does not say how wide it is
  }
}
