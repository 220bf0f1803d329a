import { dirname } from "@std/path";
import { DatabaseSync } from "node:sqlite";
import { StoreError } from "../../../contract/error.ts";
import { migrate } from "./migrate.ts";

/**
 * Creates an empty catalog if none exists; only its owner may read it.
 *
 * The file gets its name once it is whole: an empty or short file of that name is always damage and
 * never mistaken for an empty catalog.
 *
 * @throws {StoreError} `io` where the existing file cannot be a catalog
 */
export function createCatalogFile(file: string): void {
  const found = lstat(file);
  if (found) {
    if (!found.isFile) throw new StoreError("io", "The catalog is not a regular file");
    if (found.size === 0) throw damaged();
    return;
  }
  if (lstat(`${file}-wal`)?.size) {
    // A left-over log would be played back into the new database.
    throw new StoreError("io", "The catalog is gone, but its log is still there: restore a backup");
  }
  const draft = `${file}.${crypto.randomUUID()}.new`;
  createEmptyFile(draft);
  try {
    const database = new DatabaseSync(draft);
    try {
      database.exec("PRAGMA journal_mode = WAL");
      migrate(database);
    } finally {
      database.close();
    }
    sync(draft);
    linkUnlessThere(draft, file);
  } finally {
    Deno.removeSync(draft);
  }
  sync(dirname(file));
}

/** Makes a new file that only its owner may read. SQLite gives its log the same mode. */
export function createEmptyFile(file: string): void {
  Deno.openSync(file, { write: true, createNew: true, mode: 0o600 }).close();
}

/** Brings a file, or the names in a directory, to stable storage. */
export function sync(path: string): void {
  using handle = Deno.openSync(path);
  handle.syncSync();
}

/** Runs `open`; what SQLite says of a file that is no database becomes one clear sentence. */
export function refuseDamaged<T>(open: () => T): T {
  try {
    return open();
  } catch (cause) {
    if (cause instanceof StoreError) throw cause;
    if (/not a database|malformed/.test(String(cause))) throw damaged(cause);
    throw new StoreError("io", "The catalog cannot be opened", {}, { cause });
  }
}

/** Checks every page of a database. @throws {StoreError} `io` where one is damaged */
export function quickCheck(database: DatabaseSync): void {
  const found = database.prepare("PRAGMA quick_check(1)").get()?.quick_check;
  if (found !== "ok") throw damaged(new Error(String(found)));
}

function damaged(cause?: unknown): StoreError {
  return new StoreError("io", "The catalog is damaged: restore it from a backup", {}, { cause });
}

function linkUnlessThere(draft: string, file: string): void {
  try {
    Deno.linkSync(draft, file);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
}

function lstat(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
