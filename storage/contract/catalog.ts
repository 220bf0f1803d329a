/**
 * The catalog: accounts, and the books of their and the operator's decisions. All doors and workers
 * share it, so every rule that must hold across them ends in one of its transactions.
 *
 * Contracts for every engine (tests/storage/suites/books/ holds them):
 * - Each call is one atomic transaction.
 * - Calls marked durable survive a power cut once they resolve; the others survive the end of the
 * process, and are never newer than a durable one after them.
 */
import type { Membership } from "./books/group_book.ts";
import type { CatalogBooks } from "./books/catalog_books.ts";
import { canonicalLetters } from "./permission.ts";

export type * from "./file_record.ts";
export * from "./upload_record.ts";

/** An account as it is kept. */
export interface Account {
  name: string;
  /** Password hash in PHC string form, or {@linkcode NO_PASSWORD}. */
  passwordHash: string;
  /** Permissions of its own, as letters in canonical order; see {@linkcode allLetters}. */
  letters: string;
  /** Quota in bytes; null: no limit. */
  quotaBytes: number | null;
  createdMs: number;
  lastLoginMs: number | null;
  /**
   * Grows whenever the password changes or the account is created again: older logins become
   * invalid.
   */
  generation: number;
  /** Whether an administrator has disabled it. */
  disabled: boolean;
  /** From then on it is void; null: never. */
  expiresMs: number | null;
  /** The groups that it is in, by name. */
  groups: readonly Membership[];
}

/** Whether and how long an account may be used. */
export type Validity = Pick<Account, "disabled" | "expiresMs">;

/** An account to be added; it is valid without end where it does not say otherwise. */
export type AddedAccount = Omit<Account, keyof Validity | "groups"> & Partial<Validity>;

/** The permissions of an account: its own and those of its groups, in canonical order. */
export function allLetters({ letters, groups }: Pick<Account, "letters" | "groups">): string {
  if (groups.length === 0) return letters;
  return canonicalLetters(letters + groups.map((group) => group.letters).join(""));
}

/** Replaces a password hash, so that no login succeeds, once the account's removal has begun. */
export const NO_PASSWORD = "!";

/** Members of an account that can be replaced. */
export type AccountChange = Partial<
  & Pick<Account, "passwordHash" | "letters" | "quotaBytes" | "generation">
  & Validity
>;

/**
 * Result of a change that could remove the last administrator: the last account with the permission
 * t that is enabled and never expires.
 */
export type AccountAnswer = "done" | "unknown" | "last-administrator";

/** The bytes and files of an account. */
export interface Usage {
  /** Bytes of the files the catalog knows. */
  usedBytes: number;
  /** Bytes that unfinished uploads hold. */
  reservedBytes: number;
}

/** State of the database that a catalog is in. */
export interface DatabaseState {
  /** Number of the schema's last step. */
  readonly schema: number;
  readonly sizeBytes: number;
  /** Pages of the write-ahead log, and how many of them were moved into the database just now. */
  readonly checkpoint?: { readonly pages: number; readonly moved: number };
}

/** Accounts and books of one engine. */
export interface Catalog extends CatalogBooks {
  /** How long a process may not see another process's change to an account or a token, ms. */
  readonly lagMs: number;
  /**
   * Calls `changed` when this process changes an account or a token, before the changing call
   * resolves, and as soon as this process learns of a change by another one. Values read before may
   * be cached until then, for up to `lagMs`.
   */
  watch(changed: () => void): void;

  /** Shows changes by other processes within `lagMs`, and changes by this one at once. */
  account(name: string): Promise<Account | undefined>;
  /** Up to `count` accounts by name, those behind the name `after`. */
  accounts(page: { after?: string; count: number }): Promise<Account[]>;
  /** Sums the usage of all accounts. */
  accountTotals(): Promise<Usage & { accounts: number }>;
  /** Durable: changes the members given. @returns false where there is no such account */
  updateAccount(
    name: string,
    change: AccountChange,
  ): Promise<boolean>;
  /** Durable: replaces the permissions, unless no administrator would remain. */
  setLetters(name: string, letters: string): Promise<AccountAnswer>;
  /**
   * Durable: disables or enables an account, or sets when it expires, unless no administrator would
   * remain that is enabled and never expires. The generation grows when it is disabled.
   */
  setValidity(name: string, change: Partial<Validity>): Promise<AccountAnswer>;
  /**
   * Durable: replaces the password. The generation grows, and the account's tokens are removed.
   *
   * @param ofGeneration set: only while the account is still of that generation
   * @returns the new generation; undefined where nothing was changed
   */
  setPassword(name: string, hash: string, ofGeneration?: number): Promise<number | undefined>;
  /** Notes a login; not durable. */
  noteLogin(name: string, atMs: number): Promise<void>;
  /** Returns the usage of an account. */
  usage(name: string): Promise<Usage>;
  /** Bytes that the catalog itself occupies. */
  sizeBytes(): Promise<number>;
  /** The state of the database, after a checkpoint, where it has any, that waits for no reader. */
  state(): Promise<DatabaseState>;
}
