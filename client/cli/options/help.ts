/** Help, made from the table of commands. */
import { clientCommand, programName } from "../../../common/program_name.ts";
import { tableLines } from "../../../common/table.ts";
import { ALIASES } from "./aliases.ts";
import type { Command } from "./command.ts";
import { COMMON_OPTIONS, type OptionSpec } from "./options.ts";

const PROGRAM = programName("client");

/** The help of the whole program. */
export function overview(commands: readonly Command[]): string {
  const rows = commands.map(({ name, summary }) => [name, summary]);
  const others = [...ALIASES].map(([alias, name]) => `${alias} (${name})`).join(", ");
  rows.push(["help", "this overview, or with a command's name all about it"]);
  return `Towpath: transfer files that survive every interruption and are proved at their end.

Usage: ${PROGRAM} COMMAND [arguments] [options]

Commands:
${tableLines(rows, { indent: "  " }).join("\n")}

Other names: ${others}.

Common options:
${optionLines(COMMON_OPTIONS)}

The password is read from TOWPATH_PASSWORD, --password-file, or asked for on a terminal; a token
from TOWPATH_TOKEN. Where the server is on this machine, ./data/tls/ca.pem is trusted as well.

Exit codes: 0 done and verified, 1 failed, 2 wrong usage, 3 login refused or missing, 4 not found,
5 permission denied, 6 checksum mismatch, 7 cannot connect or not trusted, 8 exists or changed,
9 no space or quota, 10 some of several failed, 130 interrupted.

More: ${PROGRAM} help COMMAND; ${PROGRAM} --version`;
}

/** The help of one command. */
export function commandHelp(command: Command): string {
  const parts = [
    `${capital(command.summary)}.`,
    `Usage: ${clientCommand([command.name, command.usage, "[options]"].filter(Boolean).join(" "))}`,
  ];
  if (command.details !== undefined) parts.push(command.details);
  if (command.options.length > 0) parts.push(`Options:\n${optionLines(command.options)}`);
  parts.push(`Common options:\n${optionLines(COMMON_OPTIONS)}`);
  if (command.examples !== undefined) {
    parts.push(
      `Examples:\n${command.examples.map((line) => `  ${clientCommand(line)}`).join("\n")}`,
    );
  }
  return parts.join("\n\n");
}

function optionLines(specs: readonly OptionSpec[]): string {
  const rows = specs.map((spec) => {
    const short = spec.short === undefined ? "    " : `-${spec.short}, `;
    const left = `${short}--${spec.name}${spec.value === undefined ? "" : ` ${spec.value}`}`;
    const notes = [
      spec.env === undefined ? "" : `or ${spec.env}`,
      spec.default === undefined ? "" : `default ${spec.default}`,
    ].filter(Boolean).join(", ");
    return [left, spec.summary + (notes && ` (${notes})`)];
  });
  return tableLines(rows, { indent: "  " }).join("\n");
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
