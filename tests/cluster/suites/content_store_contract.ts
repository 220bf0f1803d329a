/** Contract of content stores (storage/cluster/content/content_store.ts). */
import { concat } from "@std/bytes";
import { assertEquals, assertRejects } from "@std/assert";
import type { ContentStore } from "../../../storage/cluster/content/content_store.ts";
import { StoreError } from "../../../storage/contract/error.ts";

/** Registers one sentence of the contract with the test that shows it. */
export type HoldsStore = (sentence: string, test: (store: ContentStore) => Promise<void>) => void;

/** Bytes that differ with a seed. */
export function sample(size: number, seed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  let state = seed;
  for (let index = 0; index < size; index++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[index] = state >>> 16;
  }
  return bytes;
}

/** All bytes of a stream. */
export async function bytesOf(
  stream: ReadableStream<Uint8Array> | undefined,
): Promise<Uint8Array | undefined> {
  return stream && concat(await Array.fromAsync(stream));
}

/** Registers the contract's tests; each gets a store without objects under its own prefix. */
export function contentStoreContract(holds: HoldsStore): void {
  holds("an object of several parts is read whole, and by ranges", async (store) => {
    const bytes = sample(300_000);
    await store.put("a/1", [bytes.subarray(0, 7), bytes.subarray(7, 7), bytes.subarray(7)]);
    assertEquals(await bytesOf(await store.get("a/1")), bytes);
    for (const [from, length] of [[0, 1], [299_999, 1], [100_000, 150_000], [0, 300_000]]) {
      const part = await bytesOf(await store.get("a/1", { from: from!, length }));
      assertEquals(part, bytes.slice(from, from! + length!));
    }
    assertEquals(await bytesOf(await store.get("a/1", { from: 299_990 })), bytes.slice(299_990));
  });

  holds("a range that ends behind the object ends with it", async (store) => {
    await store.put("a", [sample(10)]);
    const read = await bytesOf(await store.get("a", { from: 4, length: 100 }));
    assertEquals(read, sample(10).slice(4));
    assertEquals(await bytesOf(await store.get("a", { from: 10 })), new Uint8Array());
  });

  holds("an empty object is stored and read", async (store) => {
    await store.put("empty", []);
    assertEquals((await store.head("empty"))?.size, 0);
    assertEquals(await bytesOf(await store.get("empty")), new Uint8Array());
  });

  holds("objects that do not exist are undefined, and can be deleted", async (store) => {
    assertEquals(await store.get("none"), undefined);
    assertEquals(await store.head("none"), undefined);
    await store.delete(["none"]);
    await store.delete([]);
  });

  holds("put with ifAbsent repeats itself, and never replaces an object", async (store) => {
    const bytes = sample(1000);
    await store.put("a", [bytes], { ifAbsent: true });
    await store.put("a", [bytes], { ifAbsent: true });
    const other = store.put("a", [sample(1001)], { ifAbsent: true });
    assertEquals((await assertRejects(() => other, StoreError)).kind, "io");
    assertEquals(await bytesOf(await store.get("a")), bytes);
    await store.put("a", [sample(10)]);
    assertEquals((await store.head("a"))?.size, 10);
  });

  holds("lists have the keys of a prefix in order, page by page", async (store) => {
    const keys = ["l/a-1", "l/a.2", "l/a/3", "l/b", "l/c_d"];
    for (const key of [...keys, "m"]) await store.put(key, [sample(3)]);
    const first = await store.list("l/", { limit: 2 });
    assertEquals(first.objects.map(({ key, size }) => [key, size]), [["l/a-1", 3], ["l/a.2", 3]]);
    const second = await store.list("l/", { limit: 2, after: first.next });
    const third = await store.list("l/", { limit: 2, after: second.next });
    const rest = [...second.objects, ...third.objects].map(({ key }) => key);
    assertEquals([rest, third.next], [["l/a/3", "l/b", "l/c_d"], undefined]);
    assertEquals(await store.list("none/"), { objects: [], next: undefined });
  });

  holds("several objects are deleted at once", async (store) => {
    for (const key of ["d/1", "d/2", "d/3"]) await store.put(key, [sample(1)]);
    await store.delete(["d/1", "d/3", "d/4"]);
    assertEquals((await store.list("d/")).objects.map(({ key }) => key), ["d/2"]);
  });

  holds("a reading that its reader cancels ends", async (store) => {
    await store.put("a", [sample(2_000_000)]);
    const stream = await store.get("a");
    for await (const piece of stream!) {
      if (piece.length > 0) break;
    }
    assertEquals((await bytesOf(await store.get("a")))?.length, 2_000_000);
  });
}
