/** The table of `admin` commands: dispatch and help are derived from it. */
import { programName } from "../../common/program_name.ts";
import { BACKUP_COMMANDS } from "./backup_command.ts";
import type { AdminCommand } from "./command.ts";
import { IMPORT_COMMANDS } from "./import_command.ts";
import { LIMIT_COMMANDS } from "./limit_commands.ts";
import { PART_COMMANDS } from "./part_commands.ts";
import { RESTORE_COMMANDS } from "./restore_command.ts";
import { STATUS_COMMANDS } from "./status_command.ts";
import { TLS_COMMANDS } from "./tls_commands.ts";
import { USER_COMMANDS } from "./user_commands.ts";
import { VERIFY_COMMANDS } from "./verify_command.ts";

/** All commands, in the order of the help text. */
export const ADMIN_COMMANDS: readonly AdminCommand[] = [
  ...USER_COMMANDS,
  ...IMPORT_COMMANDS,
  ...LIMIT_COMMANDS,
  ...VERIFY_COMMANDS,
  ...PART_COMMANDS,
  ...BACKUP_COMMANDS,
  ...RESTORE_COMMANDS,
  ...TLS_COMMANDS,
  ...STATUS_COMMANDS,
];

/** How a command is written. */
export function usageOf({ name, operands, flags }: AdminCommand): string {
  const shown = Object.entries(flags).map(([flag, { placeholder }]) =>
    placeholder === null ? `[--${flag}]` : `[--${flag} ${placeholder}]`
  );
  return [name, ...operands, ...shown].join(" ");
}

/** Formats the output of `--help`. */
export function adminHelp(): string {
  const lines = ADMIN_COMMANDS.flatMap((command) => [
    `  ${usageOf(command)}`,
    `      ${command.summary}`,
  ]);
  return `Usage: ${programName("admin")} COMMAND [--data DIR] [--json]

Works on a data directory, whether the server runs or not.

${lines.join("\n")}

--data DIR is the data directory (TOWPATH_DATA, default ./data), --json prints one JSON object.
SIZE is a number of bytes, with K, M, G or T behind it where wanted, or none; DUR a number with ms,
s, m, h or d; CIDR an address or a network such as 192.0.2.0/24; LETTERS are of r (read), w (write), c (create), d (delete), t (administer).
`;
}
