import { BoundedMap } from "../../../common/bounded_map.ts";
import type { ContentStore, ObjectRange } from "./content_store.ts";

/** Prefix of the keys of objects that many small files share. */
export const PACK_PREFIX = "packs/";

/** Bytes of a pack that are read at once. */
const WINDOW_BYTES = 1024 * 1024;
/** Bytes of windows that are kept. */
const MAX_BYTES = 32 * 1024 * 1024;
/** How long one is kept, ms. */
const MAX_AGE_MS = 10_000;
/** Packs of which it is known that they were read just now. */
const MAX_RECENT = 1000;

/**
 * Reads of objects in which packs are read in windows: files that were stored together are often read
 * together. The first read of a pack reads its range alone.
 */
export class PackCache implements Pick<ContentStore, "get"> {
  readonly #windows = new BoundedMap<string, Promise<Uint8Array | undefined>>({
    max: MAX_BYTES,
    weigh: () => WINDOW_BYTES,
    maxAgeMs: MAX_AGE_MS,
  });
  readonly #recent = new BoundedMap<string, true>({ max: MAX_RECENT, maxAgeMs: MAX_AGE_MS });

  constructor(private readonly store: Pick<ContentStore, "get">) {}

  async get(
    key: string,
    range: ObjectRange = {},
  ): Promise<ReadableStream<Uint8Array> | undefined> {
    const { from = 0, length } = range;
    if (!key.startsWith(PACK_PREFIX) || length === undefined) return this.store.get(key, range);
    const index = Math.floor(from / WINDOW_BYTES);
    const isOneWindow = from + length <= (index + 1) * WINDOW_BYTES;
    const isFirst = this.#recent.get(key) === undefined;
    this.#recent.set(key, true);
    if (isFirst || !isOneWindow) return this.store.get(key, range);
    const window = await this.#window(key, index);
    if (window === undefined) return undefined;
    const start = from - index * WINDOW_BYTES;
    return streamOf(window.subarray(start, start + length));
  }

  #window(key: string, index: number): Promise<Uint8Array | undefined> {
    const name = `${index} ${key}`;
    const known = this.#windows.get(name);
    if (known !== undefined) return known;
    const window = this.#read(key, index);
    this.#windows.set(name, window);
    window.catch(() => this.#windows.delete(name)); // the next read tries again
    return window;
  }

  async #read(key: string, index: number): Promise<Uint8Array | undefined> {
    const from = index * WINDOW_BYTES;
    const stream = await this.store.get(key, { from, length: WINDOW_BYTES });
    return stream && await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).bytes();
  }
}

function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      if (bytes.length > 0) controller.enqueue(bytes);
      controller.close();
    },
  });
}
