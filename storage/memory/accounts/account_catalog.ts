import type {
  Account,
  AccountAnswer,
  AccountChange,
  Catalog,
  DatabaseState,
  Usage,
  Validity,
} from "../../contract/catalog.ts";
import type { AccountBooks } from "./account_books.ts";
import type { VirtualPath } from "../../contract/path.ts";
import { MemoryFailures } from "./failures.ts";
import { MemoryGroups } from "./groups.ts";
import { MemoryLinks } from "./links.ts";
import { MemoryLocks } from "./locks.ts";
import { MemoryMarks } from "./marks.ts";
import { MemoryPolicy } from "./policy.ts";
import { MemoryShares } from "./shares.ts";
import { MemoryTokens, type Run } from "./tokens.ts";
import { MemoryUploadNotes } from "./upload_notes.ts";
import { MemoryWebSessions } from "./web_sessions.ts";

/** Accounts and books in memory; sums are computed at each call, nothing is stored twice. */
export class AccountCatalog implements Catalog {
  readonly lagMs = 0;
  readonly tokens;
  readonly failures;
  readonly groups;
  readonly shares;
  readonly links;
  readonly locks;
  readonly webSessions;
  readonly uploadNotes;
  readonly policy;
  readonly marks;

  /**
   * @param run carries a call out, as one transaction
   * @param isBusy whether a path is just being changed, with what is above and below it
   */
  constructor(
    private readonly accountBooks: AccountBooks,
    protected readonly run: Run,
    isBusy?: (owner: string, path: VirtualPath) => boolean,
  ) {
    this.tokens = new MemoryTokens(accountBooks, run);
    this.failures = new MemoryFailures(accountBooks, run);
    this.groups = new MemoryGroups(accountBooks, run);
    this.shares = new MemoryShares(accountBooks, run);
    this.links = new MemoryLinks(accountBooks, run);
    this.locks = new MemoryLocks(accountBooks, run, isBusy);
    this.webSessions = new MemoryWebSessions(accountBooks, run);
    this.uploadNotes = new MemoryUploadNotes(accountBooks, run);
    this.policy = new MemoryPolicy(accountBooks, run);
    this.marks = new MemoryMarks(accountBooks, run);
  }

  /** Nothing is cached, so changes need no notification. */
  watch(): void {}

  state(): Promise<DatabaseState> {
    return this.run(false, () => ({ schema: 0, sizeBytes: 0 }));
  }

  sizeBytes(): Promise<number> {
    return this.run(false, () => 0);
  }

  account(name: string): Promise<Account | undefined> {
    return this.run(false, () => this.accountBooks.account(name));
  }

  accounts({ after = "", count }: { after?: string; count?: number } = {}): Promise<Account[]> {
    return this.run(false, () =>
      this.accountBooks.accounts.values()
        .filter(({ name }) => name > after)
        .sort((a, b) => a.name < b.name ? -1 : 1)
        .slice(0, count)
        .map((account) => ({ ...account, groups: this.accountBooks.groupsOf(account.name) })));
  }

  accountTotals(): Promise<Usage & { accounts: number }> {
    return this.run(false, () => {
      const totals = { accounts: 0, usedBytes: 0, reservedBytes: 0 };
      for (const { name } of this.accountBooks.accounts.values()) {
        const { usedBytes, reservedBytes } = this.accountBooks.usage(name);
        totals.accounts++;
        totals.usedBytes += usedBytes;
        totals.reservedBytes += reservedBytes;
      }
      return totals;
    });
  }

  updateAccount(name: string, change: AccountChange): Promise<boolean> {
    return this.run(true, () => {
      const account = this.accountBooks.accounts.get(name);
      if (account) this.accountBooks.accounts.set(name, { ...account, ...change });
      return account !== undefined;
    });
  }

  setLetters(name: string, letters: string): Promise<AccountAnswer> {
    return this.run(true, () => this.accountBooks.setLetters(name, letters));
  }

  setValidity(name: string, change: Partial<Validity>): Promise<AccountAnswer> {
    return this.run(true, () => this.accountBooks.setValidity(name, change));
  }

  setPassword(name: string, hash: string, ofGeneration?: number): Promise<number | undefined> {
    return this.run(true, () => this.accountBooks.setPassword(name, hash, ofGeneration));
  }

  noteLogin(name: string, atMs: number): Promise<void> {
    return this.run(false, () => {
      const account = this.accountBooks.accounts.get(name);
      if (account) this.accountBooks.accounts.set(name, { ...account, lastLoginMs: atMs });
    });
  }

  usage(name: string): Promise<Usage> {
    return this.run(false, () => this.accountBooks.usage(name));
  }
}
