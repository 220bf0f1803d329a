/** Opening transfers: uploads, appends, downloads. */
import type { Access, Place } from "../access/access.ts";
import { type IfExists, replaces } from "../contract/catalog.ts";
import { clock } from "../contract/clock.ts";
import type { Condition } from "../contract/condition.ts";
import { Download } from "./download.ts";
import { modeOf } from "../common/looks.ts";
import { StoreError } from "../contract/error.ts";
import { assertTakes } from "../core/max_upload.ts";
import type { PartContent } from "../contract/parts.ts";
import { MODE_BITS } from "../contract/mode_bits.ts";
import { nameOf, parentOf, type VirtualPath } from "../contract/path.ts";
import { Part } from "./part.ts";
import { storedMsOf } from "./pending.ts";
import { findRepeated } from "./repeats.ts";
import { assertSpelled } from "../common/spelling.ts";
import {
  checkCondition,
  checkVersions,
  ensureParent,
  makesVersions,
  newestIsSame,
  prepareTarget,
} from "./target.ts";
import { nearestTime } from "../contract/time_range.ts";
import type { NewUpload } from "../contract/upload_record.ts";
import { LAZY_BYTES, Upload } from "./upload.ts";
import type { VaultCore } from "../core/vault_core.ts";

/** Options of a download. */
export interface DownloadRequest {
  /** The content with this checksum, and no other. */
  ifHash?: string | undefined;
}

/** Options of an upload; sizes in bytes, times in ms, hashes in lower-case hex. */
export interface UploadRequest {
  path: string;
  sizeBytes?: number;
  hash?: string;
  mtimeMs?: number;
  /** Permission bits (0 to 0o777) for those who fetch the file; on the server's disk it is 600. */
  mode?: number | undefined;
  /**
   * The path of a client that distinguishes composed (NFC) and decomposed (NFD) names. The last
   * name keeps this form on disk, and an existing file in another form is never written to.
   */
  spelling?: string | undefined;
  /** @default "version" */
  ifExists?: IfExists;
  /** Make missing parents. */
  makeDirectories?: boolean;
  /** Checked before anything is done, and again when the upload gets its name. Needs r. */
  condition?: Condition;
  /** The client's own name for this upload, repeated where it sends the same upload again. */
  key?: string;
  /** The sender does not wait and will not resume a small upload: it leaves no record at first. */
  pipelined?: boolean;
  /**
   * Writes no record before more than a small file's bytes have arrived, or the upload is
   * suspended. With a quota the record is written at once, so that every byte is reserved; likewise
   * if a file exists, so that a client that returns soon, or after a crash, does not get the file's
   * size.
   */
  recordLate?: boolean;
}

/** An upload that takes data, or the file that made it needless. */
export type UploadOpening =
  | { upload: Upload }
  | { skipped: { path: VirtualPath; hash: string; size: number; repeated?: boolean } };

/** Begins an upload. */
export async function openUpload(
  core: VaultCore,
  access: Access,
  request: UploadRequest,
): Promise<UploadOpening> {
  // Every small file passes here: nothing is awaited that is known already.
  const place = access.surelyTarget(request.path, "w") ?? await access.target(request.path, "w");
  if (request.spelling !== undefined) await assertSpelled(core.tree, place, request.spelling);
  let ifExists = request.ifExists ?? "version";
  const pinned = request.condition === undefined
    ? null
    : await checkCondition(core, access, place, request.condition);
  if (ifExists === "skip" && (request.sizeBytes === undefined || request.hash === undefined)) {
    throw new StoreError("bad-request", `"skip" needs the size and the checksum of the file`);
  }
  const alone = place.shares !== undefined && !await access.versionsAllowed(place);
  // A small pipelined upload has one reply, at its end: what is wrong with its name is found there.
  const chance = isLazy(request) && mayTakeItsChance(ifExists) && !alone &&
    request.condition === undefined;
  // So is that it was stored already: its name is taken then.
  if (!chance || replaces(ifExists) || !core.space.isRoomy()) {
    const repeated = await findRepeated(core.tree, access, place, request);
    if (repeated !== undefined) return { skipped: repeated };
  }
  if (chance && request.makeDirectories) {
    const ensuring = ensureParent(core, access, place);
    if (ensuring !== undefined) await ensuring;
  }
  let taken: boolean | undefined = false;
  if (chance) taken = undefined;
  // If the record is late, the commit reports everything that this quick check does not see.
  else if (!request.recordLate || !await core.tree.isVacant(place.owner, place.path)) {
    taken = await prepareTarget(core, access, place, request.makeDirectories ?? false);
  }
  if (taken && ifExists === "fail") {
    throw new StoreError("exists", `"${place.shown}" exists already`);
  }
  if (taken && ifExists === "skip") {
    const same = await newestIsSame(core, access, place, request.sizeBytes!, request.hash!);
    if (same !== undefined) return { skipped: same };
  }
  if (alone && makesVersions(ifExists)) {
    if (taken) await checkVersions(access, place, ifExists);
    ifExists = "fail"; // it may be taken until the upload ends
  }
  const begun = begin(core, access, place, request, ifExists, taken, pinned);
  return { upload: begun instanceof Promise ? await begun : begun };
}

/**
 * Begins the upload of a small file, as {@linkcode openUpload} does, where all that has to be known
 * is known already.
 *
 * @returns undefined where it is not, or something is wrong: nothing was done
 */
export function openAtOnce(
  core: VaultCore,
  access: Access,
  request: UploadRequest,
): Upload | Promise<Upload> | undefined {
  const { ifExists = "version", condition, spelling } = request;
  const isPlain = ifExists === "version" && condition === undefined && spelling === undefined;
  if (!isPlain || !isLazy(request) || !core.space.isRoomy()) return undefined;
  try {
    const place = access.surelyTarget(request.path, "w");
    if (place === undefined) return undefined;
    const seesParent = !request.makeDirectories ||
      core.sawDirectory(place.owner, parentOf(place.path));
    if (!seesParent) return undefined;
    return begin(core, access, place, request, ifExists, undefined, null);
  } catch {
    return undefined; // it is found once more, and reported
  }
}

/** Opens a file for reading. */
export async function openDownload(
  core: VaultCore,
  access: Access,
  path: string,
  { ifHash }: DownloadRequest = {},
): Promise<Download> {
  const place = await access.place(path, "r");
  const opened = await core.tree.open(place.owner, place.path);
  const { content, record } = opened;
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
    const mode = await modeOf(core.tree, place.owner, place.path, opened);
    const download = new Download(core, access, place, content, record, opened);
    download.mode = mode;
    return download;
  } catch (error) {
    content.close();
    throw error;
  }
}

/** Begins an upload to a place that was checked. @param appendsTo see `UploadRecord` */
export function begin(
  core: VaultCore,
  access: Access,
  place: Place,
  request: UploadRequest,
  ifExists: IfExists,
  occupied: boolean | undefined,
  appendsTo: string | null,
): Promise<Upload> | Upload {
  assertTakes(core, request.sizeBytes ?? 0);
  const beginAt = (leastMs: number) => {
    const record = newRecord(access, place, request, { ifExists, appendsTo, leastMs });
    const content = core.parts.begin(record);
    const open = (content: PartContent) => {
      const upload = new Upload(core, access, place, new Part(content), occupied);
      return holding(upload, request);
    };
    return content instanceof Promise ? content.then(open) : open(content);
  };
  if (!occupied) return beginAt(0);
  // Newer than the existing file regardless of clocks: see pending.ts.
  return core.tree.look(place.owner, place.path)
    .then((seen) => beginAt(seen ? storedMsOf(seen) + 1 : 0));
}

function newRecord(
  access: Access,
  place: Place,
  request: UploadRequest,
  { ifExists, appendsTo, leastMs }: Pick<NewUpload, "ifExists" | "appendsTo"> & { leastMs: number },
): NewUpload {
  const { sizeBytes } = request;
  const now = Math.max(clock.now(), leastMs);
  const record: NewUpload = {
    owner: place.owner,
    account: access.principal.account,
    path: place.path,
    shownPath: place.shown,
    sizeBytes: sizeBytes ?? null,
    hash: request.hash ?? null,
    mtimeMs: request.mtimeMs === undefined ? null : nearestTime(request.mtimeMs),
    ifExists,
    appendsTo,
    createdMs: now,
    updatedMs: now,
    reservedBytes: sizeBytes ?? 0,
  };
  if (request.mode !== undefined) record.mode = request.mode & MODE_BITS;
  if (request.spelling !== undefined) record.spelling = nameOf(request.spelling);
  return record;
}

/** An upload that holds its space, and has left its record, unless that comes later. */
function holding(upload: Upload, request: UploadRequest): Promise<Upload> | Upload {
  const { part, core } = upload;
  part.condition = request.condition;
  part.key = request.key;
  upload.makesParents = request.makeDirectories ?? false;
  core.presence.uploads.set(upload.id, upload);
  const held = upload.space.expect(request.sizeBytes ?? 0);
  // Every small file passes here: nothing is awaited that is so already.
  return held === undefined && isLazy(request) ? upload : recorded(upload, request, held);
}

async function recorded(
  upload: Upload,
  request: UploadRequest,
  held: Promise<void> | undefined,
): Promise<Upload> {
  const { core, place, occupied } = upload;
  try {
    if (held !== undefined) await held;
    const late = isLazy(request) || await recordsLate(core, place, request, occupied);
    if (!late) await upload.record();
  } catch (error) {
    await upload.discard();
    throw error;
  }
  return upload;
}

/** Whether an upload leaves no record before it ends. */
function isLazy(request: UploadRequest): boolean {
  return request.pipelined === true && (request.sizeBytes ?? Infinity) <= LAZY_BYTES;
}

async function recordsLate(
  { catalog }: VaultCore,
  { owner }: Place,
  request: UploadRequest,
  occupied: boolean | undefined,
): Promise<boolean> {
  const late = request.recordLate && occupied === false;
  return late === true && (await catalog.account(owner))?.quotaBytes === null;
}

function mayTakeItsChance(ifExists: IfExists): boolean {
  return ifExists === "version" || replaces(ifExists);
}
