/** Recovery of parts: each is brought into agreement with its record, or what there is of one. */
import type { DiskCatalog, UploadRecord } from "../interfaces/disk_catalog.ts";
import { parseCheckpoint } from "../parts/checkpoint.ts";
import { partState } from "../parts/gone_parts.ts";
import type { StepHook } from "../../contract/step.ts";
import type { Store } from "../interfaces/store.ts";

/** Where parts are settled, and what is counted meanwhile. */
export interface PartPlaces {
  readonly store: Store;
  readonly catalog: DiskCatalog;
  readonly report: { partsRemoved: number; adopted: number; setAside: number };
  readonly step: StepHook | undefined;
}

/**
 * Settles all parts of an account; nothing else may use them.
 *
 * @param uploads the account's uploads that have a record
 */
export async function settleParts(
  places: PartPlaces,
  owner: string,
  uploads: readonly UploadRecord[],
): Promise<void> {
  const { store, catalog } = places;
  const onDisk = await store.listParts(owner, { tidy: "all" });
  await removeWithoutPart(catalog, uploads, onDisk);
  for (const id of onDisk) {
    const record = await catalog.upload(id);
    if (record === undefined) {
      await settleUnrecorded(places, owner, id);
      continue;
    }
    const known = (await checkpointOf(store, owner, id))?.record;
    // The catalog is updated before the checkpoint, so only a restored catalog can be behind it.
    if (known?.id === id && isLater(known, record)) {
      const safe = { offset: known.offsetBytes, hash: known.offsetHash };
      await catalog.noteProgress(record, safe, known.updatedMs);
    }
  }
}

/**
 * Settles what ended workers left in an account's directory of parts, while others run.
 *
 * @param uploads the workers' uploads of the account that have a record
 * @param tags prefixes of the upload ids that their stores made
 */
export async function settlePartsOf(
  places: PartPlaces,
  owner: string,
  uploads: readonly UploadRecord[],
  tags: readonly string[],
): Promise<void> {
  const { store, catalog } = places;
  const onDisk = await store.listParts(owner, { tidy: tags });
  await removeWithoutPart(catalog, uploads, onDisk);
  for (const id of onDisk) {
    if (!tags.some((tag) => id.startsWith(tag))) continue;
    if (await catalog.upload(id) === undefined) await settleUnrecorded(places, owner, id);
  }
}

/** Removes records that have no part: they hold nothing. */
async function removeWithoutPart(
  catalog: DiskCatalog,
  uploads: readonly UploadRecord[],
  onDisk: readonly string[],
): Promise<void> {
  const there = new Set(onDisk);
  for (const record of uploads) {
    if (!there.has(record.id)) await catalog.removeUpload(record);
  }
}

async function settleUnrecorded(
  { store, catalog, report, step }: PartPlaces,
  owner: string,
  id: string,
): Promise<void> {
  const checkpoint = await checkpointOf(store, owner, id);
  await step?.("recovery: part found");
  if (await store.isPublished(owner, id)) {
    await store.removePart(owner, id); // acknowledged: the file has a name of its own
    report.partsRemoved++;
  } else if (
    checkpoint?.record.id === id && checkpoint.record.owner === owner &&
    await partState(store, checkpoint.record) !== "gone" &&
    await catalog.addUpload(checkpoint.record)
  ) {
    report.adopted++;
  } else {
    await store.setPartAside(owner, id);
    report.setAside++;
  }
}

async function checkpointOf(store: Store, owner: string, id: string) {
  const text = await store.loadCheckpoint(owner, id);
  return text === undefined ? undefined : parseCheckpoint(text);
}

/** Whether a checkpoint is later than the catalog's record. */
function isLater(known: UploadRecord, record: UploadRecord): boolean {
  if (known.writer !== record.writer) return known.writer > record.writer;
  return record.offsetHash === null || known.offsetBytes > record.offsetBytes;
}
