import type {
  CommitIntent,
  FileRecord,
  MoveIntent,
  UploadRecord,
  Usage,
} from "../../../storage/disk/interfaces/disk_catalog.ts";
import type { AsideRecord } from "../../../storage/disk/interfaces/aside_book.ts";
import type { Claim } from "../../../storage/disk/interfaces/claim_book.ts";
import type { VirtualPath } from "../../../storage/contract/path.ts";
import { AccountBooks } from "../../../storage/memory/accounts/account_books.ts";
import { Table, type UndoLog } from "../../../storage/memory/accounts/table.ts";
import type { PathValue } from "./path_values.ts";

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

/** The tables that the disk engine has beside those of accounts. */
export class DiskTables extends AccountBooks {
  readonly modes;
  readonly spellings;
  readonly asides;
  readonly files;
  /** The latest number of what got or left a path. */
  readonly arrivals;
  readonly uploads;
  readonly commits;
  readonly moves;
  readonly claims;

  constructor(undo: UndoLog) {
    super(undo);
    this.asides = new Table<AsideRecord>(undo);
    this.modes = new Table<PathValue<number>>(undo);
    this.spellings = new Table<PathValue<string>>(undo);
    this.files = new Table<FileRecord & { owner: string; path: VirtualPath }>(undo);
    this.arrivals = new Table<{ arrival: number }>(undo);
    this.uploads = new Table<KeptUpload>(undo);
    this.commits = new Table<KeptCommit>(undo);
    this.moves = new Table<MoveIntent & { moving?: boolean }>(undo);
    this.claims = new Table<KeptClaim>(undo);
  }

  isUnfinished(uploadId: string): boolean {
    return this.uploads.get(uploadId)?.finished === false;
  }

  override forgetGrants(name: string): void {
    super.forgetGrants(name);
    this.modes.deleteWhere(({ owner }) => owner === name);
    this.spellings.deleteWhere(({ owner }) => owner === name);
    this.asides.deleteWhere(({ owner }) => owner === name);
  }

  protected forgetContent(name: string): void {
    this.uploads.deleteWhere((upload) => upload.owner === name || upload.account === name);
    for (const table of [this.files, this.commits, this.moves, this.claims]) {
      (table as Table<{ owner: string }>).deleteWhere(({ owner }) => owner === name);
    }
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
