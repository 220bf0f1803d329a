import { advised } from "../../../../common/os_reason.ts";
import { dirname } from "@std/path";
import { backup, type DatabaseSync } from "node:sqlite";
import { StoreError } from "../../../contract/error.ts";
import { asStoreError } from "./errors.ts";
import { createEmptyFile, sync } from "./file.ts";
import { isFull } from "./full.ts";

/** Pages of a copy's only step; more than a database can have. */
const ALL_PAGES = 0x7fff_ffff;

/**
 * Copies a database as it is now to a new file, in one step: SQLite begins a copy in several steps
 * again whenever another connection writes between two of them, and never ends beside steady
 * uploads. Writers go on meanwhile, this thread does nothing else.
 *
 * @throws {StoreError} `exists` where the file is there, and nothing is changed
 */
export async function copyDatabase(database: DatabaseSync, file: string): Promise<void> {
  try {
    createEmptyFile(file);
  } catch (cause) {
    const exists = cause instanceof Deno.errors.AlreadyExists;
    throw exists ? new StoreError("exists", "The backup's file exists") : asStoreError(cause);
  }
  try {
    await backup(database, file, { rate: ALL_PAGES });
    sync(file);
  } catch (cause) {
    Deno.removeSync(file);
    if (!isFull(cause, dirname(file))) throw asStoreError(cause);
    const message = `The disk of ${file} is full`;
    const reason = () => advised(message, "ENOSPC");
    throw new StoreError("no-space", message, {}, { cause, reason });
  }
}
