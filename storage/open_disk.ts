/** Opens the engine of a data directory: files on its disk, and a catalog in SQLite. */
import { join } from "@std/path";
import type { MountBook } from "./contract/books/mount_book.ts";
import type { Durability, Engine } from "./contract/engine.ts";
import type { FileRecord } from "./contract/file_record.ts";
import type { VirtualPath } from "./contract/path.ts";
import type { StepHook } from "./contract/step.ts";
import { DiskEngine } from "./disk/disk_engine.ts";
import { diskMeter } from "./disk/files/disk_meter.ts";
import { Layout } from "./disk/files/layout.ts";
import { LocalStore } from "./disk/files/local_store.ts";
import { partTagOf } from "./disk/parts/part_id.ts";
import { SqliteCatalog } from "./disk/sqlite_catalog.ts";
import { CATALOG_FILE, type ClusterAccess } from "./engine_places.ts";

export { mtimeOf } from "./disk/files/file_times.ts";

/** Where an engine keeps what it keeps, and how. */
export interface EngineOptions {
  /** The data directory; it exists. */
  data: string;
  /** Where several nodes keep all together; the data directory then holds nothing of it. */
  cluster?: ClusterAccess | undefined;
  durability: Durability;
  /** Whether to check every page of the catalog's database first. @default true */
  check?: boolean;
  /** Names this start of this worker; no other start may have it. @default a new id */
  holder?: string;
  /** Called before each change; throws where another worker has taken this one's place. */
  assertCurrent?: () => void;
  /** Called once when the catalog takes no more writes from this opening, with the cause. */
  onBroken?: (cause: unknown) => void;
  /**
   * Called when a system that several nodes share does not answer any more, with the reason, and when
   * it does again.
   */
  onFault?: (part: string, reason: string | undefined) => void;
  /** Whether no other worker publishes uploads; commands of operators publish none. @default false */
  alone?: boolean;
  /** For tests: called between the steps of a change. */
  step?: StepHook;
}

/** Opens an engine. @throws {StoreError} `io`, `unreachable` */
export type OpenEngine = (options: EngineOptions) => Promise<Engine>;

/**
 * Opens the engine of a data directory.
 *
 * @throws {StoreError} `io` where the catalog is damaged, or none that this version understands
 */
export function openDisk({ data, holder, step, ...options }: EngineOptions): Promise<Engine> {
  return Promise.try(() => {
    const catalog = SqliteCatalog.open(join(data, CATALOG_FILE), options);
    const tag = holder === undefined ? {} : { tag: partTagOf(holder) };
    const findMount = (owner: string) => catalog.mounts.ownedBy(owner);
    const store = new LocalStore(data, { durability: options.durability, findMount, ...tag });
    const parts = { store, catalog, holder, step, measure: diskMeter(data) };
    return new DiskEngine({ ...parts, data: Deno.realPathSync(data) });
  });
}

/**
 * The catalog's file of a data directory, for backups: only files on the host's disk are copied with
 * it, and other engines have backups of their own.
 */
export interface CatalogFile {
  readonly mounts: MountBook;
  /** The record of a file. */
  file(owner: string, path: VirtualPath): Promise<FileRecord | undefined>;
  /**
   * Writes a consistent copy to a new file (mode 600), also while a server runs.
   *
   * @throws {StoreError} `exists` where there is a file
   */
  backup(file: string): Promise<void>;
  close(): Promise<void>;
}

/** Opens a catalog's file, or a copy of it. @throws {StoreError} as {@linkcode openEngine} */
export function openCatalogFile(file: string): Promise<CatalogFile> {
  return Promise.try(() => SqliteCatalog.open(file, { durability: "full" }));
}

/** The directory on the host's disk that holds an account's files, for the operator. */
export function placeOfFiles(data: string, account: string): string {
  return new Layout(Deno.realPathSync(data)).files(account);
}
