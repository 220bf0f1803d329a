/** How a connection is encrypted. */
export interface DatabaseTls {
  /** Certificates in PEM that the server's must lead to. @default those of the system */
  readonly ca?: string | undefined;
  /** Name in the server's certificate. @default the host */
  readonly serverName?: string | undefined;
}

/** Where the database is, and how many connections may be open. All of it is given: no environment
 * variable counts. */
export interface DatabaseOptions {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** Undefined: connections are not encrypted. */
  readonly tls: DatabaseTls | undefined;
  /** Shown in `pg_stat_activity`. @default "towpath" */
  readonly applicationName?: string | undefined;
  /** Maximum number of connections of this pool. @default 8 */
  readonly connections?: number | undefined;
  /** How long the server may work on one statement, ms. @default 15000 */
  readonly statementMs?: number | undefined;
}

/** Default of {@linkcode DatabaseOptions.connections}. */
export const DEFAULT_CONNECTIONS = 8;

/** Default of {@linkcode DatabaseOptions.statementMs}. */
export const DEFAULT_STATEMENT_MS = 15_000;
