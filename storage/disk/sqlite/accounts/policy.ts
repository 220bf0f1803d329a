import type {
  AccountLimits,
  Ban,
  CommonLimits,
  LimitedAccount,
  LimitedNetwork,
  Network,
  PolicyBook,
} from "../../../contract/books/policy_book.ts";
import type { Page } from "../../../contract/values/page.ts";
import type { Connection } from "../connection/connection.ts";
import type { Grants } from "./grants.ts";
import { settled } from "../connection/settled.ts";

const BAN_COLUMNS = `address, prefix_length AS prefixLength, reason, created_ms AS createdMs,
  expires_ms AS expiresMs`;

/** Limits of accounts, and bans, in SQLite. */
export class SqlitePolicy implements PolicyBook, Grants {
  readonly #sql;

  constructor(private readonly connection: Connection) {
    const prepare = (sql: string) => connection.prepare(sql);
    this.#sql = {
      version: prepare("SELECT version FROM policy"),
      changed: prepare("UPDATE policy SET version = version + 1"),
      limits: prepare(
        "SELECT account, limits FROM account_limits WHERE account > ? ORDER BY account LIMIT ?",
      ),
      limitsOf: prepare("SELECT limits FROM account_limits WHERE account = ?"),
      setLimits: prepare(
        `INSERT OR REPLACE INTO account_limits SELECT name, ? FROM accounts WHERE name = ?`,
      ),
      removeOf: prepare("DELETE FROM account_limits WHERE account = ?"),
      networks: prepare(
        `SELECT address, prefix_length AS prefixLength, limits FROM network_limits
        WHERE (address, prefix_length) > (?, ?) ORDER BY address, prefix_length LIMIT ?`,
      ),
      setNetwork: prepare("INSERT OR REPLACE INTO network_limits VALUES (?, ?, ?)"),
      removeNetwork: prepare("DELETE FROM network_limits WHERE address = ? AND prefix_length = ?"),
      bans: prepare(
        `SELECT ${BAN_COLUMNS} FROM bans WHERE (expires_ms IS NULL OR expires_ms > ?)
          AND (created_ms, address, prefix_length) > (?, ?, ?)
        ORDER BY created_ms, address, prefix_length LIMIT ?`,
      ),
      ban: prepare("INSERT OR REPLACE INTO bans VALUES (?, ?, ?, ?, ?)"),
      unban: prepare("DELETE FROM bans WHERE address = ? AND prefix_length = ?"),
      expire: prepare("DELETE FROM bans WHERE expires_ms <= ?"),
    };
  }

  version(): Promise<number> {
    return settled(() => this.connection.read(() => this.#sql.version.get()!.version as number));
  }

  limits({ after, count }: Page<Pick<LimitedAccount, "account">>): Promise<LimitedAccount[]> {
    return settled(() =>
      this.connection.read(() =>
        this.#sql.limits.all(after?.account ?? "", count).map(({ account, limits }) => ({
          account: account as string,
          limits: JSON.parse(limits as string) as AccountLimits,
        }))
      )
    );
  }

  limitsOf(account: string): Promise<AccountLimits | undefined> {
    return settled(() =>
      this.connection.read(() => {
        const row = this.#sql.limitsOf.get(account);
        return row && JSON.parse(row.limits as string) as AccountLimits;
      })
    );
  }

  setLimits(account: string, limits: AccountLimits): Promise<boolean> {
    return this.#write(() =>
      this.#sql.setLimits.run(JSON.stringify(limits), account).changes === 1
    );
  }

  networks({ after, count }: Page<Network>): Promise<LimitedNetwork[]> {
    const place = after === undefined ? ["", -1] as const : [after.address, after.prefixLength];
    return settled(() =>
      this.connection.read(() =>
        this.#sql.networks.all(...place, count).map(({ address, prefixLength, limits }) => ({
          address: address as string,
          prefixLength: prefixLength as number,
          limits: JSON.parse(limits as string) as CommonLimits,
        }))
      )
    );
  }

  setNetwork({ address, prefixLength }: Network, limits: CommonLimits): Promise<void> {
    return this.#write(() => {
      if (Object.keys(limits).length === 0) this.#sql.removeNetwork.run(address, prefixLength);
      else this.#sql.setNetwork.run(address, prefixLength, JSON.stringify(limits));
    });
  }

  bans(nowMs: number, { after, count }: Page<Ban>): Promise<Ban[]> {
    const place = after === undefined
      ? [Number.MIN_SAFE_INTEGER, "", 0] as const
      : [after.createdMs, after.address, after.prefixLength] as const;
    return settled(() =>
      this.connection.read(() =>
        this.#sql.bans.all(nowMs, ...place, count).map((row) => ({ ...row }) as unknown as Ban)
      )
    );
  }

  ban({ address, prefixLength, reason, createdMs, expiresMs }: Ban): Promise<void> {
    return this.#write(() => {
      this.#sql.expire.run(createdMs);
      this.#sql.ban.run(address, prefixLength, reason, createdMs, expiresMs);
    });
  }

  unban({ address, prefixLength }: Network): Promise<boolean> {
    return this.#write(() => this.#sql.unban.run(address, prefixLength).changes === 1);
  }

  forgetAccount(name: string): void {
    if (this.#sql.removeOf.run(name).changes > 0) this.#sql.changed.run();
  }

  /** Limits are of accounts, not of files. */
  forget(): void {}

  move(): void {}

  #write<T>(work: () => T): Promise<T> {
    return this.connection.write(true, () => {
      const result = work();
      this.#sql.changed.run();
      return result;
    });
  }
}
