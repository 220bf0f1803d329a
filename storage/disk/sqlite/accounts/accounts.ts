import {
  type Account,
  type AccountAnswer,
  type AccountChange,
  type AddedAccount,
  NO_PASSWORD,
  type Usage,
  type Validity,
} from "../../interfaces/disk_catalog.ts";
import type { Connection } from "../connection/connection.ts";
import type { Grants } from "./grants.ts";
import { inSteps } from "../connection/steps.ts";
import { Ledger, type LedgerStatements } from "./ledger.ts";

const COLUMNS = `name, password_hash AS passwordHash, letters, quota_bytes AS quotaBytes,
  created_ms AS createdMs, last_login_ms AS lastLoginMs, generation, disabled,
  expires_ms AS expiresMs`;

/** Leaves out the owners of mounts' trees, which have quotas and files, but are no accounts. */
const NO_MOUNT = "instr(name, ':') = 0";

/** Accounts, within transactions that the catalog opens. */
export class Accounts {
  readonly #sql;

  constructor(
    private readonly connection: Connection,
    private readonly ledger: LedgerStatements,
    private readonly grants: readonly Grants[],
  ) {
    const prepare = (sql: string) => connection.prepare(sql);
    this.#sql = {
      get: prepare(`SELECT ${COLUMNS} FROM accounts WHERE name = ? AND ${NO_MOUNT}`),
      groups: prepare(
        `SELECT g.name, g.letters FROM group_members m JOIN account_groups g ON g.name = m.group_name
        WHERE m.account = ? ORDER BY g.name`,
      ),
      all: prepare(
        `SELECT ${COLUMNS} FROM accounts WHERE name > ? AND ${NO_MOUNT} ORDER BY name LIMIT ?`,
      ),
      totals: prepare(
        // total() adds up floating-point numbers: sums may exceed what an integer holds.
        `SELECT count(*) AS accounts, total(used_bytes) AS usedBytes,
          total(reserved_bytes) AS reservedBytes FROM accounts WHERE ${NO_MOUNT}`,
      ),
      add: prepare(
        `INSERT INTO accounts (name, password_hash, letters, quota_bytes, created_ms,
          last_login_ms, disabled, expires_ms, generation)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?,
          max(?, 1 + (SELECT ifnull(max(generation), -1) FROM former_accounts WHERE name = ?)))
        ON CONFLICT DO NOTHING`,
      ),
      update: prepare(
        `UPDATE accounts SET password_hash = ?, letters = ?, quota_bytes = ?, generation = ?,
          disabled = ?, expires_ms = ?
        WHERE name = ?`,
      ),
      administratorsBeside: prepare(
        `SELECT count(*) AS count FROM accounts WHERE name <> ? AND instr(letters, 't') > 0
          AND disabled = 0 AND expires_ms IS NULL`,
      ),
      forgetTokens: prepare("DELETE FROM tokens WHERE account = ?"),
      login: prepare("UPDATE accounts SET last_login_ms = ? WHERE name = ?"),
      guestUploads: prepare(
        `SELECT owner, sum(reserved_bytes) AS bytes FROM uploads
        WHERE account = ? AND owner <> account GROUP BY owner`,
      ),
      remember: prepare(
        `INSERT INTO former_accounts SELECT name, generation FROM accounts WHERE name = ?
        ON CONFLICT DO UPDATE SET generation = max(generation, excluded.generation)`,
      ),
      remove: [
        "DELETE FROM uploads WHERE owner = ?",
        "DELETE FROM uploads WHERE account = ?",
        "DELETE FROM files WHERE owner = ?",
        "DELETE FROM removals WHERE owner = ?",
        "DELETE FROM commits WHERE owner = ?",
        "DELETE FROM moves WHERE owner = ?",
        "DELETE FROM claims WHERE owner = ?",
        "DELETE FROM tokens WHERE account = ?",
        "DELETE FROM accounts WHERE name = ?",
      ].map(prepare),
      recount: prepare(
        `UPDATE accounts SET
          used_bytes = (SELECT ifnull(sum(size), 0) FROM files WHERE owner = accounts.name),
          reserved_bytes =
            (SELECT ifnull(sum(reserved_bytes), 0) FROM uploads WHERE owner = accounts.name) +
            (SELECT ifnull(sum(bytes), 0) FROM asides WHERE owner = accounts.name) +
            (SELECT ifnull(sum(held_bytes), 0) FROM commits WHERE owner = accounts.name)`,
      ),
    };
  }

  get(name: string): Account | undefined {
    const row = this.#sql.get.get(name);
    return row && this.#asAccount(row);
  }

  totals(): Usage & { accounts: number } {
    return { ...this.#sql.totals.get() } as unknown as Usage & { accounts: number };
  }

  all(after = "", count = -1): Account[] {
    return this.#sql.all.all(after, count).map((row) => this.#asAccount(row));
  }

  add(account: AddedAccount): boolean {
    const { name, passwordHash, letters, quotaBytes, createdMs, lastLoginMs } = account;
    const { generation, disabled = false, expiresMs = null } = account;
    return this.#sql.add.run(
      name,
      passwordHash,
      letters,
      quotaBytes,
      createdMs,
      lastLoginMs,
      disabled ? 1 : 0,
      expiresMs,
      generation,
      name,
    ).changes === 1;
  }

  update(name: string, change: AccountChange): boolean {
    const found = this.get(name);
    if (!found) return false;
    const { passwordHash, letters, quotaBytes, generation, disabled, expiresMs } = {
      ...found,
      ...change,
    };
    const values = [passwordHash, letters, quotaBytes, generation, disabled ? 1 : 0, expiresMs];
    this.#sql.update.run(...values, name);
    return true;
  }

  setValidity(name: string, change: Partial<Validity>): AccountAnswer {
    const account = this.get(name);
    if (!account) return "unknown";
    const { disabled, expiresMs } = { ...account, ...change };
    if ((disabled || expiresMs !== null) && this.#isLastAdministrator(account)) {
      return "last-administrator";
    }
    const generation = account.generation + (disabled && !account.disabled ? 1 : 0);
    this.update(name, { disabled, expiresMs, generation });
    return "done";
  }

  setLetters(name: string, letters: string): AccountAnswer {
    const account = this.get(name);
    if (!account) return "unknown";
    if (!letters.includes("t") && this.#isLastAdministrator(account)) return "last-administrator";
    this.update(name, { letters });
    return "done";
  }

  setPassword(name: string, passwordHash: string, ofGeneration?: number): number | undefined {
    const account = this.get(name);
    if (!account || (ofGeneration ?? account.generation) !== account.generation) return undefined;
    const generation = account.generation + 1;
    this.update(name, { passwordHash, generation });
    this.#sql.forgetTokens.run(name);
    return generation;
  }

  retire(name: string, evenLast = false): AccountAnswer {
    const account = this.get(name);
    if (!account) return "unknown";
    if (!evenLast && this.#isLastAdministrator(account)) return "last-administrator";
    this.setPassword(name, NO_PASSWORD);
    this.update(name, { letters: "" });
    return "done";
  }

  /**
   * Ends all that a retired account grants, or is granted, in transactions of its own: nothing of it
   * counts any more.
   */
  async endGrants(name: string): Promise<void> {
    const isRetired = () => this.get(name)?.passwordHash === NO_PASSWORD;
    const some = () => this.grants.some((grants) => grants.forgetAccountSome?.(name) ?? false);
    await inSteps(() => this.connection.write(false, () => isRetired() && some()));
    await this.connection.write(true, () => {
      if (isRetired()) { for (const grants of this.grants) grants.forgetAccount(name); }
    });
  }

  #isLastAdministrator({ name, letters, disabled, expiresMs }: Account): boolean {
    return letters.includes("t") && !disabled && expiresMs === null &&
      this.#sql.administratorsBeside.get(name)!.count === 0;
  }

  noteLogin(name: string, atMs: number): void {
    this.#sql.login.run(atMs, name);
  }

  remove(name: string): boolean {
    const ledger = new Ledger(this.ledger);
    if (!ledger.has(name)) return false;
    for (const { owner, bytes } of this.#sql.guestUploads.all(name)) {
      ledger.add(owner as string, 0, -(bytes as number));
    }
    ledger.settle();
    this.#sql.remember.run(name);
    for (const statement of this.#sql.remove) statement.run(name);
    for (const grants of this.grants) grants.forgetAccount(name);
    return true;
  }

  usage(name: string): Usage {
    const row = this.ledger.read.get(name);
    return {
      usedBytes: (row?.used ?? 0) as number,
      reservedBytes: (row?.reserved ?? 0) as number,
    };
  }

  recount(): void {
    this.#sql.recount.run();
  }

  #asAccount(row: Record<string, unknown>): Account {
    const groups = this.#sql.groups.all(row.name as string).map((group) => ({ ...group }));
    return { ...row, disabled: row.disabled === 1, groups } as unknown as Account;
  }
}
