import { createHash } from "node:crypto";
import { yieldTurn } from "../../storage/common/slices.ts";
import { StoreError } from "../../storage/contract/error.ts";
import type {
  ContentStore,
  ObjectInfo,
  ObjectPage,
  ObjectRange,
  PutOptions,
} from "../../storage/cluster/content/content_store.ts";

/** Bytes of one piece of a stream. */
const PIECE_BYTES = 64 * 1024;

/** Objects in memory, for tests. Every call yields to the event loop, as one over a network does. */
export class MemoryContentStore implements ContentStore {
  readonly #objects = new Map<string, { bytes: Uint8Array; changedMs: number }>();

  async put(
    key: string,
    parts: readonly Uint8Array[],
    { ifAbsent = false, sha256 }: PutOptions = {},
  ): Promise<void> {
    await yieldTurn();
    if (sha256 !== undefined && sha256 !== hashOf(parts)) {
      throw new StoreError("io", "The content is not what its hash describes");
    }
    const size = parts.reduce((sum, { length }) => sum + length, 0);
    const there = this.#objects.get(key);
    if (ifAbsent && there !== undefined) {
      if (there.bytes.length === size) return;
      throw new StoreError("io", "An object of the same key exists already");
    }
    const bytes = new Uint8Array(size);
    let offset = 0;
    for (const part of parts) {
      bytes.set(part, offset);
      offset += part.length;
    }
    this.#objects.set(key, { bytes, changedMs: Date.now() });
    await yieldTurn();
  }

  async get(
    key: string,
    { from = 0, length = Infinity }: ObjectRange = {},
  ): Promise<ReadableStream<Uint8Array> | undefined> {
    await yieldTurn();
    const bytes = this.#objects.get(key)?.bytes.subarray(from, from + length);
    if (bytes === undefined) return undefined;
    let offset = 0;
    return new ReadableStream({
      pull(controller) {
        if (offset >= bytes.length) return controller.close();
        controller.enqueue(bytes.slice(offset, offset + PIECE_BYTES));
        offset += PIECE_BYTES;
      },
    }, { highWaterMark: 0 });
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    await yieldTurn();
    const found = this.#objects.get(key);
    return found && { key, size: found.bytes.length, changedMs: found.changedMs };
  }

  async delete(keys: readonly string[]): Promise<void> {
    await yieldTurn();
    for (const key of keys) this.#objects.delete(key);
  }

  async list(
    prefix: string,
    { after = "", limit = 1000 }: { after?: string | undefined; limit?: number } = {},
  ): Promise<ObjectPage> {
    await yieldTurn();
    const keys = this.keys().filter((key) => key.startsWith(prefix) && key > after);
    const objects = keys.slice(0, limit).map((key) => {
      const { bytes, changedMs } = this.#objects.get(key)!;
      return { key, size: bytes.length, changedMs };
    });
    return { objects, next: keys.length > limit ? objects.at(-1)!.key : undefined };
  }

  /** All keys, in order. */
  keys(): string[] {
    return [...this.#objects.keys()].sort();
  }

  /** Changes bytes of an object, as a faulty disk does. */
  damage(key: string, offset: number): void {
    const found = this.#objects.get(key);
    if (found !== undefined) found.bytes[offset]! ^= 0xff;
  }

  async reach(): Promise<void> {
    await yieldTurn();
  }

  async close(): Promise<void> {
    await yieldTurn();
  }
}

function hashOf(parts: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}
