import type {
  AccountLimits,
  Ban,
  CommonLimits,
  LimitedAccount,
  LimitedNetwork,
  Network,
  PolicyBook,
} from "../../contract/books/policy_book.ts";
import type { Page } from "../../contract/values/page.ts";
import type { Database } from "../postgres/database.ts";

/** Channel of changes to limits and bans. */
const CHANNEL = "towpath_policy";

/** Limits of accounts, and bans, in PostgreSQL. Triggers count the version. */
export class PostgresPolicy implements PolicyBook {
  readonly #watchers: (() => void)[] = [];

  constructor(private readonly database: Database) {}

  /** Begins to listen to changes by other processes. */
  async listen(): Promise<void> {
    const changed = () => {
      for (const watcher of this.#watchers) watcher();
    };
    await this.database.listen(CHANNEL, changed, changed);
  }

  watch(changed: () => void): void {
    this.#watchers.push(changed);
  }

  async version(): Promise<number> {
    const [row] = await this.database.repeat((sql) => sql`SELECT version FROM policy`);
    return row!["version"];
  }

  async limits(
    { after, count }: Page<Pick<LimitedAccount, "account">>,
  ): Promise<LimitedAccount[]> {
    const rows = await this.database.repeat((sql) =>
      sql`SELECT a.name, l.limits FROM account_limits l JOIN accounts a ON a.id = l.account
        WHERE a.name > ${after?.account ?? ""} ORDER BY a.name LIMIT ${count}`
    );
    return rows.map(({ name, limits }) => ({ account: name, limits: JSON.parse(limits) }));
  }

  async limitsOf(account: string): Promise<AccountLimits | undefined> {
    const [row] = await this.database.repeat((sql) =>
      sql`SELECT l.limits FROM account_limits l JOIN accounts a ON a.id = l.account
        WHERE a.name = ${account}`
    );
    return row && JSON.parse(row["limits"]);
  }

  async setLimits(account: string, limits: AccountLimits): Promise<boolean> {
    const set = await this.database.repeat((sql) =>
      sql`INSERT INTO account_limits SELECT id, ${JSON.stringify(limits)} FROM accounts
          WHERE name = ${account}
        ON CONFLICT (account) DO UPDATE SET limits = excluded.limits`
    );
    return set.count === 1;
  }

  async networks({ after, count }: Page<Network>): Promise<LimitedNetwork[]> {
    const { address = "", prefixLength = -1 } = after ?? {};
    const rows = await this.database.repeat((sql) =>
      sql`SELECT address, prefix_length, limits FROM network_limits
        WHERE (address, prefix_length) > (${address}, ${prefixLength}::int)
        ORDER BY address, prefix_length LIMIT ${count}`
    );
    return rows.map(({ address, prefix_length: prefixLength, limits }) => ({
      address,
      prefixLength,
      limits: JSON.parse(limits),
    }));
  }

  async setNetwork({ address, prefixLength }: Network, limits: CommonLimits): Promise<void> {
    await this.database.repeat((sql) =>
      Object.keys(limits).length === 0
        ? sql`DELETE FROM network_limits
          WHERE address = ${address} AND prefix_length = ${prefixLength}`
        : sql`INSERT INTO network_limits
            VALUES (${address}, ${prefixLength}, ${JSON.stringify(limits)})
          ON CONFLICT (address, prefix_length) DO UPDATE SET limits = excluded.limits`
    );
  }

  async bans(nowMs: number, { after, count }: Page<Ban>): Promise<Ban[]> {
    const { createdMs = -1, address = "", prefixLength = -1 } = after ?? {};
    const rows = await this.database.repeat((sql) =>
      sql`SELECT address, prefix_length AS "prefixLength", reason, created_ms AS "createdMs",
          expires_ms AS "expiresMs" FROM bans
        WHERE (expires_ms IS NULL OR expires_ms > ${nowMs})
          AND (created_ms, address, prefix_length) >
            (${createdMs}::bigint, ${address}, ${prefixLength}::int)
        ORDER BY created_ms, address, prefix_length LIMIT ${count}`
    );
    return rows.map((row) => ({ ...row }) as Ban);
  }

  async ban({ address, prefixLength, reason, createdMs, expiresMs }: Ban): Promise<void> {
    await this.database.repeat((sql) =>
      sql`WITH expired AS (DELETE FROM bans WHERE expires_ms <= ${createdMs}
          AND (address, prefix_length) <> (${address}, ${prefixLength}))
        INSERT INTO bans VALUES (${address}, ${prefixLength}, ${reason}, ${createdMs}, ${expiresMs})
        ON CONFLICT (address, prefix_length) DO UPDATE SET reason = excluded.reason,
          created_ms = excluded.created_ms, expires_ms = excluded.expires_ms`
    );
  }

  async unban({ address, prefixLength }: Network): Promise<boolean> {
    const removed = await this.database.query((sql) =>
      sql`DELETE FROM bans WHERE address = ${address} AND prefix_length = ${prefixLength}`
    );
    return removed.count === 1;
  }
}
