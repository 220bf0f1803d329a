import type {
  CommandName,
  ReplyData,
  RequestData,
  RequestId,
  Status,
} from "../../../protocol/mod.ts";
import type { Account } from "../../../storage/contract/catalog.ts";
import type { Narrowed } from "../../../storage/contract/principal.ts";
import type { Upload } from "../../../storage/transfer/upload.ts";
import type { View } from "../../../storage/vault.ts";
import type { Origin } from "../../auth/origin.ts";
import type { DoorLimits } from "../../admission/door_limits.ts";
import type { DoorContext, ServerInfo } from "../../door/door.ts";
import type { SessionLimits } from "../../admission/session_limits.ts";
import type { Outbox, Slot } from "./outbox.ts";

/** Values that the door (native listener) passes to a session. */
export interface NativeSessionOptions extends DoorContext {
  limits: DoorLimits;
  serverInfo: ServerInfo;
  /** The peer's address, without port. */
  address: string;
  /** Called at each login. */
  onLogin?: () => void;
}

/** The final reply of a command; `code` where it differs from the status's own. */
export interface Answer {
  status?: Status;
  code?: number;
  data: ReplyData;
}

/** The connection as command handlers see it. */
export interface Context {
  readonly serverInfo: ServerInfo;
  readonly sessionId: string;
  readonly address: string;
  /** The connection as logins and the audit log name it. */
  readonly origin: Origin;
  readonly outbox: Outbox;
  /** The logged-in account's view; only rows that need a login may ask for it. */
  readonly view: View;
  /** Current directory. */
  cwd: string;
  /** Name that `USER` gave, until `PASS`. */
  userName: string | undefined;
  /** Source that `RNFR` named, until `RNTO`. */
  renameFrom: string | undefined;
  /** Offset that `REST` named, until the next transfer. */
  restart: number | undefined;
  /** Whether an `ABOR` came for the running transfer. */
  readonly aborted: boolean;
  /** Services of the server other than storage. */
  readonly services: DoorContext;
  /** An absolute path of what the client wrote. */
  resolve(text: string): string;
  /** From now on the connection acts for this account, narrowed to what a token allows. */
  enter(account: Account, narrowed?: Narrowed): Promise<void>;
  /** DATA frames go to this upload from now on. */
  receive(upload: Upload, slot: Slot, id: RequestId | undefined, pipelined: boolean): void;
  /** DATA frames up to the next `END` are thrown away: their upload was refused or skipped. */
  discardUntilEnd(): void;
  /** Limits of the connection. */
  readonly limits: SessionLimits;
  /** Closes the connection once this reply was sent. */
  closeAfterReply(): void;
}

/** One request on its way through the table. */
export interface Request<C extends CommandName> {
  readonly data: RequestData<C>;
  readonly id: RequestId | undefined;
  readonly slot: Slot;
  /** The name the client used: an alias or the command's own. */
  readonly calledAs: string;
  /** For `ABOR`: it stopped a transfer. */
  readonly stopped: boolean;
}

/**
 * A row of the table of commands. Dispatch, `HELP`, `FEAT`, the reference page and the tests that
 * every command demands its login and permissions are derived from the rows.
 */
export interface CommandRow<C extends CommandName> {
  readonly name: C;
  readonly aliases?: readonly string[];
  /** @default true */
  readonly needsLogin?: boolean;
  /** Permissions that it needs, all of them; the vault checks them. */
  readonly letters: string;
  /** One sentence for `HELP` and the reference. */
  readonly summary: string;
  /** Content of the final reply, for the reference. */
  readonly reply: string;
  /** Carries the request out; undefined where the final reply is sent by other means. */
  run(context: Context, request: Request<C>): Promise<Answer | undefined> | Answer | undefined;
}

/** Makes a row; the type parameter ties the schema of the data to `run`. */
export function command<C extends CommandName>(row: CommandRow<C>): CommandRow<C> {
  return row;
}
