/**
 * Rewrites the generated parts of the documentation: `deno task docs`. A part is between
 * `<!-- generated: NAME WORDS -->` and `<!-- end of the generated part -->`.
 */
import * as api from "./api_parts.ts";
import * as cli from "./cli_parts.ts";
import * as ftp from "./ftp_parts.ts";
import * as protocol from "./protocol_parts.ts";

/** The function that makes each part; its arguments are the words after the name. */
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

/** Matches a part of a text: both markers and the content between them. */
export const PART =
  /(<!-- generated: ([a-z-]+)((?: [A-Z]+)*) -->\n)[^]*?(<!-- end of the generated part -->)/g;

/**
 * Returns a text with its generated parts updated.
 *
 * @throws {Error} if a part has no function in {@linkcode PARTS}
 */
export function regenerate(text: string): string {
  return text.replaceAll(PART, (_, begin: string, name: string, words: string, end: string) => {
    const make = PARTS[name];
    if (make === undefined) {
      throw new Error(`Cannot generate the part "${name}": there is no function for it`);
    }
    return `${begin}\n${make(words.split(" ").filter(Boolean))}\n\n${end}`;
  });
}

/** Returns the file names of all documents, sorted. */
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
