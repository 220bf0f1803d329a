import type { OpenedPart, SafePrefix } from "../../contract/parts.ts";
import { RunningHash } from "../../contract/running_hash.ts";
import type { UploadRecord } from "../../contract/upload_record.ts";
import { readSlices } from "../../common/slices.ts";
import type { StoredPart } from "../interfaces/store.ts";
import type { Places } from "../places.ts";
import { safePrefixes } from "./checkpoint.ts";
import { DiskPart } from "./disk_part.ts";

/**
 * Opens a part again: its content is hashed anew, and cut back to the last checkpoint that it still
 * hashes to.
 *
 * @param how `mostBytes`: cut to so many bytes where more are safe; `apart`: an earlier writer may
 * still write to the part, which is copied; so it is where the store knows of one
 */
export async function reopen(
  places: Places,
  record: UploadRecord,
  { mostBytes, apart }: { mostBytes: number; apart: boolean },
): Promise<OpenedPart> {
  const { store } = places;
  const { owner, id } = record;
  const known = safePrefixes(record, await store.loadCheckpoint(owner, id));
  const length = Math.min(mostBytes, known.at(-1)?.offset ?? 0);
  let file = apart ? undefined : await store.openPart(owner, id);
  if (file?.claim() === false) {
    file.close();
    file = undefined;
  }
  const copied = file === undefined;
  if (file === undefined) {
    file = await store.renewPart(owner, id, length);
    file.claim();
  }
  try {
    const { safe, hash } = await verify(file, known, mostBytes);
    const offset = safe.at(-1)?.offset ?? 0;
    const content = DiskPart.resumed(places, record, file, safe);
    if (await file.size() !== offset) await file.truncate(offset);
    if (offset !== (known.at(-1)?.offset ?? 0)) await content.save(true);
    if (copied) await content.save(true); // under the new writer's number
    return { content, offset, hash };
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Hashes a part. @returns the prefixes that it agrees with, and the running hash of the last one */
async function verify(
  file: StoredPart,
  known: readonly SafePrefix[],
  mostBytes: number,
): Promise<{ safe: SafePrefix[]; hash: RunningHash }> {
  const size = await file.size();
  const candidates = known.filter((prefix) => prefix.offset > 0 && prefix.offset <= size);
  const end = candidates.at(-1)?.offset ?? 0;
  // Where it is to be cut is looked at on the way: its hash is not known before.
  const stops: { offset: number; hash?: string }[] = [...candidates];
  if (mostBytes < end) stops.push({ offset: mostBytes });
  stops.sort((a, b) => a.offset - b.offset);
  const running = RunningHash.begin();
  const safe: SafePrefix[] = [];
  let hash = RunningHash.begin();
  let cut: RunningHash | undefined;
  let next = 0;
  await readSlices(file, end, (slice, offset) => {
    let from = 0;
    while (next < stops.length && stops[next]!.offset <= offset + slice.length) {
      const stop = stops[next]!;
      running.update(slice.subarray(from, stop.offset - offset));
      from = stop.offset - offset;
      next++;
      const state = running.copy();
      if (stop.hash === undefined) cut = state;
      if (state.digest() !== stop.hash) continue;
      safe.push({ offset: stop.offset, hash: stop.hash });
      hash = state;
    }
    running.update(slice.subarray(from));
  });
  if (cut === undefined || (safe.at(-1)?.offset ?? 0) <= mostBytes) return { safe, hash };
  const kept = safe.filter((prefix) => prefix.offset < mostBytes);
  return { safe: [...kept, { offset: mostBytes, hash: cut.digest() }], hash: cut };
}
