import {
  type Account,
  type AccountAnswer,
  type CommitIntent,
  type FileRecord,
  type MoveIntent,
  NO_PASSWORD,
  type UploadRecord,
  type Usage,
} from "../disk/interfaces/disk_catalog.ts";
import type { Claim } from "../disk/interfaces/claim_book.ts";
import type { AsideRecord } from "../disk/interfaces/aside_book.ts";
import type { Failures } from "../contract/books/failure_book.ts";
import type { LinkRecord } from "../contract/books/link_book.ts";
import type { VirtualPath } from "../contract/path.ts";
import type { AccountLimits, Ban } from "../contract/books/policy_book.ts";
import type { ShareRecord } from "../contract/books/share_book.ts";
import type { TokenRecord } from "../contract/books/token_book.ts";
import type { UploadNote } from "../contract/books/upload_note_book.ts";
import type { WebSessionRecord } from "../contract/books/web_session_book.ts";
import type { PathValue } from "./path_values.ts";
import { Table, type UndoLog } from "./table.ts";

export interface KeptUpload extends UploadRecord {
  finished: boolean;
  /** Bytes not reserved, as the file that the upload overwrites gives them back. */
  coveredBytes: number;
}

export interface KeptCommit extends CommitIntent {
  /** Bytes held of the quota beyond the upload's own reservation. */
  heldBytes: number;
}

export interface KeptClaim extends Claim {
  ready: boolean;
}

/** The tables of the catalog in memory, and what happens to accounts. */
export class AccountBooks {
  readonly accounts;
  /** Last generation of the accounts that were removed. */
  readonly former;
  readonly tokens;
  readonly failures;
  readonly shares;
  readonly links;
  readonly webSessions;
  readonly uploadNotes;
  readonly modes;
  readonly spellings;
  readonly limits;
  readonly bans;
  readonly asides;
  readonly marks;
  readonly files;
  readonly uploads;
  readonly commits;
  readonly moves;
  readonly claims;

  constructor(undo: UndoLog) {
    this.accounts = new Table<Account>(undo);
    this.former = new Table<{ generation: number }>(undo);
    this.tokens = new Table<TokenRecord>(undo);
    this.failures = new Table<Failures & { key: string }>(undo);
    this.shares = new Table<ShareRecord>(undo);
    this.links = new Table<LinkRecord>(undo);
    this.webSessions = new Table<WebSessionRecord>(undo);
    this.uploadNotes = new Table<UploadNote>(undo);
    this.asides = new Table<AsideRecord>(undo);
    this.marks = new Table<{ ms: number }>(undo);
    this.modes = new Table<PathValue<number>>(undo);
    this.spellings = new Table<PathValue<string>>(undo);
    this.limits = new Table<{ account: string; limits: AccountLimits }>(undo);
    this.bans = new Table<Ban>(undo);
    this.files = new Table<FileRecord & { owner: string; path: VirtualPath }>(undo);
    this.uploads = new Table<KeptUpload>(undo);
    this.commits = new Table<KeptCommit>(undo);
    this.moves = new Table<MoveIntent & { moving?: boolean }>(undo);
    this.claims = new Table<KeptClaim>(undo);
  }

  setLetters(name: string, letters: string): AccountAnswer {
    const account = this.accounts.get(name);
    if (!account) return "unknown";
    if (!letters.includes("t") && this.#isLastAdministrator(account)) return "last-administrator";
    this.accounts.set(name, { ...account, letters });
    return "done";
  }

  setPassword(name: string, passwordHash: string, ofGeneration?: number): number | undefined {
    const account = this.accounts.get(name);
    if (!account || (ofGeneration ?? account.generation) !== account.generation) return undefined;
    const generation = account.generation + 1;
    this.accounts.set(name, { ...account, passwordHash, generation });
    this.tokens.deleteWhere((token) => token.account === name);
    return generation;
  }

  retire(name: string): AccountAnswer {
    const account = this.accounts.get(name);
    if (!account) return "unknown";
    if (this.#isLastAdministrator(account)) return "last-administrator";
    this.setPassword(name, NO_PASSWORD);
    this.accounts.set(name, { ...this.accounts.get(name)!, letters: "" });
    this.forgetGrants(name);
    return "done";
  }

  /** Shares, links and browsers' sessions of an account, and shares with it, end. */
  forgetGrants(name: string): void {
    this.shares.deleteWhere(({ owner, guest }) => owner === name || guest === name);
    this.links.deleteWhere(({ owner }) => owner === name);
    this.webSessions.deleteWhere(({ account }) => account === name);
    this.uploadNotes.deleteWhere(({ account }) => account === name);
    this.modes.deleteWhere(({ owner }) => owner === name);
    this.spellings.deleteWhere(({ owner }) => owner === name);
    this.limits.delete(name);
    this.asides.deleteWhere(({ owner }) => owner === name);
  }

  #isLastAdministrator({ name, letters }: Account): boolean {
    const others = this.accounts.values().filter((other) => other.name !== name);
    return letters.includes("t") && !others.some((other) => other.letters.includes("t"));
  }

  addAccount(account: Account): boolean {
    if (this.accounts.get(account.name)) return false;
    const former = this.former.get(account.name)?.generation ?? -1;
    const generation = Math.max(account.generation, former + 1);
    this.accounts.set(account.name, { ...account, generation });
    return true;
  }

  removeAccount(name: string): boolean {
    const account = this.accounts.get(name);
    if (!account) return false;
    this.former.set(name, { generation: account.generation });
    this.uploads.deleteWhere((upload) => upload.owner === name || upload.account === name);
    for (const table of [this.files, this.commits, this.moves, this.claims]) {
      (table as Table<{ owner: string }>).deleteWhere(({ owner }) => owner === name);
    }
    this.tokens.deleteWhere((token) => token.account === name);
    this.forgetGrants(name);
    this.accounts.delete(name);
    return true;
  }

  fits(owner: string, bytes: number): boolean {
    const account = this.accounts.get(owner);
    if (!account) return false;
    const { usedBytes, reservedBytes } = this.usage(owner);
    const limit = account.quotaBytes ?? Number.MAX_SAFE_INTEGER;
    return bytes <= 0 || bytes <= limit - usedBytes - reservedBytes;
  }

  usage(owner: string): Usage {
    const sum = (sizes: number[]) => sizes.reduce((total, size) => total + size, 0);
    const ofOwner = (row: { owner: string }) => row.owner === owner;
    return {
      usedBytes: sum(this.files.values().filter(ofOwner).map((file) => file.size)),
      reservedBytes: sum([
        ...this.uploads.values().filter(ofOwner).map((upload) => upload.reservedBytes),
        ...this.asides.values().filter(ofOwner).map(({ bytes }) => bytes),
        ...this.commits.values().filter(ofOwner).map((commit) => commit.heldBytes),
      ]),
    };
  }
}
