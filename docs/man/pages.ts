/**
 * The man pages, from the tables that the programs read and from docs/cli.md, so that neither says
 * anything the other does not.
 */
import { allCommands } from "../../client/cli/commands.ts";
import { ALIASES } from "../../client/cli/options/aliases.ts";
import { COMMON_OPTIONS, type OptionSpec } from "../../client/cli/options/options.ts";
import type { Command } from "../../client/cli/options/command.ts";
import project from "../../deno.json" with { type: "json" };
import type { AdminName } from "../../common/admin/words.ts";
import { adminWords, optionOf, usageOf } from "../../common/admin/command_line.ts";
import { ADMIN_NAMES } from "../../server/admin/commands.ts";
import { environmentName, OPTION_NAMES, OPTIONS } from "../../server/options/definitions.ts";
import { blocks, bold, entry, escape, inline, listing, paragraph, section } from "./roff.ts";

const REFERENCE = Deno.readTextFileSync(new URL("../cli.md", import.meta.url));
const COMMANDS = await allCommands();
const PROGRAMS: readonly [string, string][] = [
  ["serve", "start a server: towpath-serve(1)"],
  ["admin", "work on a data directory: towpath-admin(1)"],
  ["client", "the commands of the client, its admin too: towpath-client(1)"],
];

const DESCRIPTION =
  "Towpath keeps files on a server and transfers them. A transfer continues after an " +
  "interruption, and every file is verified at its end.";

/** The pages by the names of their files. */
export function manPages(): Map<string, string> {
  const pages = [
    page("towpath", "secure file server and client", program()),
    page("towpath-serve", "start a Towpath server", serve()),
    page("towpath-admin", "work on the data directory of a Towpath server", admin()),
    page("towpath-client", "transfer files to and from a Towpath server", client()),
  ];
  const names = pages.map(([name]) => name);
  return new Map(
    pages.map(([name, text]) => {
      const others = names.filter((other) => other !== name).map((other) => `${bold(other)}(1)`);
      return [`${name}.1`, `${text}\n${section("See also", others.join(",\n"))}\n`];
    }),
  );
}

function page(name: string, summary: string, sections: readonly string[]): [string, string] {
  const head = `.TH "${escape(name.toUpperCase())}" 1 "" "Towpath ${project.version}"`;
  const what = section("Name", `${escape(name)} \\- ${escape(summary)}`);
  // Without hyphens of its own and aligned to the left: options stay whole.
  return [name, [head, ".nh", ".ad l", what, ...sections].join("\n")];
}

function program(): string[] {
  const direct = COMMANDS.filter(({ name }) => name !== "admin");
  return [
    section("Synopsis", synopsis("towpath", "COMMAND [arguments] [options]")),
    section(
      "Description",
      paragraph(escape(DESCRIPTION)),
      ...blocks(part("Command line")).slice(-1),
    ),
    section(
      "Commands",
      ...[...PROGRAMS, ...direct.map(({ name, summary }): [string, string] => [name, summary])]
        .map(([name, summary]) => entry(bold(name), escape(summary))),
    ),
    section(
      "Other names",
      ...[...ALIASES].map(([alias, name]) => entry(bold(alias), escape(name))),
    ),
    section(
      "Examples",
      listing([
        "towpath serve --web-port 9443",
        "towpath login --server files.example.org:9000 --user alice",
        "towpath upload report.pdf --to /docs/",
        "towpath resume",
        "towpath admin user add alice",
        "towpath help upload",
      ]),
    ),
  ];
}

function serve(): string[] {
  const text = part("Server");
  const options = OPTION_NAMES.map((name) => {
    const { kind, summary, shownDefault, repeatable } = OPTIONS[name];
    const notes = [
      shownDefault && `default: ${shownDefault}`,
      repeatable && "may be given several times",
      `environment: ${environmentName(name)}`,
    ].filter(Boolean).join("; ");
    const value = kind.placeholder === null ? "" : ` ${escape(kind.placeholder)}`;
    return entry(bold(`--${name}`) + value, `${escape(summary)}\n.br\n${escape(notes)}`);
  });
  return [
    section("Synopsis", synopsis("towpath serve", "[options]")),
    section("Description", ...labelled(text, "First start"), ...labelled(text, "Ready")),
    section(
      "Options",
      ...options,
      entry(`${bold("--help")}, ${bold("--version")}`, "print this or the version, and end"),
      ...blocks(text).filter((block) => block.startsWith(".IP")),
    ),
    section("Environment", ...blocks(part("Environment"))),
    section("Files", ...blocks(part("Data directory"))),
    section("Signals", ...labelled(text, "Signals")),
    section("Exit status", ...labelled(text, "Exit codes")),
  ];
}

function admin(): string[] {
  const rest = blocks(part("Admin"));
  return [
    section("Synopsis", synopsis("towpath admin", "COMMAND [--data DIR] [--json]")),
    section("Description", ...rest.filter((text) => text.startsWith(".PP")).slice(1, 2)),
    section(
      "Commands",
      ...ADMIN_NAMES.flatMap(adminPart),
    ),
    section(
      "Options",
      entry(`${bold("--data")} DIR`, escape("the data directory (TOWPATH_DATA, default ./data)")),
      entry(bold("--json"), "print one JSON object"),
      entry(bold("--help"), "print the commands, and end"),
      ...rest.filter((text) => text.startsWith(".IP")),
    ),
    section("Exit status", rest.at(-1)!),
  ];
}

/** A command of `admin` with its options. */
function adminPart(name: AdminName): string[] {
  const { summary, options } = adminWords(name);
  return [
    entry(bold(usageOf(name)), escape(summary)),
    ...Object.entries(options).map(([option, { summary }]) =>
      entry(`    ${bold(optionOf(name, option))}`, escape(summary))
    ),
  ];
}

function client(): string[] {
  return [
    section(
      "Synopsis",
      synopsis("towpath", "COMMAND [arguments] [options]"),
      synopsis("towpath client", "COMMAND [arguments] [options]"),
    ),
    section("Description", ...labelled(REFERENCE, "Server"), ...labelled(REFERENCE, "Login")),
    section("Commands", ...COMMANDS.flatMap(commandPart)),
    section(
      "Common options",
      ...COMMON_OPTIONS.map(optionEntry),
      entry(bold("--version"), "print the version, in place of a command"),
    ),
    section("Environment", ...blocks(part("Environment"))),
    section("Files", ...blocks(part("Client's files"))),
    section("Exit status", ...blocks(part("Exit codes"))),
  ];
}

function commandPart({ name, usage, summary, details, options, examples }: Command): string[] {
  const called = (line: string) => `towpath ${/^admin\b/.test(line) ? "client " : ""}${line}`;
  return [
    `.SS "${escape(called(`${name} ${usage}`.trim())).replaceAll('"', "\\(dq")}"`,
    `${escape(summary.charAt(0).toUpperCase() + summary.slice(1))}.`,
    ...(details === undefined ? [] : details.split(/\n\n/).map((text) => {
      const lines = text.split("\n");
      return lines.some((line) => line.startsWith("  "))
        ? listing(lines)
        : paragraph(escape(lines.join(" ")));
    })),
    ...options.map(optionEntry),
    ...(examples === undefined ? [] : [listing(examples.map(called))]),
  ];
}

function optionEntry({ name, short, value, env, summary, default: fallback }: OptionSpec): string {
  const term = [short === undefined ? "" : bold(`-${short}`), bold(`--${name}`)];
  const notes = [env && `or ${env}`, fallback && `default ${fallback}`].filter(Boolean).join(", ");
  return entry(
    term.filter(Boolean).join(", ") + (value === undefined ? "" : ` ${escape(value)}`),
    escape(summary + (notes && ` (${notes})`)),
  );
}

function synopsis(command: string, rest: string): string {
  return paragraph(`${bold(command)} ${escape(rest)}`);
}

/** The text below a heading of docs/cli.md, up to the next heading. */
function part(heading: string): string {
  const found = REFERENCE.split(/^#+ /m).find((text) => text.startsWith(`${heading}\n`));
  if (found === undefined) throw new Error(`docs/cli.md has no heading "${heading}"`);
  return found.slice(heading.length + 1);
}

/** The paragraph that begins with a label: `**Signals.**`, without the label. */
function labelled(text: string, label: string): string[] {
  const mark = `**${label}.** `;
  const found = text.split(/\n{2,}/).find((block) => block.startsWith(mark));
  if (found === undefined) throw new Error(`docs/cli.md has no paragraph "${label}"`);
  return [paragraph(inline(found.slice(mark.length).replaceAll("\n", " ")))];
}
