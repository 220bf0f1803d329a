import type { Connection } from "./connection.ts";

interface Line {
  /** Bytes that still fit the quota. */
  room: number;
  usedChange: number;
  reservedChange: number;
}

/** Where no quota is set, sums still have to stay numbers that are exact. */
const NO_QUOTA = Number.MAX_SAFE_INTEGER;

/**
 * The bytes of the accounts that one transaction touches: each account is read once and written
 * once, however many files the transaction is about.
 */
export class Ledger {
  readonly #lines = new Map<string, Line | undefined>();

  constructor(private readonly statements: LedgerStatements) {}

  /** Whether there is such an account. */
  has(account: string): boolean {
    return this.#line(account) !== undefined;
  }

  /** Whether so many more bytes fit the quota of an account. None fit an unknown account's. */
  fits(account: string, bytes: number): boolean {
    const line = this.#line(account);
    return line !== undefined && (bytes <= 0 || bytes <= line.room);
  }

  /** Changes what an account holds; an unknown account holds nothing. */
  add(account: string, usedBytes: number, reservedBytes: number): void {
    const line = this.#line(account);
    if (!line) return;
    line.usedChange += usedBytes;
    line.reservedChange += reservedBytes;
    line.room -= usedBytes + reservedBytes;
  }

  /** Writes the changes; the last step of the transaction. */
  settle(): void {
    for (const [account, line] of this.#lines) {
      if (!line || (line.usedChange === 0 && line.reservedChange === 0)) continue;
      this.statements.write.run(line.usedChange, line.reservedChange, account);
    }
  }

  #line(account: string): Line | undefined {
    if (this.#lines.has(account)) return this.#lines.get(account);
    const row = this.statements.read.get(account) as
      | { used: number; reserved: number; quota: number | null }
      | undefined;
    const line = row && {
      room: (row.quota ?? NO_QUOTA) - row.used - row.reserved,
      usedChange: 0,
      reservedChange: 0,
    };
    this.#lines.set(account, line);
    return line;
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
