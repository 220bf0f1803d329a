import type { Narrowed } from "../../../storage/contract/principal.ts";
import type { Account } from "../../../storage/contract/catalog.ts";
import type { ReportedSize } from "../../../storage/transfer/restart.ts";
import type { View } from "../../../storage/vault.ts";
import type { Origin } from "../../auth/origin.ts";
import type { DoorLimits } from "../../admission/door_limits.ts";
import type { DoorContext, ServerInfo } from "../../door/door.ts";
import type { SessionLimits } from "../../admission/session_limits.ts";
import type { Channel } from "../../tls/channel.ts";
import type { Control } from "./control.ts";
import type { DataPort } from "../data/data_port.ts";
import type { Fact } from "./facts.ts";
import type { TrustsProxy } from "../../listener/proxied.ts";
import type { Reply } from "./reply.ts";
import type { FtpSettings, SecureContexts } from "./settings.ts";
import type { Transfer } from "../data/transfer.ts";

/** Values that the door (FTP listener) passes to a session. */
export interface FtpSessionOptions extends DoorContext {
  readonly serverInfo: ServerInfo;
  readonly settings: FtpSettings;
  readonly limits: DoorLimits;
  readonly trustsProxy?: TrustsProxy | undefined;
  /** Called at each login. */
  onLogin?(): void;
  /** Returns the current certificate. */
  secure(): SecureContexts;
}

/** The connection as command handlers see it. */
export interface Context {
  readonly services: DoorContext;
  readonly serverInfo: ServerInfo;
  readonly settings: FtpSettings;
  /** The connection as logins and the audit log name it. */
  readonly origin: Origin;
  readonly control: Control;
  readonly data: DataPort;
  /** The client's address without port, IPv4 as such. */
  readonly address: string;
  /** This machine's address in the control connection, IPv4 as such. */
  readonly localAddress: string;
  /** The address that the client connected to: a proxy's, where one names it. */
  readonly reachedAddress: string;
  /** Proxies whose data connections begin with a PROXY header. */
  readonly trustsProxy: TrustsProxy | undefined;
  /** The logged-in account's view. @throws {ReplyError} 530 */
  readonly view: View;
  readonly loggedIn: boolean;
  /** Current directory, as the client spells it. */
  cwd: string;
  /** Name that `USER` gave, until `PASS`. */
  userName: string | undefined;
  /** Number of wrong passwords. */
  wrongPasswords: number;
  /** Content as it is, or lines of text (`TYPE A`). */
  ascii: boolean;
  /** Data connections are within TLS (`PROT P`). */
  protectedData: boolean;
  /** Offset that `REST` named, until the next transfer. */
  restart: number;
  /** The last `SIZE` reply, until the next upload, which continues there. */
  reported: ReportedSize | undefined;
  /** Source that `RNFR` named, until `RNTO`. */
  renameFrom: string | undefined;
  /** `EPSV ALL`: no other command sets a data connection up any more. */
  onlyEpsv: boolean;
  /** Facts that `MLSD` and `MLST` return. */
  facts: readonly Fact[];
  /** An absolute path of what the client wrote. */
  resolve(text: string): string;
  /** From now on the connection acts for this account. */
  enter(account: Account, narrowed?: Narrowed): Promise<void>;
  /** Logs out. */
  leave(): void;
  /** Sends a preliminary reply. */
  send(reply: Reply): Promise<void>;
  /** Continues within TLS, once the reply has been sent. */
  startTlsAfterReply(): void;
  /** Closes the connection once the reply has left. */
  closeAfterReply(): void;
  /** Limits of the connection. */
  readonly limits: SessionLimits;
  /**
   * Throws unless a data connection can be opened: 521 without `PROT P`, 425 without `PASV`.
   */
  requireData(): void;
  /**
   * Runs a transfer: sends `opening` (150), opens the data connection, and calls `run`, which
   * returns the final reply. If `run` throws because the transfer was ended from outside, the
   * reason of that is the reply.
   */
  transfer(
    opening: string,
    run: (channel: Channel, transfer: Transfer) => Promise<Reply>,
  ): Promise<Reply>;
  /** Whether the client is there to get the reply to a transfer; it has not said `QUIT`. */
  readonly present: boolean;
  /** The running transfer, for `STAT`. */
  readonly running: Transfer | undefined;
}

/**
 * A row of the table of commands. Dispatch, `HELP`, the reference page and the tests that every
 * command demands its login and permissions are derived from the rows.
 */
export interface CommandRow {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** @default true */
  readonly needsLogin?: boolean;
  /** Permissions that it needs, all of them; the vault checks them. */
  readonly letters: string;
  /** Arguments after the name, in the words of RFC 959; optional ones in brackets. */
  readonly syntax: string;
  /** One sentence for `HELP` and the reference. */
  readonly summary: string;
  /** The argument names a file or directory that is to be: one that is not allowed is 553. */
  readonly naming?: boolean;
  /** It runs at once during a transfer; others wait for the transfer's end. */
  readonly atOnce?: boolean;
  /** Lines of `FEAT` that announce it (RFC 2389). */
  features?(context: Context): readonly string[];
  /** Carries the command out. @param argument text after the name and one space */
  run(context: Context, argument: string): Promise<Reply> | Reply;
}

/** Whether a row cannot do without an argument. */
export function needsArgument({ syntax }: CommandRow): boolean {
  return syntax !== "" && !syntax.startsWith("[");
}
