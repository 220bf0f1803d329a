/** Definition of an `admin` command: its words, its arguments, and its outcome. */
import type { AdminName, AdminOptionName } from "../../common/admin/words.ts";
import type { AuditEvent } from "../../storage/monitor/audit.ts";
import type { ServerOptions } from "../options/definitions.ts";
import type { Kind } from "../options/kinds.ts";
import type { Terminal } from "./terminal.ts";

/** Environment of the commands. */
export interface AdminContext {
  /** The data directory, links resolved; it holds a catalog where the command needs one. */
  data: string;
  /** Options from the environment and the config file. */
  options: ServerOptions;
  terminal: Terminal;
  /** Absolute path of what the user wrote. */
  resolve(path: string): string;
  /**
   * Reads options again, with others on the command line.
   *
   * @param without variables of the environment that do not count
   * @throws {ExitError}
   */
  readOptions(args: readonly string[], without: readonly string[]): ServerOptions;
  /** Reports progress on standard error: as a line, or with `--json` as an object. */
  report(text: string, data: Record<string, unknown>): void;
}

/** Result of a command. */
export interface Outcome {
  /** For people. */
  text: string;
  /** For `--json`. */
  data: Record<string, unknown>;
  /** @default 0 */
  exitCode?: number;
  /** Advice if none of it could be printed, after a secret that is shown once. */
  ifLost?: string;
}

/** How the texts of a command's options are read, by name. */
export type FlagKinds = Record<string, Kind<unknown>>;

/** Values of the flags that were given. */
export type FlagValues<F extends FlagKinds> = { [K in keyof F]?: ReturnType<F[K]["read"]> };

/** Action of a command; its words are in `common/admin/words.ts`. */
export interface AdminAction<F extends FlagKinds = FlagKinds> {
  readonly flags: F;
  /** Whether the data directory must hold a catalog. @default true */
  readonly needsCatalog?: boolean;
  /** Whether it uses the network beside that of the data's own database and store. */
  readonly usesNetwork?: boolean;
  /** Whether it copies files of a data directory: no command where several nodes share all. */
  readonly oneMachine?: boolean;
  /** Event for the audit log; undefined if the command only read. */
  audited?(operands: string[], flags: FlagValues<F>): Omit<AuditEvent, "result"> | undefined;
  run(context: AdminContext, operands: string[], flags: FlagValues<F>): Promise<Outcome>;
}

/** One command. */
export interface AdminCommand extends AdminAction {
  readonly name: AdminName;
}

/** Makes a command; the type parameters tie its options to the table and to `run`. */
export function adminCommand<
  const N extends AdminName,
  F extends Record<AdminOptionName<N>, Kind<unknown>>,
>(name: N, action: AdminAction<F>): AdminCommand {
  return { ...action as unknown as AdminAction, name };
}
