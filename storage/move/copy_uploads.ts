/** Unfinished uploads: they go on in the target, under the same ids. */
import { eachOf } from "../common/each_page.ts";
import { readSlices } from "../common/slices.ts";
import type { Account } from "../contract/catalog.ts";
import type { Engine } from "../contract/engine.ts";
import { isStoreError, StoreError } from "../contract/error.ts";
import type { SafePrefix } from "../contract/parts.ts";
import { RunningHash } from "../contract/running_hash.ts";
import type { UploadRecord } from "../contract/upload_record.ts";
import type { Page } from "../contract/values/page.ts";
import type { Both } from "./copy_records.ts";
import { ofSource, SourceFault } from "./copy_file.ts";
import type { LeftOuts } from "./report.ts";

/** Bytes between two checkpoints of the target. */
const CHECKPOINT_BYTES = 16 * 1024 * 1024;

/** All unfinished uploads of an engine. */
export const unfinished = ({ parts }: Pick<Engine, "parts">) =>
  eachOf((page: Page<UploadRecord>) => parts.list({ by: "all" }, page));

/**
 * Copies unfinished uploads as far as they are safe, each with its notes. The SHA-256 of these bytes
 * is computed on the way, and compared with the one that the source's checkpoint recorded.
 *
 * @param accounts those of the target
 */
export async function copyUploads(
  both: Both,
  accounts: readonly Account[],
  leftOut: LeftOuts,
): Promise<void> {
  const known = new Set(accounts.map(({ name }) => name));
  for await (const record of unfinished(both.from)) {
    const { id, owner, account, path, offsetBytes } = record;
    try {
      if (!known.has(owner) || !known.has(account)) {
        throw new SourceFault("its account was removed", false);
      }
      await copyUpload(both, record);
    } catch (error) {
      const isRefused = isStoreError(error, "bad-name", "denied", "quota", "exists");
      if (!(error instanceof SourceFault) && !isRefused) throw error;
      const why = (error as Error).message;
      leftOut.add({
        ...{ kind: "upload", username: owner, filename: id, size: offsetBytes },
        reason: `an unfinished upload to ${path}, whose client has to begin again: ${why}`,
        isLost: error instanceof SourceFault && error.isLost,
      });
    }
  }
}

async function copyUpload({ from, to }: Both, record: UploadRecord): Promise<void> {
  const { id, account } = record;
  const safe = await ofSource(() => from.parts.safe(record));
  const part = await to.parts.begin(newUploadOf(record, safe), id);
  try {
    if (!await part.keep()) throw new StoreError("quota", "it does not fit the account's quota");
    if (safe !== undefined) await copySafe({ from, to }, record, safe, part);
    await part.release(safe?.offset ?? 0);
  } catch (error) {
    await part.discard().catch(() => {}); // the first error is reported
    throw error;
  }
  const note = await from.catalog.uploadNotes.find(id, account);
  if (note !== undefined) await to.catalog.uploadNotes.put(note);
}

async function copySafe(
  { from }: Both,
  record: UploadRecord,
  safe: SafePrefix,
  part: Awaited<ReturnType<Engine["parts"]["begin"]>>,
): Promise<void> {
  const content = await ofSource(() => from.parts.read({ ...record, offsetBytes: safe.offset }));
  const running = RunningHash.begin();
  let noted = 0;
  try {
    const source = {
      readAsync: (into: Uint8Array, offset: number) =>
        ofSource(async () => await content?.readAsync(into, offset) ?? 0),
    };
    const length = await readSlices(source, safe.offset, async (slice, offset) => {
      running.update(slice);
      await (await part.append(slice))?.written;
      const end = offset + slice.length;
      if (end - noted < CHECKPOINT_BYTES || end === safe.offset) return;
      noted = end;
      await part.checkpoint({ offset: end, hash: running.digest() });
    });
    if (length !== safe.offset || running.digest() !== safe.hash) {
      throw new SourceFault("its content does not have the recorded checksum", true);
    }
    await part.checkpoint(safe);
  } finally {
    content?.close();
  }
}

function newUploadOf(
  { id: _id, offsetBytes: _, offsetHash: _hash, writer: _writer, holder: _holder, ...upload }:
    UploadRecord,
  safe: SafePrefix | undefined,
) {
  return { ...upload, reservedBytes: safe?.offset ?? 0 };
}

/** An unfinished upload as both sides are compared by. */
export async function uploadText({ parts }: Engine, record: UploadRecord): Promise<string> {
  const { owner, account, path, shownPath, sizeBytes, hash, mtimeMs, mode, spelling } = record;
  const safe = await parts.safe(record) ?? { offset: 0, hash: null };
  const { ifExists, appendsTo, createdMs } = record;
  return JSON.stringify([
    ...[owner, account, path, shownPath, sizeBytes, hash, mtimeMs, mode, spelling],
    ...[ifExists, appendsTo, createdMs, safe.offset, safe.hash],
  ]);
}
