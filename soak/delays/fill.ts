/** Data of the server under load: a large directory, many accounts, shares and uploads. */
import { createHash } from "node:crypto";
import { DatabaseSync } from "node:sqlite";

/** Number of entries of each kind. */
export interface Amounts {
  /** Files in one directory. */
  entries: number;
  accounts: number;
  shares: number;
  uploads: number;
  /** Lines of the audit log. */
  auditLines: number;
}

/** SHA-256 of nothing. */
const EMPTY_HASH = createHash("sha256").digest("hex");
/** As many public links as an account may have, but for one. */
const LINKS = 999;
/** Rows in a transaction: the server waits for none for long. */
const ROWS_AT_ONCE = 2000;

/** Name of the n-th file; 7,919 is prime, so that names come in no order. */
function fileName(n: number, entries: number): string {
  return `${n % 7 === 0 ? "File" : "file"} number ${(n * 7919) % entries} of many.txt`;
}

/** Makes a directory of empty files, and their records in the catalog. */
export function fillDirectory(data: string, name: string, entries: number): void {
  const directory = `${data}/users/a/admin/files/${name}`;
  Deno.mkdirSync(directory, { recursive: true, mode: 0o700 });
  const mtimeMs = Date.UTC(2026, 0, 1);
  const time = new Date(mtimeMs);
  for (let i = 0; i < entries; i++) {
    const place = `${directory}/${fileName(i, entries)}`;
    Deno.openSync(place, { write: true, createNew: true, mode: 0o600 }).close();
    Deno.utimeSync(place, time, time);
  }
  using catalog = new Rows(data);
  catalog.add("files", entries, (i) => ({
    owner: "admin",
    directory: `/${name}`,
    name: fileName(i, entries),
    size: 0,
    mtime_ms: mtimeMs,
    hash: EMPTY_HASH,
    stored_ms: mtimeMs,
    damaged: 0,
  }));
}

/** Makes a directory of empty directories. */
export function fillWithDirectories(data: string, name: string, count: number): void {
  const directory = `${data}/users/a/admin/files/${name}`;
  Deno.mkdirSync(directory, { mode: 0o700 });
  for (let i = 0; i < count; i++) Deno.mkdirSync(`${directory}/${i}`, { mode: 0o700 });
}

/** Adds accounts, shares and unfinished uploads, and makes the audit log long. */
export function fillCatalog(data: string, amounts: Amounts): void {
  Deno.mkdirSync(`${data}/users/a/admin/files/shared things`, { mode: 0o700 });
  const parts = `${data}/users/a/admin/parts`;
  const id = (i: number) => `delays-${String(i).padStart(8, "0")}`;
  for (let i = 0; i < amounts.uploads; i++) {
    const place = `${parts}/${id(i)}.part`;
    Deno.openSync(place, { write: true, createNew: true, mode: 0o600 }).close();
  }
  using catalog = new Rows(data);
  const now = Date.now();
  catalog.add("accounts", amounts.accounts, (i) => ({
    name: `user${i}`,
    password_hash: "!nobody",
    letters: "rwcd",
    quota_bytes: null,
    created_ms: now,
    last_login_ms: null,
    generation: 1,
  }));
  catalog.add("shares", amounts.shares, (i) => ({
    id: `share-${i}`,
    owner: "admin",
    path: `/shared things/${i}`,
    guest: "*",
    letters: "r",
    directory: 1,
    created_ms: now,
    expires_ms: null,
  }));
  catalog.add("links", LINKS, (i) => ({
    id: `link-${i}`,
    owner: "admin",
    path: `/linked/${i}`,
    directory: 1,
    hash: `no secret ${i}`,
    key: "",
    label: `Link ${i}`,
    downloads: 0,
    created_ms: now,
  }));
  catalog.add("shares", amounts.shares, (i) => ({
    id: `share-with-me-${i}`,
    owner: `user${i % amounts.accounts}`,
    path: `/things/${i}`,
    guest: "admin",
    letters: "r",
    directory: 1,
    created_ms: now,
    expires_ms: null,
  }));
  catalog.add("uploads", amounts.uploads, (i) => ({
    id: id(i),
    owner: "admin",
    account: "admin",
    path: `/unfinished ${i}`,
    shown_path: `/unfinished ${i}`,
    if_exists: "version",
    created_ms: now,
    updated_ms: now,
    offset_bytes: 0,
    reserved_bytes: 0,
  }));
  const line = (i: number) =>
    `{"time":"2026-01-01T00:00:00.000Z","level":"info","action":"upload","result":"ok",` +
    `"account":"user${i}","door":"native","address":"127.0.0.1","session":"s${i}"}\n`;
  const lines = Array.from({ length: amounts.auditLines }, (_, i) => line(i)).join("");
  Deno.writeTextFileSync(`${data}/logs/audit.log`, lines, { append: true });
}

/** A second connection to the catalog of a running server. */
class Rows {
  readonly #database: DatabaseSync;

  constructor(data: string) {
    this.#database = new DatabaseSync(`${data}/catalog.db`, { timeout: 60_000 });
  }

  add(table: string, count: number, row: (i: number) => Record<string, string | number | null>) {
    const columns = Object.keys(row(0));
    const insert = this.#database.prepare(
      `INSERT INTO ${table} (${columns}) VALUES (${columns.map(() => "?")})`,
    );
    for (let start = 0; start < count; start += ROWS_AT_ONCE) {
      this.#database.exec("BEGIN IMMEDIATE");
      for (let i = start; i < Math.min(count, start + ROWS_AT_ONCE); i++) {
        insert.run(...Object.values(row(i)));
      }
      this.#database.exec("COMMIT");
    }
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}
