/**
 * Makes large data directories: accounts, files on the disk that the catalog knows, unfinished
 * uploads, and intents of a server that was killed. As a program:
 *
 *     deno run --allow-all tests/support/machine/large_data.ts DIR ACCOUNTS FILES UPLOADS INTENTS
 */
import { join } from "@std/path";
import { formatCheckpoint } from "../../../storage/disk/parts/checkpoint.ts";
import type { UploadRecord } from "../../../storage/disk/interfaces/disk_catalog.ts";
import { mtimeOf } from "../../../storage/disk/files/file_times.ts";
import { LocalStore } from "../../../storage/disk/files/local_store.ts";
import { SqliteCatalog } from "../../../storage/disk/sqlite_catalog.ts";
import { sha256 } from "../raw_client.ts";

/** How much of what a data directory is to hold; files and the rest are spread over the accounts. */
export interface Amounts {
  accounts: number;
  files: number;
  /** Unfinished uploads that a killed worker held. */
  uploads?: number;
  /** Uploads that were just being published. */
  intents?: number;
}

const CONTENT = "content";
const HASH = sha256(CONTENT);
/** The worker that was killed. */
const HOLDER = "killed";
/** Files in one directory. */
const MAX_SIBLINGS = 1000;

/** Fills a data directory that no server uses. The first account is `admin`. */
export async function makeLargeData(data: string, amounts: Amounts): Promise<void> {
  const { accounts, files, uploads = 0, intents = 0 } = amounts;
  Deno.mkdirSync(data, { recursive: true, mode: 0o700 });
  const catalog = SqliteCatalog.open(join(data, "catalog.db"), { durability: "relaxed" });
  const store = new LocalStore(data, { durability: "relaxed" });
  try {
    const names = Array.from({ length: accounts }, (_, i) => i === 0 ? "admin" : `user${i}`);
    for (const name of names) await addAccount(store, catalog, name);
    const ownerOf = (i: number) => names[i % accounts]!;
    for (let i = 0; i < files; i++) await addFile(data, catalog, ownerOf(i), i);
    for (let i = 0; i < uploads + intents; i++) {
      const record = await addUpload(store, catalog, ownerOf(i), i);
      if (i >= uploads) await addIntent(catalog, record);
    }
  } finally {
    await catalog.close();
  }
}

async function addAccount(store: LocalStore, catalog: SqliteCatalog, name: string) {
  await catalog.addAccount({
    name,
    passwordHash: "none",
    letters: name === "admin" ? "rwcdt" : "rwcd",
    quotaBytes: null,
    createdMs: 0,
    lastLoginMs: null,
    generation: 1,
  });
  await store.addAccount(name);
}

async function addFile(data: string, catalog: SqliteCatalog, owner: string, i: number) {
  const directory = `/d${Math.floor(i / MAX_SIBLINGS)}`;
  const place = join(data, "users", owner[0]!, owner, "files", directory);
  Deno.mkdirSync(place, { recursive: true, mode: 0o700 });
  using file = Deno.openSync(join(place, `${i}.txt`), { write: true, create: true, mode: 0o600 });
  file.writeSync(new TextEncoder().encode(CONTENT));
  const mtimeMs = mtimeOf(file.statSync());
  const record = { size: CONTENT.length, mtimeMs, hash: HASH, storedMs: mtimeMs, damaged: false };
  await catalog.noteFile(owner, `${directory}/${i}.txt`, record);
}

async function addUpload(store: LocalStore, catalog: SqliteCatalog, owner: string, i: number) {
  const id = `upload-${i}`;
  const record: UploadRecord = {
    id,
    owner,
    account: owner,
    path: `/upload ${i}.txt`,
    shownPath: `/upload ${i}.txt`,
    sizeBytes: CONTENT.length,
    hash: HASH,
    mtimeMs: null,
    ifExists: "version",
    appendsTo: null,
    createdMs: Date.now(),
    updatedMs: Date.now(),
    offsetBytes: CONTENT.length,
    offsetHash: HASH,
    reservedBytes: CONTENT.length,
    writer: 1,
    holder: HOLDER,
  };
  const part = store.createPart(owner, id);
  await part.write(new TextEncoder().encode(CONTENT), 0);
  part.close();
  const text = formatCheckpoint(record, [{ offset: CONTENT.length, hash: HASH }]);
  await store.saveCheckpoint(owner, id, text, { durable: false });
  await catalog.addUpload(record);
  return record;
}

async function addIntent(catalog: SqliteCatalog, record: UploadRecord): Promise<void> {
  const { id: uploadId, owner, path, writer } = record;
  const file = { size: CONTENT.length, mtimeMs: 1, hash: HASH, storedMs: 1, damaged: false };
  const intent = { uploadId, owner, path, replace: false, file, reservedBytes: 0, writer };
  const [answer] = await catalog.beginCommits([{ ...intent, holder: HOLDER }]);
  if (answer !== "ready") throw new Error(`An intent was refused: ${answer}`);
}

if (import.meta.main) {
  const [data, ...counts] = Deno.args;
  const [accounts, files, uploads, intents] = counts.map(Number);
  await makeLargeData(data!, {
    accounts: accounts!,
    files: files!,
    uploads: uploads!,
    intents: intents!,
  });
}
