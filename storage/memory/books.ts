import {
  type Account,
  type AccountAnswer,
  type CommitAnswer,
  type CommitIntent,
  type FileRecord,
  type MoveIntent,
  NO_PASSWORD,
  type UploadRecord,
  type Usage,
} from "../catalog.ts";
import { StoreError } from "../error.ts";
import type { Failures } from "../failure_book.ts";
import type { LinkRecord } from "../link_book.ts";
import { isWithin, type VirtualPath } from "../path.ts";
import type { ShareRecord } from "../share_book.ts";
import { type FileState, isTrueOf } from "../store.ts";
import type { TokenRecord } from "../token_book.ts";
import type { UploadNote } from "../upload_note_book.ts";
import type { WebSessionRecord } from "../web_session_book.ts";
import { Table, type UndoLog } from "./table.ts";

interface KeptUpload extends UploadRecord {
  finished: boolean;
  /** Bytes not reserved, as the file that the upload overwrites gives them back. */
  coveredBytes: number;
}

interface KeptCommit extends CommitIntent {
  /** Bytes held of the quota beyond the upload's own reservation. */
  heldBytes: number;
}

/** What the catalog in memory keeps, and how it is counted. */
export class Books {
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
  readonly files;
  readonly uploads;
  readonly commits;
  readonly moves;

  constructor(undo: UndoLog) {
    this.accounts = new Table<Account>(undo);
    this.former = new Table<{ generation: number }>(undo);
    this.tokens = new Table<TokenRecord>(undo);
    this.failures = new Table<Failures & { key: string }>(undo);
    this.shares = new Table<ShareRecord>(undo);
    this.links = new Table<LinkRecord>(undo);
    this.webSessions = new Table<WebSessionRecord>(undo);
    this.uploadNotes = new Table<UploadNote>(undo);
    this.modes = new Table<{ owner: string; path: VirtualPath; mode: number }>(undo);
    this.files = new Table<FileRecord & { owner: string; path: VirtualPath }>(undo);
    this.uploads = new Table<KeptUpload>(undo);
    this.commits = new Table<KeptCommit>(undo);
    this.moves = new Table<MoveIntent>(undo);
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

  remove(name: string): boolean {
    const account = this.accounts.get(name);
    if (!account) return false;
    this.former.set(name, { generation: account.generation });
    this.files.deleteWhere((file) => file.owner === name);
    this.uploads.deleteWhere((upload) => upload.owner === name || upload.account === name);
    this.commits.deleteWhere((commit) => commit.owner === name);
    this.moves.deleteWhere((move) => move.owner === name);
    this.tokens.deleteWhere((token) => token.account === name);
    this.forgetGrants(name);
    this.accounts.delete(name);
    return true;
  }

  /** Shares, links and browsers' sessions of an account, and shares with it, end. */
  forgetGrants(name: string): void {
    this.shares.deleteWhere(({ owner, guest }) => owner === name || guest === name);
    this.links.deleteWhere(({ owner }) => owner === name);
    this.webSessions.deleteWhere(({ account }) => account === name);
    this.uploadNotes.deleteWhere(({ account }) => account === name);
    this.modes.deleteWhere(({ owner }) => owner === name);
  }

  #isLastAdministrator({ name, letters }: Account): boolean {
    const others = this.accounts.values().filter((other) => other.name !== name);
    return letters.includes("t") && !others.some((other) => other.letters.includes("t"));
  }

  changeUpload(id: string, change: Partial<UploadRecord>): void {
    const upload = this.uploads.get(id);
    if (upload) this.uploads.set(id, { ...upload, ...change });
  }

  begin(intent: CommitIntent): CommitAnswer {
    const { owner, path, uploadId, replace, file, reservedBytes } = intent;
    const standing = this.standing(owner, path);
    if (standing && standing.uploadId !== uploadId) return "taken";
    const upload = this.uploads.get(uploadId);
    const reserved = upload?.owner === owner ? Math.min(reservedBytes, upload.reservedBytes) : 0;
    const freed = replace ? this.files.get(owner + path)?.size ?? 0 : 0;
    const heldBytes = Math.max(0, file.size - reserved - freed);
    if (!this.fits(owner, heldBytes)) return "over-quota";
    this.commits.set(owner + path, { ...intent, file: recordOf(file), heldBytes });
    return "ready";
  }

  standing(owner: string, path: VirtualPath): KeptCommit | undefined {
    return this.commits.get(owner + path);
  }

  unfinished(): UploadRecord[] {
    return this.uploads.values()
      .filter((upload) => !upload.finished)
      .map(({ finished: _, coveredBytes: __, ...record }) => record)
      .sort((a, b) => b.updatedMs - a.updatedMs || (a.id < b.id ? -1 : 1));
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
        ...this.commits.values().filter(ofOwner).map((commit) => commit.heldBytes),
      ]),
    };
  }

  /** Holds room for so many bytes of content, beyond what the upload's record reserves. */
  reserve(upload: KeptUpload, bytes: number): boolean {
    const coveredBytes = this.#covered(upload, bytes);
    const reservedBytes = bytes - coveredBytes;
    if (!this.fits(upload.owner, reservedBytes - upload.reservedBytes)) return false;
    this.uploads.set(upload.id, { ...upload, reservedBytes, coveredBytes });
    return true;
  }

  addUpload(record: UploadRecord): boolean {
    const upload = { ...record, reservedBytes: 0, coveredBytes: 0, finished: false };
    const before = this.uploads.get(record.id);
    if (!this.reserve(upload, record.reservedBytes)) return false;
    if (before === undefined) return true;
    this.uploads.set(record.id, before);
    throw new StoreError("exists", `There is an upload "${record.id}" already`);
  }

  /** What the file that an upload overwrites gives back, less what other uploads to it were given. */
  #covered({ id, owner, path, ifExists }: KeptUpload, bytes: number): number {
    const elsewhere = this.uploads.values()
      .filter((other) => other.owner === owner && other.path === path && other.id !== id)
      .reduce((sum, { coveredBytes }) => sum + coveredBytes, 0);
    const size = ifExists === "overwrite" ? this.files.get(owner + path)?.size ?? 0 : 0;
    return Math.max(0, Math.min(bytes, size - elsewhere));
  }

  shrinkReservations(beforeMs: number): void {
    for (const { id, updatedMs, offsetBytes, reservedBytes } of this.unfinished()) {
      if (updatedMs >= beforeMs || reservedBytes <= offsetBytes) continue;
      this.changeUpload(id, { reservedBytes: offsetBytes });
    }
  }

  putFile(owner: string, path: VirtualPath, record: FileRecord): void {
    this.files.set(owner + path, { ...recordOf(record), owner, path });
  }

  retime(owner: string, path: VirtualPath, known: FileState, mtimeMs: number): boolean {
    const file = this.files.get(owner + path);
    if (file === undefined || !isTrueOf(known, file)) return false;
    this.putFile(owner, path, { ...file, mtimeMs });
    return true;
  }

  tree(owner: string, path: VirtualPath) {
    return this.files.values().filter((file) => file.owner === owner && isWithin(file.path, path));
  }

  forget(owner: string, path: VirtualPath): void {
    for (const file of this.tree(owner, path)) this.files.delete(owner + file.path);
    for (const share of this.#sharesIn(owner, path)) this.shares.delete(shareKey(share));
    for (const { id } of this.#linksIn(owner, path)) this.links.delete(id);
    this.modes.deleteWhere((at) => at.owner === owner && isWithin(at.path, path));
  }

  /** Takes the shares, links and modes at and below a path along with it. */
  moveGrants(owner: string, from: VirtualPath, to: VirtualPath): void {
    for (const at of this.modes.values()) {
      if (at.owner !== owner || !isWithin(at.path, from)) continue;
      const path = to + at.path.slice(from.length);
      this.modes.delete(owner + at.path);
      this.modes.set(owner + path, { ...at, path });
    }
    for (const link of this.#linksIn(owner, from)) {
      this.links.set(link.id, { ...link, path: to + link.path.slice(from.length) });
    }
    for (const share of this.#sharesIn(owner, from)) {
      const moved = { ...share, path: to + share.path.slice(from.length) };
      this.shares.delete(shareKey(share));
      this.shares.set(shareKey(moved), moved);
    }
  }

  #linksIn(owner: string, path: VirtualPath): LinkRecord[] {
    return this.links.values().filter((link) => link.owner === owner && isWithin(link.path, path));
  }

  #sharesIn(owner: string, path: VirtualPath): ShareRecord[] {
    return this.shares.values()
      .filter((share) => share.owner === owner && isWithin(share.path, path));
  }
}

/** The key of a share. */
export function shareKey({ owner, path, guest }: ShareRecord): string {
  return [owner, path, guest].join("\0");
}

/** Just the members of a file record. */
export function recordOf({ size, mtimeMs, hash, storedMs, damaged }: FileRecord): FileRecord {
  return { size, mtimeMs, hash, storedMs, damaged };
}

/** The key of a move. */
export function moveKey({ owner, from, to }: MoveIntent): string {
  return [owner, from, to].join("\0");
}
