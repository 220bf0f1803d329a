/** The beginning of a file, copied under the file's own name. */
import { StoreError } from "../../contract/error.ts";
import { remove } from "./names.ts";
import { isMissing, toStoreError } from "./os_error.ts";

const BUFFER_BYTES = 1024 * 1024;

/**
 * Replaces a file by a copy of its first bytes. Open descriptors keep the old file.
 *
 * @param about name for error messages
 * @throws {StoreError} `transfer-not-found`; `io` where the file is shorter
 */
export async function copyPrefix(
  { place, next, length, durable }: {
    place: string;
    next: string;
    length: number;
    durable: boolean;
  },
  about: string,
): Promise<void> {
  try {
    remove(next, about);
    using source = Deno.openSync(place, { read: true });
    using copy = Deno.openSync(next, { write: true, createNew: true, mode: 0o600 });
    const buffer = new Uint8Array(Math.min(BUFFER_BYTES, length));
    for (let done = 0; done < length;) {
      const count = await source.read(buffer.subarray(0, Math.min(buffer.length, length - done)));
      if (count === null) throw new StoreError("io", "The part of the upload is too short");
      for (let put = 0; put < count;) put += await copy.write(buffer.subarray(put, count));
      done += count;
    }
    if (durable) await copy.sync();
    Deno.renameSync(next, place);
  } catch (error) {
    if (isMissing(error)) {
      throw new StoreError("transfer-not-found", `There is no unfinished upload "${about}"`);
    }
    throw toStoreError(error, about);
  }
}
