import { readSlices } from "../common/slices.ts";
import type { Engine } from "../contract/engine.ts";
import { isStoreError, StoreError } from "../contract/error.ts";
import type { VirtualPath } from "../contract/path.ts";
import { RunningHash } from "../contract/running_hash.ts";
import type { Listed, OpenFile } from "../contract/tree.ts";

/** The source does not have the content that it recorded: the target does not get the file. */
export class SourceFault extends Error {
  /** @param isLost whether content is damaged or cannot be read; false: no path reaches the file */
  constructor(message: string, readonly isLost: boolean, cause?: unknown) {
    super(message, { cause });
  }
}

/** A file that is to be copied. */
export interface FileToCopy {
  readonly from: Engine;
  readonly to: Engine;
  readonly owner: string;
  readonly path: VirtualPath;
  readonly listed: Listed;
}

/**
 * Copies a file with its record, under the same path. Its SHA-256 is computed on the way, and compared
 * with the recorded one before the target has the name.
 *
 * @returns its bytes
 * @throws {SourceFault}; {StoreError} of the target, or of a source that does not answer
 */
export async function copyFile(file: FileToCopy): Promise<number> {
  const { from, owner, path } = file;
  const opened = await ofSource(() => from.tree.open(owner, path));
  try {
    return await copyOpened(file, opened);
  } finally {
    opened.content.close();
  }
}

async function copyOpened(
  { to, owner, path, listed }: FileToCopy,
  { content, record }: OpenFile,
): Promise<number> {
  const { size, mtimeMs, hash, storedMs, tag } = record;
  const { mode, entry: { spelling } } = listed;
  const part = await to.parts.begin({
    ...{ owner, account: owner, path, shownPath: path, sizeBytes: size, hash, mtimeMs },
    ...(mode !== undefined && { mode }),
    ...(spelling !== undefined && { spelling }),
    ...{ ifExists: "overwrite", appendsTo: null, reservedBytes: 0 },
    ...{ createdMs: storedMs, updatedMs: storedMs },
  });
  try {
    const running = RunningHash.begin();
    const source = {
      readAsync: (into: Uint8Array, offset: number) =>
        ofSource(() => content.readAsync(into, offset)),
    };
    const length = await readSlices(source, content.size, async (slice) => {
      running.update(slice);
      await (await part.append(slice))?.written;
    });
    const sums = running.sums();
    if (length !== size || sums.hash !== hash) {
      throw new SourceFault("its content does not have the recorded checksum", true);
    }
    await to.tree.publish({ part, size, ...sums, key: tag, occupied: false, storedMs });
    return size;
  } catch (error) {
    await part.discard().catch(() => {}); // the first error is reported
    throw error;
  }
}

/** Reads of the source: failures of one file end nothing else. */
export async function ofSource<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!isStoreError(error, "io", "checksum", "bad-name", "denied", "not-found")) throw error;
    const isLost = !isStoreError(error, "bad-name", "denied");
    throw new SourceFault((error as StoreError).message, isLost, error);
  }
}
