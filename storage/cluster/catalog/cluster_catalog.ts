import type {
  Account,
  AccountAnswer,
  AccountChange,
  Catalog,
  DatabaseState,
  Usage,
  Validity,
} from "../../contract/catalog.ts";
import { Epoch } from "../../common/epoch.ts";
import type { Database, Sql } from "../postgres/database.ts";
import { PostgresFailures } from "./failures.ts";
import { FreshValues } from "./fresh_values.ts";
import { PostgresGroups } from "./groups.ts";
import { PostgresLinks } from "./links.ts";
import { PostgresLocks } from "./locks.ts";
import { PostgresMarks } from "./marks.ts";
import { noted } from "./notes.ts";
import { PostgresPolicy } from "./policy.ts";
import { PostgresShares } from "./shares.ts";
import { PostgresTokens } from "./tokens.ts";
import { PostgresUploadNotes } from "./upload_notes.ts";
import { PostgresWebSessions } from "./web_sessions.ts";

/**
 * How long an account may be cached, ms. Notifications end the cache at once; a node that hears
 * none knows an old account no longer than this, and without the database it knows none.
 */
const LAG_MS = 1000;
/** Most accounts in the cache. */
const MAX_KNOWN = 10_000;
/** Channel of changes to accounts and tokens. */
const CHANNEL = "towpath_accounts";

/** The catalog in PostgreSQL, which all nodes share. */
export class ClusterCatalog implements Catalog {
  readonly lagMs = LAG_MS;
  readonly tokens: PostgresTokens;
  readonly failures: PostgresFailures;
  readonly groups: PostgresGroups;
  readonly shares: PostgresShares;
  readonly links: PostgresLinks;
  readonly locks: PostgresLocks;
  readonly webSessions: PostgresWebSessions;
  readonly uploadNotes: PostgresUploadNotes;
  readonly marks: PostgresMarks;
  readonly policy: PostgresPolicy;
  readonly #epoch = new Epoch(LAG_MS);
  readonly #known = new FreshValues<Account>(this.#epoch, MAX_KNOWN);

  constructor(private readonly database: Database) {
    this.tokens = new PostgresTokens(database, this.#epoch);
    this.failures = new PostgresFailures(database);
    this.groups = new PostgresGroups(database, this.#epoch);
    this.shares = new PostgresShares(database);
    this.links = new PostgresLinks(database);
    this.locks = new PostgresLocks(database);
    this.webSessions = new PostgresWebSessions(database);
    this.uploadNotes = new PostgresUploadNotes(database);
    this.marks = new PostgresMarks(database);
    this.policy = new PostgresPolicy(database);
  }

  /** Begins to listen to changes by other processes. Without it they are seen after `lagMs`. */
  async listen(): Promise<void> {
    const changed = () => this.#epoch.end();
    await this.database.listen(CHANNEL, changed, changed);
    await this.policy.listen();
  }

  watch(changed: () => void): void {
    this.#epoch.watch(changed);
  }

  account(name: string): Promise<Account | undefined> {
    return this.#known.get(name, async () => {
      const [row] = await this.database.repeat((sql) =>
        sql`SELECT ${columns(sql)} FROM accounts WHERE name = ${name}`
      );
      return row && { ...row } as Account;
    });
  }

  async accounts({ after = "", count }: { after?: string; count: number }): Promise<Account[]> {
    const rows = await this.database.repeat((sql) =>
      sql`SELECT ${columns(sql)} FROM accounts WHERE name > ${after} ORDER BY name LIMIT ${count}`
    );
    return rows.map((row) => ({ ...row }) as Account);
  }

  async accountTotals(): Promise<Usage & { accounts: number }> {
    // Sums may exceed what an integer holds.
    const [row] = await this.database.repeat((sql) =>
      sql`SELECT count(*) AS accounts, coalesce(sum(used_bytes), 0)::float8 AS "usedBytes",
        coalesce(sum(reserved_bytes), 0)::float8 AS "reservedBytes" FROM accounts`
    );
    return { ...row } as Usage & { accounts: number };
  }

  async updateAccount(name: string, change: AccountChange): Promise<boolean> {
    const { passwordHash = null, letters = null, quotaBytes, generation = null } = change;
    const { disabled = null, expiresMs } = change;
    const updated = await this.#changing(
      this.database.repeat((sql) =>
        sql`UPDATE accounts SET password_hash = coalesce(${passwordHash}, password_hash),
        letters = coalesce(${letters}, letters), generation = coalesce(${generation}, generation),
        quota_bytes = CASE WHEN ${quotaBytes === undefined} THEN quota_bytes
          ELSE ${quotaBytes ?? null}::bigint END,
        disabled = coalesce(${disabled}, disabled),
        expires_ms = CASE WHEN ${expiresMs === undefined} THEN expires_ms
          ELSE ${expiresMs ?? null}::bigint END
        WHERE name = ${name}`
      ),
    );
    return updated.count === 1;
  }

  async setLetters(name: string, letters: string): Promise<AccountAnswer> {
    const [row] = await this.#changing(
      this.database.repeat((sql) => sql`SELECT account_set_letters(${name}, ${letters}) AS answer`),
    );
    return row!["answer"];
  }

  async setValidity(name: string, change: Partial<Validity>): Promise<AccountAnswer> {
    const { disabled = null, expiresMs } = change;
    const [row] = await this.#changing(
      this.database.repeat((sql) =>
        sql`SELECT account_set_validity(${name}, ${disabled}, ${expiresMs !== undefined},
          ${expiresMs ?? null}) AS answer`
      ),
    );
    return row!["answer"];
  }

  async setPassword(
    name: string,
    hash: string,
    ofGeneration?: number,
  ): Promise<number | undefined> {
    const [row] = await this.#changing(
      this.database.query((sql) =>
        sql`SELECT account_set_password(${name}, ${hash}, ${ofGeneration ?? null}) AS generation`
      ),
    );
    return row!["generation"] ?? undefined;
  }

  async noteLogin(name: string, atMs: number): Promise<void> {
    await noted(this.database.query((sql) =>
      sql`UPDATE accounts SET last_login_ms = ${atMs}
        FROM (SELECT set_config('synchronous_commit', 'off', true)) AS soon WHERE name = ${name}`
    ));
    this.#known.forget(name);
  }

  async usage(name: string): Promise<Usage> {
    const [row] = await this.database.repeat((sql) =>
      sql`SELECT used_bytes AS "usedBytes", reserved_bytes AS "reservedBytes" FROM accounts
        WHERE name = ${name}`
    );
    return row === undefined ? { usedBytes: 0, reservedBytes: 0 } : { ...row } as Usage;
  }

  async state(): Promise<DatabaseState> {
    const [row] = await this.database.repeat((sql) =>
      sql`SELECT max(number) AS schema FROM schema_migrations`
    );
    return { schema: row!["schema"], sizeBytes: await this.sizeBytes() };
  }

  async sizeBytes(): Promise<number> {
    const [row] = await this.database.repeat((sql) =>
      sql`SELECT pg_database_size(current_database()) AS size`
    );
    return row!["size"];
  }

  /** As the engine's: corrects times after `nowMs`, but for those of uploads. */
  async redate(nowMs: number): Promise<void> {
    await this.#changing(this.database.repeat((sql) => sql`SELECT catalog_redate(${nowMs})`));
    await this.locks.redate(nowMs);
  }

  /** This process has changed an account by other means. */
  changed(): void {
    this.#epoch.end();
  }

  /** Ends the caches when a change has ended, even where its answer was lost. */
  async #changing<T>(change: Promise<T>): Promise<T> {
    try {
      return await change;
    } finally {
      this.#epoch.end();
    }
  }
}

function columns(sql: Sql) {
  return sql`name, password_hash AS "passwordHash", letters, quota_bytes AS "quotaBytes",
    created_ms AS "createdMs", last_login_ms AS "lastLoginMs", generation, disabled,
    expires_ms AS "expiresMs", groups_of(id) AS groups`;
}
