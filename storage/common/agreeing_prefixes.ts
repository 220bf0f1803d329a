import type { SafePrefix } from "../contract/parts.ts";
import { RunningHash } from "../contract/running_hash.ts";
import { type Readable, readSlices } from "./slices.ts";

/**
 * Hashes the content of an unfinished upload and finds the checkpoints that it still matches.
 *
 * @param size bytes of the content
 * @param known prefixes recorded as safe, shortest first
 * @param maxBytes maximum to keep; longer content is cut to it
 * @returns the prefixes that match, and the running hash of the last one
 */
export async function agreeingPrefixes(
  content: Readable,
  size: number,
  known: readonly SafePrefix[],
  maxBytes: number,
): Promise<{ safe: SafePrefix[]; hash: RunningHash }> {
  const candidates = known.filter((prefix) => prefix.offset > 0 && prefix.offset <= size);
  const end = candidates.at(-1)?.offset ?? 0;
  // The hash at the cut is not recorded, so it is computed on the way.
  const stops: { offset: number; hash?: string }[] = [...candidates];
  if (maxBytes < end) stops.push({ offset: maxBytes });
  stops.sort((a, b) => a.offset - b.offset);
  const running = RunningHash.begin();
  const safe: SafePrefix[] = [];
  let hash = RunningHash.begin();
  let cut: RunningHash | undefined;
  let next = 0;
  await readSlices(content, end, (slice, offset) => {
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
  if (cut === undefined || (safe.at(-1)?.offset ?? 0) <= maxBytes) return { safe, hash };
  const kept = safe.filter((prefix) => prefix.offset < maxBytes);
  return { safe: [...kept, { offset: maxBytes, hash: cut.digest() }], hash: cut };
}
