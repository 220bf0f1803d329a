import type { Connection } from "../connection/connection.ts";

interface Line {
  usedChange: number;
  reservedChange: number;
}

/** An account as the transaction found it. */
interface Balance {
  readonly used: number;
  readonly reserved: number;
  readonly quota: number;
}

/** Where no quota is set, sums still have to stay numbers that are exact. */
const NO_QUOTA = Number.MAX_SAFE_INTEGER;

const NO_CHANGE: Line = { usedChange: 0, reservedChange: 0 };

/**
 * Bytes of the accounts that one transaction changes: each account is read once, at its first use,
 * and written once, for any number of files.
 */
export class Ledger {
  readonly #lines = new Map<string, Line>();
  /** Undefined: there is no such account. */
  readonly #balances = new Map<string, Balance | undefined>();

  constructor(private readonly statements: LedgerStatements) {}

  /** Whether there is such an account. */
  has(account: string): boolean {
    return this.#room(account) !== undefined;
  }

  /** Whether `bytes` more fit the quota of an account. None fit an unknown account's. */
  fits(account: string, bytes: number): boolean {
    const room = this.#room(account);
    return room !== undefined && (bytes <= 0 || bytes <= room);
  }

  /** Whether an account is within its quota, not counting `except` bytes. */
  isWithin(account: string, except: number): boolean {
    const room = this.#room(account);
    return room !== undefined && room + except >= 0;
  }

  /**
   * Whether growing files would exceed the quota of an account that is already above it. Then the
   * upload's reservation was not within the quota either.
   */
  overfills(account: string, growth: () => number): boolean {
    const room = this.#room(account);
    if (room === undefined || room >= 0) return false;
    const { used, quota } = this.#balances.get(account)!;
    const more = growth();
    const { usedChange } = this.#lines.get(account) ?? NO_CHANGE;
    return more > 0 && used + usedChange + more > quota;
  }

  /** Changes what an account holds; an unknown account holds nothing. */
  add(account: string, usedBytes: number, reservedBytes: number): void {
    const line = this.#lines.get(account) ?? { usedChange: 0, reservedChange: 0 };
    line.usedChange += usedBytes;
    line.reservedChange += reservedBytes;
    this.#lines.set(account, line);
  }

  /** Writes the changes; the last step of the transaction. */
  settle(): void {
    for (const [account, { usedChange, reservedChange }] of this.#lines) {
      if (usedChange === 0 && reservedChange === 0) continue;
      this.statements.write.run(usedChange, reservedChange, account);
    }
  }

  /** Bytes that still fit the quota of an account; undefined where there is none. */
  #room(account: string): number | undefined {
    if (!this.#balances.has(account)) this.#balances.set(account, this.#read(account));
    const balance = this.#balances.get(account);
    if (balance === undefined) return undefined;
    const { usedChange, reservedChange } = this.#lines.get(account) ?? NO_CHANGE;
    return balance.quota - balance.used - balance.reserved - usedChange - reservedChange;
  }

  #read(account: string): Balance | undefined {
    const row = this.statements.read.get(account) as
      | { used: number; reserved: number; quota: number | null }
      | undefined;
    return row && { ...row, quota: row.quota ?? NO_QUOTA };
  }
}

/** The statements that ledgers share. */
export type LedgerStatements = ReturnType<typeof prepareLedger>;

/** Prepares the statements of ledgers. */
export function prepareLedger(connection: Connection) {
  return {
    read: connection.prepare(
      `SELECT min(used_bytes, ${NO_QUOTA}) AS used, min(reserved_bytes, ${NO_QUOTA}) AS reserved,
        quota_bytes AS quota FROM accounts WHERE name = ?`,
    ),
    write: connection.prepare(
      `UPDATE accounts SET used_bytes = used_bytes + ?, reserved_bytes = reserved_bytes + ?
        WHERE name = ?`,
    ),
  };
}
