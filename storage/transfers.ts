/** Opening transfers: uploads, resumes, appends, downloads. */
import type { Access, Place } from "./access.ts";
import type { IfExists, UploadRecord } from "./catalog.ts";
import { Download } from "./download.ts";
import { isStoreError, notFound, StoreError } from "./error.ts";
import { childOf, nameOf, parentOf, type VirtualPath } from "./path.ts";
import { Part } from "./part.ts";
import { readSlices } from "./slices.ts";
import { LAZY_BYTES, Upload } from "./upload.ts";
import type { VaultCore } from "./vault_core.ts";
import { parseVersionName, sameFamily } from "./version_name.ts";

/** What an upload asks for; sizes in bytes, times in ms, hashes in lower-case hex. */
export interface UploadRequest {
  path: string;
  sizeBytes?: number;
  hash?: string;
  mtimeMs?: number;
  /** @default "version" */
  ifExists?: IfExists;
  /** Make missing parents. */
  makeDirectories?: boolean;
  /** The sender does not wait and will not resume a small upload: it leaves no record at first. */
  pipelined?: boolean;
}

/** An upload that takes data, or the file that made it needless. */
export type UploadOpening =
  | { upload: Upload }
  | { skipped: { path: VirtualPath; hash: string; size: number } };

/** An unfinished upload as its account sees it. */
export interface UnfinishedUpload {
  record: UploadRecord;
  offset: number;
  expiresMs: number;
  active: boolean;
}

/** Begins an upload. */
export async function openUpload(
  core: VaultCore,
  access: Access,
  request: UploadRequest,
): Promise<UploadOpening> {
  const place = await access.target(request.path, "w");
  const ifExists = request.ifExists ?? "version";
  if (ifExists === "skip" && (request.sizeBytes === undefined || request.hash === undefined)) {
    throw new StoreError("bad-request", `"skip" needs the size and the checksum of the file`);
  }
  // A small pipelined upload has one reply, at its end: what is wrong with its name is found there.
  const taken = isLazy(request) && !request.makeDirectories && mayTakeItsChance(ifExists)
    ? false
    : await prepareTarget(core, access, place, request.makeDirectories ?? false);
  if (taken && ifExists === "fail") {
    throw new StoreError("exists", `"${place.shown}" exists already`);
  }
  if (taken && ifExists === "skip") {
    const same = await newestIsSame(core, place, request.sizeBytes!, request.hash!);
    if (same !== undefined) return { skipped: same };
  }
  const upload = await begin(core, access, place, request, ifExists, taken, null);
  return { upload };
}

/** Begins an append: an upload of the whole result whose first bytes are the file's content. */
export async function openAppend(
  core: VaultCore,
  access: Access,
  request: UploadRequest,
): Promise<{ upload: Upload }> {
  const place = await access.target(request.path, "w");
  const taken = await prepareTarget(core, access, place, request.makeDirectories ?? false);
  if (!taken) {
    return { upload: await begin(core, access, place, request, "overwrite", false, "") };
  }
  const { content, record } = await core.open(place.owner, place.path);
  try {
    if (request.sizeBytes !== undefined && request.sizeBytes < record.size) {
      throw new StoreError(
        "bad-request",
        `The whole result cannot be smaller than the ${record.size} bytes there are`,
      );
    }
    const upload = await begin(core, access, place, request, "overwrite", true, record.hash);
    try {
      await readSlices(content, record.size, (slice) => upload.write(slice));
      if (upload.part.digest() !== record.hash) {
        throw new StoreError("checksum", `"${place.shown}" is damaged and cannot be appended to`);
      }
    } catch (error) {
      await upload.discard();
      throw error;
    }
    return { upload };
  } finally {
    content.close();
  }
}

/** Takes up an unfinished upload, from the connection that still holds it if need be. */
export async function resumeUpload(
  core: VaultCore,
  access: Access,
  which: { id: string } | { path: string; sizeBytes: number | undefined },
): Promise<{ upload: Upload; prefixHash: string }> {
  await access.require("w");
  const record = await findRecord(core, access, which);
  const place = await access.target(record.shownPath, "w");
  return await core.exclusive(record.id, async () => {
    await core.active.get(record.id)?.takeOver("Another connection took the upload over");
    // It may have been finished or dropped while it was waited for.
    const current = await core.catalog.upload(record.id);
    if (current === undefined) throw noSuchTransfer();
    const part = await Part.reopen(current, core.store, core.catalog, core.options.step);
    const entry = await core.store.stat(place.owner, place.path);
    const upload = new Upload(core, access, place, part, entry !== undefined, true);
    core.active.set(record.id, upload);
    return { upload, prefixHash: part.digest() };
  });
}

/** Unfinished uploads of the account, latest first. */
export async function listUnfinished(
  core: VaultCore,
  access: Access,
): Promise<UnfinishedUpload[]> {
  await access.require("w");
  const records = await core.catalog.uploads(access.principal.account);
  return records.map((record) => {
    const active = core.active.get(record.id);
    return {
      record,
      offset: active?.open ? active.offset : record.offsetBytes,
      expiresMs: record.updatedMs + core.partTtlMs,
      active: active !== undefined,
    };
  });
}

/** Drops an unfinished upload of the account. */
export async function discardUnfinished(
  core: VaultCore,
  access: Access,
  id: string,
): Promise<void> {
  await access.require("w");
  await findRecord(core, access, { id });
  await core.exclusive(id, async () => {
    await core.active.get(id)?.takeOver("The upload was dropped");
    const record = await core.catalog.upload(id);
    if (record === undefined) return;
    await core.store.removePart(record.owner, id);
    await core.catalog.removeUpload(id);
  });
}

/** Opens a file for reading. */
export async function openDownload(
  core: VaultCore,
  access: Access,
  path: string,
  ifHash?: string,
): Promise<Download> {
  const place = await access.place(path, "r");
  const { content, record } = await core.open(place.owner, place.path);
  try {
    if (ifHash !== undefined && ifHash !== record.hash) {
      throw new StoreError("changed", `"${place.shown}" is not the content asked for`, {
        expected: ifHash,
        actual: record.hash,
      });
    }
    if (record.damaged) {
      throw new StoreError("checksum", `"${place.shown}" is damaged on the server's disk`, {
        expected: record.hash,
      });
    }
    return new Download(core, access, place, content, record);
  } catch (error) {
    content.close();
    throw error;
  }
}

/** Checks the parent (and makes it), refuses directories; whether the name is taken by a file. */
async function prepareTarget(
  core: VaultCore,
  access: Access,
  place: Place,
  makeDirectories: boolean,
): Promise<boolean> {
  const entry = await core.store.stat(place.owner, place.path);
  if (entry?.type === "file") return true;
  if (entry?.type === "directory") {
    throw new StoreError("is-directory", `"${place.shown}" is a directory`);
  }
  const parent = parentOf(place.path);
  const above = await core.store.stat(place.owner, parent);
  if (above === undefined) {
    if (!makeDirectories) throw notFound(parentOf(place.shown));
    await makeParents(core, access, place);
  } else if (above.type === "file") {
    throw new StoreError("not-directory", `"${parentOf(place.shown)}" is a file`);
  }
  return false;
}

/** Makes the missing directories above a place; needs the letter c where there are any. */
export async function makeParents(core: VaultCore, access: Access, place: Place): Promise<void> {
  const missing: VirtualPath[] = [];
  let path = parentOf(place.path);
  while (await core.store.stat(place.owner, path) === undefined) {
    missing.unshift(path);
    path = parentOf(path);
  }
  if (missing.length === 0) return;
  await access.place(place.shown, "c");
  for (const directory of missing) {
    await core.store.makeDirectory(place.owner, directory).catch((error) => {
      if (!isStoreError(error, "exists")) throw error; // made by another session meanwhile
    });
  }
}

async function begin(
  core: VaultCore,
  access: Access,
  place: Place,
  request: UploadRequest,
  ifExists: IfExists,
  occupied: boolean,
  appendsTo: string | null,
): Promise<Upload> {
  const { maxUploadBytes } = core.options;
  const sizeBytes = request.sizeBytes;
  if (maxUploadBytes !== undefined && (sizeBytes ?? 0) > maxUploadBytes) {
    throw new StoreError("quota", `This server takes uploads of up to ${maxUploadBytes} bytes`);
  }
  const now = Date.now();
  const record: UploadRecord = {
    id: newId(),
    owner: place.owner,
    account: access.principal.account,
    path: place.path,
    shownPath: place.shown,
    sizeBytes: sizeBytes ?? null,
    hash: request.hash ?? null,
    mtimeMs: request.mtimeMs ?? null,
    ifExists,
    appendsTo,
    createdMs: now,
    updatedMs: now,
    offsetBytes: 0,
    reservedBytes: sizeBytes ?? 0,
  };
  const part = await Part.create(record, core.store, core.catalog, core.options.step);
  const upload = new Upload(core, access, place, part, occupied, false);
  core.active.set(record.id, upload);
  if (!isLazy(request)) {
    try {
      await upload.record();
    } catch (error) {
      await upload.discard();
      throw error;
    }
  }
  return upload;
}

/** Whether an upload leaves no record before it ends. */
function isLazy(request: UploadRequest): boolean {
  return request.pipelined === true && (request.sizeBytes ?? 0) <= LAZY_BYTES;
}

function mayTakeItsChance(ifExists: IfExists): boolean {
  return ifExists === "version" || ifExists === "overwrite";
}

/** 128 random bits in lower-case hex: not to be guessed, and safe as a file name. */
function newId(): string {
  return crypto.randomUUID().replaceAll("-", "");
}

async function findRecord(
  core: VaultCore,
  access: Access,
  which: { id: string } | { path: string; sizeBytes: number | undefined },
): Promise<UploadRecord> {
  if ("id" in which) {
    const record = await core.catalog.upload(which.id);
    if (record?.account !== access.principal.account) throw noSuchTransfer();
    return record;
  }
  const place = await access.target(which.path, "w");
  for (const record of await core.catalog.uploads(access.principal.account)) {
    if (record.owner !== place.owner || record.path !== place.path) continue;
    if (which.sizeBytes === undefined || record.sizeBytes === which.sizeBytes) return record;
  }
  throw noSuchTransfer();
}

function noSuchTransfer(): StoreError {
  return new StoreError("transfer-not-found", "There is no such unfinished upload");
}

/** Where the newest version of a name has this content: that version. */
async function newestIsSame(
  core: VaultCore,
  place: Place,
  size: number,
  hash: string,
): Promise<{ path: VirtualPath; hash: string; size: number } | undefined> {
  const directory = parentOf(place.path);
  const shownDirectory = parentOf(place.shown);
  const wanted = parseVersionName(nameOf(place.path));
  const family = (await core.store.names(place.owner, directory))
    .filter((name) => sameFamily(parseVersionName(name), wanted));
  let newest: { name: string; storedMs: number; version: number } | undefined;
  for (const name of family) {
    const found = await core.look(place.owner, childOf(directory, name));
    if (found?.entry.type !== "file") continue;
    const storedMs = found.record?.storedMs ?? found.entry.mtimeMs;
    const { version } = parseVersionName(name);
    const later = newest === undefined || storedMs > newest.storedMs ||
      (storedMs === newest.storedMs && version > newest.version);
    if (later) newest = { name, storedMs, version };
  }
  if (newest === undefined) return undefined;
  const { entry, record } = await core.know(place.owner, childOf(directory, newest.name));
  if (entry.size !== size || record.hash !== hash || record.damaged) return undefined;
  return { path: childOf(shownDirectory, newest.name), hash, size };
}
