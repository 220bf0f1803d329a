/** The interface of every door: it is opened on a port, reloads its certificate, and is closed. */

import type { LogLevel, LogName } from "../../common/log_names.ts";
import type { DoorLimits } from "../admission/door_limits.ts";
import type { TrustsProxy } from "../listener/proxied.ts";
import type { Vault } from "../../storage/vault.ts";
import type { AccountService } from "../auth/account_service.ts";
import type { Authenticator } from "../auth/authenticator.ts";

/** The name of a listener in `server.json`. */
export type ListenerName = "native" | "ftp" | "ftps" | "web";

/** A door that listens. */
export interface Door {
  readonly name: ListenerName;
  readonly host: string;
  /** The port it listens on: the real one if 0 was configured. */
  readonly port: number;
  /** Uses another certificate (PEM) for connections accepted from now on; none is dropped. */
  reload(cert: string, key: string): void | Promise<void>;
  /**
   * Stops accepting at once, gives transfers `graceMs` to finish, checkpoints the rest and closes
   * every connection. A second call, with a shorter grace, hastens the first.
   */
  close(graceMs: number): Promise<void>;
}

/** Name and version of the server, for `FEAT` and greetings. */
export interface ServerInfo {
  readonly name: string;
  readonly version: string;
}

/** Which lines of a log are wanted. */
export interface LogQuery {
  readonly name: LogName;
  /** Maximum of lines. */
  readonly lines: number;
  /** The least level. */
  readonly level?: LogLevel;
  /** A text that they contain. */
  readonly contains?: string;
  /** The account that they are about. */
  readonly account?: string;
}

/** Reads the server's own logs; who may, is the vault's to say. */
export interface LogReader {
  /** The last lines that match, oldest first. */
  tail(query: LogQuery): Promise<string[]>;
}

/** A part of the server that does not work as it should. */
export interface Trouble {
  /** The part, as in `audit log`. */
  readonly part: string;
  /** Why, in one clause; it may name paths, so only an operator may see it. */
  readonly reason: string;
  /** Whether nothing can be served because of it. @default false */
  readonly isFatal?: boolean;
}

/** The services that a door uses. */
export interface DoorContext {
  readonly vault: Vault;
  readonly authenticator: Authenticator;
  readonly accounts: AccountService;
  readonly logs: LogReader;
  /** The troubles of the server that its main thread knows. @default none */
  readonly troubles?: () => readonly Trouble[];
  /** Whether the server is about to stop, and new clients should go elsewhere. @default false */
  readonly isDraining?: () => boolean;
  /** When the certificate that is served ends, ms since the epoch. */
  readonly certificateEndMs?: () => number;
  /** The certificate chain that is served, in PEM, the leaf first. */
  readonly certificate?: () => string;
  /** Uptime of the server, ms; setting the clock does not change it. */
  readonly uptimeMs?: () => number;
  /** Writes a line about a request that the web door answered. @default not written */
  readonly accessLog?: (line: string) => void;
}

/** Options of every door (protocol). */
export interface DoorOptions extends DoorContext {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** Number of listeners. @default 1 */
  readonly listeners?: number;
  /** Certificate chain in PEM: the leaf first. */
  readonly cert: string;
  /** Its private key in PEM. */
  readonly key: string;
  readonly limits: DoorLimits;
  /** Proxies whose connections begin with a PROXY header. @default none */
  readonly trustsProxy?: TrustsProxy | undefined;
  readonly serverInfo: ServerInfo;
}
