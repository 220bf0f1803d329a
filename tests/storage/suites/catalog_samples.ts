/** Records for tests of catalogs: whole, and different only in what a test is about. */
import type {
  Account,
  CommitIntent,
  DiskCatalog,
  FileRecord,
  MoveIntent,
  UploadRecord,
  WriterToken,
} from "../../../storage/disk/interfaces/disk_catalog.ts";
import type { Catalog } from "../../../storage/contract/catalog.ts";
import type { TokenRecord } from "../../../storage/contract/books/token_book.ts";
import type { LinkRecord } from "../../../storage/contract/books/link_book.ts";
import type { ShareRecord } from "../../../storage/contract/books/share_book.ts";

/** One sentence of the contract: its name, and what it takes to hold. */
export type Holds = (
  sentence: string,
  test: (catalog: DiskCatalog, reopen: () => Promise<DiskCatalog>) => Promise<void>,
) => void;

/** Accounts and books of a catalog, of whatever engine. */
export interface Books extends Catalog {
  addAccount(account: Account): Promise<boolean>;
  /** Removes an account, also the last administrator. */
  removeAccount(name: string): Promise<unknown>;
  redate(nowMs: number): Promise<void>;
}

/** As {@linkcode Holds}, for what does not depend on the disk engine. */
export type HoldsBooks = (
  sentence: string,
  test: (catalog: Books, reopen: () => Promise<Books>) => Promise<void>,
) => void;

/** A catalog under test. */
export interface OpenCatalog {
  catalog: DiskCatalog;
  /** Opens what the process kept once more, as if it had been killed. */
  reopen(): Promise<DiskCatalog>;
  dispose(): Promise<void>;
}

export function account(name: string, change: Partial<Account> = {}): Account {
  return {
    name,
    passwordHash: "$scrypt$x",
    letters: "rwcd",
    quotaBytes: null,
    createdMs: 1_700_000_000_000,
    lastLoginMs: null,
    generation: 1,
    disabled: false,
    expiresMs: null,
    groups: [],
    ...change,
  };
}

export function file(size: number, change: Partial<FileRecord> = {}): FileRecord {
  return {
    size,
    mtimeMs: 1_700_000_000_001,
    hash: "ab".repeat(32),
    storedMs: 1_700_000_000_002,
    damaged: false,
    ...change,
  };
}

export function upload(id: string, change: Partial<UploadRecord> = {}): UploadRecord {
  return {
    id,
    owner: "alice",
    account: "alice",
    path: "/report.txt",
    shownPath: "/report.txt",
    sizeBytes: null,
    hash: null,
    mtimeMs: null,
    ifExists: "version",
    appendsTo: null,
    createdMs: 1,
    updatedMs: 1,
    offsetBytes: 0,
    offsetHash: null,
    reservedBytes: 0,
    writer: 1,
    holder: "worker",
    ...change,
  };
}

export function intent(
  path: string,
  size: number,
  change: Partial<CommitIntent> = {},
): CommitIntent {
  return {
    uploadId: `upload of ${path}`,
    owner: "alice",
    path,
    replace: false,
    file: file(size),
    reservedBytes: 0,
    writer: null,
    holder: "worker",
    ...change,
  };
}

export function moveOf(from: string, to: string, owner = "alice"): MoveIntent {
  return { owner, from, to, holder: "worker" };
}

/** One writer's turn at an upload. */
export function writer(id: string, number = 1): WriterToken {
  return { id, writer: number };
}

export function share(id: string, change: Partial<ShareRecord> = {}): ShareRecord {
  return {
    id,
    owner: "alice",
    path: "/doc",
    guest: "bob",
    letters: "r",
    directory: true,
    createdMs: 5,
    expiresMs: null,
    ...change,
  };
}

export function link(id: string, change: Partial<LinkRecord> = {}): LinkRecord {
  return {
    id,
    owner: "alice",
    path: "/doc",
    directory: false,
    hash: `hash of ${id}`,
    key: `key of ${id}`,
    label: "",
    passwordHash: null,
    pinnedHash: null,
    maxDownloads: null,
    downloads: 0,
    createdMs: 5,
    lastUsedMs: null,
    expiresMs: null,
    ...change,
  };
}

/** Publishes files of an account that is there. */
export async function store(catalog: DiskCatalog, ...intents: CommitIntent[]): Promise<void> {
  await catalog.beginCommits(intents);
  await catalog.finishCommits(intents);
}

/** Paths of all records at and below a directory that tests use, sorted. */
export async function recorded(catalog: DiskCatalog, owner: string, directories: string[]) {
  const found: string[] = [];
  for (const directory of directories) {
    for (const name of (await catalog.filesIn(owner, directory)).keys()) {
      found.push(directory === "/" ? `/${name}` : `${directory}/${name}`);
    }
  }
  return found.sort();
}

export function token(id: string, change: Partial<TokenRecord> = {}): TokenRecord {
  return {
    id,
    account: "alice",
    hash: `hash of ${id}`,
    label: "laptop",
    letters: "rw",
    path: "/inbox",
    createdMs: 5,
    lastUsedMs: null,
    expiresMs: null,
    ...change,
  };
}
