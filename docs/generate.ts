/**
 * Rewrites the generated parts of the documentation: `deno task docs`. A part stands between
 * `<!-- generated: NAME WORDS -->` and `<!-- end of the generated part -->`.
 */
import * as api from "./api_parts.ts";
import * as cli from "./cli_parts.ts";
import * as ftp from "./ftp_parts.ts";
import * as protocol from "./protocol_parts.ts";

/** What makes the text of a part; the words behind its name are given to it. */
export const PARTS: Record<string, (words: string[]) => string> = {
  "statuses": protocol.statusTable,
  "letters": protocol.letterTable,
  "commands": protocol.commandTable,
  "requests": protocol.requestTable,
  "ftp-commands": ftp.commandTable,
  "ftp-site": ftp.siteTable,
  "ftp-failures": ftp.failureTable,
  "server-options": cli.serverOptions,
  "admin-commands": cli.adminCommands,
  "client-commands": cli.clientCommands,
  "client-command-options": cli.clientCommandOptions,
  "common-options": cli.commonOptions,
  "api-operations": api.apiOperations,
  "metric-series": api.metricSeries,
};

/** The parts of a text: what stands between two markers. */
export const PART =
  /(<!-- generated: ([a-z-]+)((?: [A-Z]+)*) -->\n)[^]*?(<!-- end of the generated part -->)/g;

/**
 * A text with its generated parts made anew.
 *
 * @throws {Error} for a part that nobody makes
 */
export function regenerate(text: string): string {
  return text.replaceAll(PART, (_, begin: string, name: string, words: string, end: string) => {
    const make = PARTS[name];
    if (make === undefined) throw new Error(`Nobody makes the part "${name}"`);
    return `${begin}\n${make(words.split(" ").filter(Boolean))}\n\n${end}`;
  });
}

/** The documents, by file name. */
export function documents(): string[] {
  const directory = new URL("./", import.meta.url);
  return [...Deno.readDirSync(directory)].map(({ name }) => name)
    .filter((name) => name.endsWith(".md")).sort();
}

if (import.meta.main) {
  for (const name of documents()) {
    const file = new URL(name, import.meta.url);
    const before = Deno.readTextFileSync(file);
    const after = regenerate(before);
    if (after === before) continue;
    Deno.writeTextFileSync(file, after);
    console.log(`docs/${name} was brought up to date`);
  }
}
