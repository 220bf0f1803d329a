/** The target of the load: one server, or several nodes. */
/** Ports of the doors. */
export interface Ports {
  native: number;
  ftp: number;
  web: number;
}

/** The HTTP API with an account's login. */
export interface Api {
  readonly context: { readonly login: { readonly username: string } };
  /** Sends a request whose reply is JSON. */
  json(method: string, path: string): Promise<unknown>;
  /** Sends a request, and reads the reply whole. */
  ask(method: string, path: string): Promise<{ bytes: Uint8Array }>;
}

/** A file that is stored. */
export type StoredFile = () => Uint8Array | Promise<Uint8Array>;

/** Stored files as a check reads them, past the doors where it can. */
export interface Stored {
  /** Files by name in a directory of the account of `api`; undefined: it is missing. */
  files(api: Api, directory: string): Promise<Map<string, StoredFile> | undefined>;
  /** Names of what is left of an account's unfinished uploads. */
  parts(account: string): string[];
  /** Bytes that are set aside for an account. */
  asideBytes(account: string): number;
  /** Lines of the audit logs. */
  auditLines(): string[];
}

/** Where the doors are, and what is stored behind them. */
export interface Site {
  readonly stored: Stored;
  /** File of the authority that clients trust. */
  readonly ca: string;
  /** Ports of a server that is up, once there is one. */
  ports(): Promise<Ports>;
  /** @returns whether since this call nothing has failed, nor is about to */
  watch(): () => boolean;
}
