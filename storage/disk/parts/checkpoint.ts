/** The checkpoint file beside a part: the requested upload, and its safe bytes. */
import * as v from "valibot";
import type { UploadRecord } from "../../contract/catalog.ts";
import type { SafePrefix } from "../../contract/parts.ts";

/** Prefixes kept: enough to cut a damaged part back without losing much of it. */
const MAX_PREFIXES = 128;

const checkpointSchema = v.object({
  temp_id: v.string(),
  owner: v.string(),
  account: v.string(),
  path: v.string(),
  shown_path: v.string(),
  file_size: v.nullable(v.number()),
  file_hash: v.nullable(v.string()),
  mtime: v.nullable(v.number()),
  mode: v.optional(v.number()),
  if_exists: v.picklist(["version", "overwrite", "keep", "skip", "fail"]),
  appends_to: v.nullable(v.string()),
  created: v.number(),
  updated: v.number(),
  /** Number of the writer that it is of. */
  writer: v.optional(v.number(), 1),
  /** Oldest first. */
  safe: v.array(v.object({ offset: v.number(), hash: v.string() })),
});

/** Writes a checkpoint as the text kept beside the part. */
export function formatCheckpoint(record: UploadRecord, safe: readonly SafePrefix[]): string {
  return JSON.stringify(
    {
      temp_id: record.id,
      owner: record.owner,
      account: record.account,
      path: record.path,
      shown_path: record.shownPath,
      file_size: record.sizeBytes,
      file_hash: record.hash,
      mtime: record.mtimeMs,
      ...(record.mode !== undefined && { mode: record.mode }),
      if_exists: record.ifExists,
      appends_to: record.appendsTo,
      created: record.createdMs,
      updated: record.updatedMs,
      writer: record.writer,
      offset: safe.at(-1)?.offset ?? 0,
      safe: [...safe],
    } satisfies v.InferOutput<typeof checkpointSchema> & { offset: number },
    null,
    1,
  );
}

/** Reads a checkpoint; undefined where the text is none (cut short, or damaged). */
export function parseCheckpoint(
  text: string,
): { record: UploadRecord; safe: SafePrefix[] } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const result = v.safeParse(checkpointSchema, value);
  if (!result.success) return undefined;
  const it = result.output;
  const { offset: offsetBytes, hash: offsetHash } = it.safe.at(-1) ?? { offset: 0, hash: null };
  return {
    safe: it.safe,
    record: {
      id: it.temp_id,
      owner: it.owner,
      account: it.account,
      path: it.path,
      shownPath: it.shown_path,
      sizeBytes: it.file_size,
      hash: it.file_hash,
      mtimeMs: it.mtime,
      ...(it.mode !== undefined && { mode: it.mode }),
      ifExists: it.if_exists,
      appendsTo: it.appends_to,
      createdMs: it.created,
      updatedMs: it.updated,
      offsetBytes,
      offsetHash,
      reservedBytes: offsetBytes,
      writer: it.writer,
      holder: null,
    },
  };
}

/**
 * Prefixes of a part that may be safe, shortest first: those of the checkpoint beside it, and the
 * last one that its current writer noted. The checkpoint may be one of an earlier writer, or older
 * than the note. Each counts only if the part still hashes to it.
 */
export function safePrefixes(record: UploadRecord, text: string | undefined): SafePrefix[] {
  const safe = (text === undefined ? undefined : parseCheckpoint(text))?.safe ?? [];
  const { offsetBytes: offset, offsetHash: hash } = record;
  if (hash === null) return safe;
  const others = safe.filter((prefix) => prefix.offset !== offset);
  return [...others, { offset, hash }].sort((a, b) => a.offset - b.offset);
}

/** Returns the safe prefix of an unfinished upload; undefined: no byte is safe. */
export function lastSafe(record: UploadRecord, text: string | undefined): SafePrefix | undefined {
  const { offsetBytes: offset, offsetHash: hash } = record;
  return hash === null ? safePrefixes(record, text).at(-1) : { offset, hash };
}

/** Adds a prefix, thinning out the older ones so that the list stays short for any size. */
export function addPrefix(safe: SafePrefix[], prefix: SafePrefix): void {
  if (safe.at(-1)?.offset === prefix.offset) safe.pop();
  safe.push(prefix);
  if (safe.length <= MAX_PREFIXES) return;
  const kept = safe.filter((_, index) => index % 2 === 1 || index === safe.length - 1);
  safe.splice(0, safe.length, ...kept);
}
