/** Unfinished uploads: listed, taken up again, dropped. */
import { clock } from "../contract/clock.ts";
import { createHash } from "node:crypto";
import type { Access, Place } from "../access/access.ts";
import type { IfExists, UploadRecord } from "../contract/catalog.ts";
import { assertUnlocked } from "../common/locked.ts";
import type { Condition } from "../contract/condition.ts";
import { eachOf } from "../common/each_page.ts";
import { StoreError } from "../contract/error.ts";
import type { Principal } from "../contract/principal.ts";
import { Part } from "./part.ts";
import { takeFromWriter } from "./takeover.ts";
import { checkCondition, mayContinue, prepareTarget } from "./target.ts";
import { reserveFor } from "./reserve.ts";
import { Upload } from "./upload.ts";
import type { VaultCore } from "../core/vault_core.ts";

/** An unfinished upload as its account sees it. */
export interface UnfinishedUpload {
  record: UploadRecord;
  offset: number;
  expiresMs: number;
  active: boolean;
  /** Whether another account uploads it into this one's tree: it can be dropped, not continued. */
  guest: boolean;
}

/** SHA-256 of nothing. */
const EMPTY_HASH = createHash("sha256").digest("hex");

/** Takes up an unfinished upload, from the connection that still holds it if need be. */
export async function resumeUpload(
  core: VaultCore,
  access: Access,
  which: { id: string } | { path: string; sizeBytes: number | undefined },
  condition?: Condition,
): Promise<{ upload: Upload; prefixHash: string }> {
  await access.require("w");
  const record = await findRecord(core, access, which);
  if (condition !== undefined) {
    await checkCondition(core, access, await access.target(record.shownPath, "w"), condition);
  }
  const upload = await takeUp(core, access, record);
  upload.part.condition = condition;
  return { upload, prefixHash: upload.part.digest() };
}

/**
 * Resumes the upload of a record.
 *
 * @param how `maxBytes`: maximum to keep, a longer safe prefix is cut to it; `ifExists`: how an
 * existing name is treated from now on
 */
export async function takeUp(
  core: VaultCore,
  access: Access,
  record: UploadRecord,
  how: { maxBytes?: number; ifExists?: IfExists } = {},
): Promise<Upload> {
  const place = await access.target(record.shownPath, "w");
  await assertUnlocked(core.catalog, place);
  const occupied = await prepareTarget(core, access, place, false); // before anything is sent
  return await core.exclusive(record.id, async () => {
    const reason = "Another connection took the upload over";
    const taken = await takeFromWriter(core, record.id, reason);
    // It may have been finished or dropped while it was waited for.
    if (taken === undefined) throw noSuchTransfer();
    const { record: current } = taken;
    if (how.ifExists !== undefined) current.ifExists = how.ifExists;
    const part = await Part.resume(await core.parts.open(taken, how.maxBytes));
    const upload = new Upload(core, access, place, part, occupied);
    core.presence.uploads.set(record.id, upload);
    try {
      await upload.space.expect(Math.max(0, (upload.size ?? 0) - upload.offset));
      if (upload.size !== undefined) {
        await reserveFor(core, current, upload.size, upload.offset);
      }
    } catch (error) {
      await upload.suspend();
      throw error;
    }
    return upload;
  });
}

/** Unfinished uploads of the account, and those of guests into its tree, latest first. */
export async function listUnfinished(
  core: VaultCore,
  access: Access,
): Promise<AsyncIterable<UnfinishedUpload>> {
  await access.require("w");
  const { parts } = core;
  const { account } = access.principal;
  const own = eachOf<UploadRecord>((page) => parts.list({ by: "account", account }, page));
  const ofGuests = eachOf<UploadRecord>((page) =>
    parts.list({ by: "guests", owner: account }, page)
  );
  return (async function* () {
    for await (const record of latestFirst(own, ofGuests)) {
      if (record.account === account) {
        if (access.reaches(record.shownPath)) yield unfinished(core, record);
      } else if (access.reaches(record.path)) {
        const seen = { ...record, shownPath: record.path };
        yield { ...unfinished(core, seen), guest: true };
      }
    }
  })();
}

/** The uploads of two lists that are in this order. */
async function* latestFirst(
  one: AsyncGenerator<UploadRecord>,
  other: AsyncGenerator<UploadRecord>,
): AsyncGenerator<UploadRecord> {
  let [a, b] = [await one.next(), await other.next()];
  while (!a.done || !b.done) {
    if (b.done || (!a.done && a.value.updatedMs >= b.value.updatedMs)) {
      yield a.value;
      a = await one.next();
    } else {
      yield b.value;
      b = await other.next();
    }
  }
}

/** Describes an unfinished upload, with the state of a running one in this process. */
export function unfinished(core: VaultCore, record: UploadRecord): UnfinishedUpload {
  const active = core.presence.uploads.get(record.id);
  return {
    record,
    offset: offsetOf(core, record),
    expiresMs: record.updatedMs + core.partTtlMs,
    active: active !== undefined || record.holder !== null,
    guest: false,
  };
}

/** Finds the safe prefix of an unfinished upload, and its SHA-256. */
export async function findUnfinished(
  core: VaultCore,
  access: Access,
  id: string,
  { after }: { after?: Principal["door"] } = {},
): Promise<UnfinishedUpload & { prefixHash: string }> {
  await access.require("w");
  let record = await findRecord(core, access, { id });
  if (after !== undefined && record.holder !== null && !core.presence.uploads.has(id)) {
    // Its writer in another worker may have acknowledged bytes that are not recorded yet.
    await core.presence.takeOver(id, "Another request asked how far the upload is", after);
    record = await findRecord(core, access, { id });
  }
  const safe = await core.parts.safe(record);
  return {
    record,
    offset: safe?.offset ?? 0,
    prefixHash: safe?.hash ?? EMPTY_HASH,
    expiresMs: record.updatedMs + core.partTtlMs,
    active: core.presence.uploads.has(id) || record.holder !== null,
    guest: false,
  };
}

/** Until when an upload is kept if nothing more comes, ms since the epoch. */
export function keptUntilMs(upload: Upload): number {
  return clock.now() + upload.core.partTtlMs;
}

/** An upload that received bytes within this time may still be active, ms. */
const IDLE_MS = 1000;

/**
 * Discards what was cut of earlier uploads of the file that an upload became: those of the same
 * account, name and size.
 */
export async function discardEarlier(
  core: VaultCore,
  done: Upload,
  discard: (id: string) => Promise<void>,
): Promise<void> {
  const { owner, account, path, shownPath, sizeBytes } = done.part.record;
  for await (const record of uploadsTo(core, { owner, path })) {
    const same = record.account === account && record.shownPath === shownPath &&
      record.sizeBytes === (sizeBytes ?? done.offset);
    const idle = clock.now() - record.updatedMs > IDLE_MS;
    if (same && idle) await discard(record.id).catch(() => {}); // it may go on just now
  }
}

/** Drops an unfinished upload of the account, or of a guest into its tree. */
export async function discardUnfinished(
  core: VaultCore,
  access: Access,
  id: string,
): Promise<void> {
  await access.require("w");
  const record = await core.parts.get(id);
  const { account } = access.principal;
  const mine = record?.account === account && access.reaches(record.shownPath);
  const intoMine = record?.owner === account && access.reaches(record.path);
  if (!mine && !intoMine) throw noSuchTransfer();
  await dropUpload(core, id, "The upload was dropped");
}

/** Drops an unfinished upload of any account; its writer, if any, gets the reason. */
export async function dropUpload(core: VaultCore, id: string, why: string): Promise<void> {
  await core.exclusive(id, async () => {
    const taken = await takeFromWriter(core, id, why);
    if (taken === undefined) return;
    await core.parts.drop(taken);
  });
}

async function findRecord(
  core: VaultCore,
  access: Access,
  which: { id: string } | { path: string; sizeBytes: number | undefined },
): Promise<UploadRecord> {
  if ("id" in which) {
    const record = await core.parts.get(which.id);
    if (record?.account !== access.principal.account) throw noSuchTransfer();
    if (!access.reaches(record.shownPath)) throw noSuchTransfer();
    if (!await mayContinue(access, record)) throw noSuchTransfer();
    return record;
  }
  const records = await recordsAt(core, access, await access.target(which.path, "w"));
  const { sizeBytes } = which;
  const found = sizeBytes === undefined
    ? records[0]
    : records.find((record) => record.sizeBytes === sizeBytes) ??
      // Other doors (protocols) do not announce a size, so one of theirs may be this file.
      records.find((record) => record.sizeBytes === null && record.offsetBytes <= sizeBytes);
  if (found === undefined) throw noSuchTransfer();
  return found;
}

/** All unfinished uploads to a place, latest first. */
export function uploadsTo(
  core: VaultCore,
  { owner, path }: Pick<Place, "owner" | "path">,
): AsyncGenerator<UploadRecord> {
  return eachOf<UploadRecord>((page) => core.parts.to(owner, path, page));
}

/** The account's unfinished uploads to a place that it may go on with, latest first. */
export async function recordsAt(
  core: VaultCore,
  access: Access,
  place: Place,
): Promise<UploadRecord[]> {
  const { account } = access.principal;
  const all = await Array.fromAsync(uploadsTo(core, place));
  const own = all.filter((record) => record.account === account);
  const may = await Promise.all(own.map((record) => mayContinue(access, record)));
  return own.filter((_, index) => may[index]);
}

/** Bytes of an unfinished upload that are safe, or will be once it is taken up. */
export function offsetOf(core: VaultCore, record: UploadRecord): number {
  const active = core.presence.uploads.get(record.id);
  return active?.open ? active.offset : record.offsetBytes;
}

/** Creates the error for an unfinished upload that does not exist. */
export function noSuchTransfer(): StoreError {
  return new StoreError("transfer-not-found", "There is no such unfinished upload");
}
