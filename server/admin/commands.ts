/** The table of `admin` commands; their words are in `common/admin/words.ts`. */
import { overview, VALUES_HELP } from "../../common/admin/command_line.ts";
import { ADMIN_WORDS, type AdminName } from "../../common/admin/words.ts";
import { programName } from "../../common/program_name.ts";
import { BACKUP_COMMANDS } from "./backup_command.ts";
import type { AdminCommand } from "./command.ts";
import { COLLECT_COMMANDS } from "./collect_command.ts";
import { GROUP_COMMANDS } from "./group_commands.ts";
import { IMPORT_COMMANDS } from "./import_command.ts";
import { KEPT_COMMANDS } from "./kept_commands.ts";
import { LIMIT_COMMANDS } from "./limit_commands.ts";
import { LOG_COMMANDS } from "./log_command.ts";
import { MIGRATE_COMMANDS } from "./migrate_command.ts";
import { MOUNT_COMMANDS } from "./mount_commands.ts";
import { PART_COMMANDS } from "./part_commands.ts";
import { RESTORE_COMMANDS } from "./restore_command.ts";
import { SESSION_COMMANDS } from "./session_commands.ts";
import { STATUS_COMMANDS } from "./status_command.ts";
import { TLS_COMMANDS } from "./tls_commands.ts";
import { USER_COMMANDS } from "./user_commands.ts";
import { VERIFY_COMMANDS } from "./verify_command.ts";

/** All commands. */
export const ADMIN_COMMANDS: readonly AdminCommand[] = [
  ...USER_COMMANDS,
  ...IMPORT_COMMANDS,
  ...GROUP_COMMANDS,
  ...LIMIT_COMMANDS,
  ...MOUNT_COMMANDS,
  ...SESSION_COMMANDS,
  ...VERIFY_COMMANDS,
  ...PART_COMMANDS,
  ...KEPT_COMMANDS,
  ...LOG_COMMANDS,
  ...STATUS_COMMANDS,
  ...BACKUP_COMMANDS,
  ...RESTORE_COMMANDS,
  ...MIGRATE_COMMANDS,
  ...COLLECT_COMMANDS,
  ...TLS_COMMANDS,
];

/** Their names, in the order of the help. */
export const ADMIN_NAMES = Object.keys(ADMIN_WORDS) as AdminName[];

/** Formats the output of `--help`. */
export function adminHelp(): string {
  return `Usage: ${programName("admin")} COMMAND [--data DIR] [--json]

Works on a data directory, whether the server runs or not.

${overview(ADMIN_NAMES)}

--data DIR is the data directory (TOWPATH_DATA, default ./data), --json prints one JSON object.
${VALUES_HELP}

More: ${programName("admin")} COMMAND --help
`;
}
