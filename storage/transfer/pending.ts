/**
 * Meaning of a name for an account that may write it and continues without a proof of the bytes it
 * sent, as FTP clients do: the account's latest unfinished upload to it, if that is newer than the
 * file.
 */
import type { Access, Place } from "../access/access.ts";
import type { FileRecord, UploadRecord } from "../contract/catalog.ts";
import { StoreError } from "../contract/error.ts";
import { childOf, nameOf, type VirtualPath } from "../contract/path.ts";
import { offsetOf, recordsAt, uploadsTo } from "./resumes.ts";
import { Pace } from "../common/slices.ts";
import type { Entry } from "../contract/entry.ts";
import type { VaultCore } from "../core/vault_core.ts";

/** An unfinished upload that is listed in place of its name. */
export interface Pending {
  record: UploadRecord;
  /** Where it goes on, in bytes. */
  offset: number;
  /** Whether it has a writer now. */
  active: boolean;
}

/** Finds the unfinished upload of the account that is listed at one path. */
export async function pendingFor(
  core: VaultCore,
  access: Access,
  shown: VirtualPath,
): Promise<Pending | undefined> {
  if (!(await access.letters()).includes("w")) return undefined;
  const place = await access.target(shown, "w").catch(() => undefined);
  return place && await pendingAt(core, access, place);
}

/**
 * Finds the unfinished upload that is listed at a name; undefined if the file is listed, or
 * nothing.
 *
 * @throws {StoreError} `io` where the file is being replaced for too long
 */
export async function pendingAt(
  core: VaultCore,
  access: Access,
  place: Place,
): Promise<Pending | undefined> {
  const [record] = await recordsAt(core, access, place);
  return record && await standing(core, place, record);
}

async function standing(
  core: VaultCore,
  place: Place,
  record: UploadRecord,
): Promise<Pending | undefined> {
  const found = await core.tree.look(place.owner, place.path);
  if (found?.entry.type === "directory") return undefined;
  if (found !== undefined && record.updatedMs <= storedMsOf(found)) return undefined;
  return toPending(core, record);
}

/** When what has a name was stored, ms; of a file that came by other means, when it was modified. */
export function storedMsOf(
  { entry, record }: { entry: Entry; record: FileRecord | undefined },
): number {
  return record?.storedMs ?? entry.mtimeMs;
}

/**
 * Throws where another account's unfinished upload is newer than the file of a name. A client that
 * goes on from the file's size takes the file for the beginning of its own content, which it is not
 * if both accounts send the same.
 *
 * @throws {StoreError} `changed`
 */
export async function refuseOthers(core: VaultCore, access: Access, place: Place): Promise<void> {
  if (await core.tree.stat(place.owner, place.path) === undefined) return; // nothing to take it for
  const { account } = access.principal;
  for await (const record of uploadsTo(core, place)) {
    if (record.account === account) continue;
    if (await standing(core, place, record) === undefined) continue;
    throw new StoreError(
      "changed",
      "Another account's upload to this name is unfinished: send the whole file, " +
        "or let that one be finished or dropped",
    );
  }
}

/** Finds the names in a directory at which unfinished uploads of the account are listed. */
export async function pendingIn(
  core: VaultCore,
  access: Access,
  shown: VirtualPath,
): Promise<Map<string, Pending>> {
  const found = new Map<string, Pending>();
  if (!(await access.letters()).includes("w")) return found;
  const pace = new Pace();
  for (const [name, record] of await latestIn(core, access.principal.account, shown, pace)) {
    const place = await access.target(childOf(shown, name), "w").catch(() => undefined);
    const pending = place && await standing(core, place, record);
    if (pending !== undefined) found.set(name, pending);
    await pace.turn();
  }
  return found;
}

/** Uploads read at once. */
const PAGE = 500;

/** The latest upload to each name in a directory. */
async function latestIn(
  { parts }: VaultCore,
  account: string,
  directory: VirtualPath,
  pace: Pace,
): Promise<Map<string, UploadRecord>> {
  const latest = new Map<string, UploadRecord>();
  for (let after = "";;) {
    const records = await parts.in(account, directory, { after, count: PAGE });
    for (const record of records) {
      const name = nameOf(record.shownPath);
      if (record.updatedMs >= (latest.get(name)?.updatedMs ?? -Infinity)) latest.set(name, record);
    }
    if (records.length < PAGE) return latest;
    after = records.at(-1)!.id;
    await pace.turn();
  }
}

/**
 * Where it is not known that more is to come, the last byte that is safe is left out: a client that
 * had sent the whole file would take it for stored, and now sends one byte again and is answered.
 */
function toPending(core: VaultCore, record: UploadRecord): Pending {
  const safe = offsetOf(core, record);
  const incomplete = record.sizeBytes !== null && safe < record.sizeBytes;
  const offset = incomplete ? safe : Math.max(0, safe - 1);
  const active = core.presence.uploads.has(record.id) || record.holder !== null;
  return { record, offset, active };
}
