// Memory of uploads to an object store: chunks are used again once they are stored, and only then.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { UploadBudget } from "../../storage/cluster/parts/budget.ts";
import { SealedContent } from "../../storage/cluster/parts/sealed.ts";

const CHUNK = 256 * 1024;

/** A store whose requests the test ends. */
class HeldStore {
  readonly puts: {
    readonly parts: readonly Uint8Array[];
    readonly sha256: string | undefined;
    readonly done: () => void;
    readonly fail: (error: Error) => void;
  }[] = [];

  put(
    _key: string,
    parts: readonly Uint8Array[],
    { sha256 }: { sha256?: string | undefined },
  ): Promise<void> {
    const { promise, resolve: done, reject: fail } = Promise.withResolvers<void>();
    this.puts.push({ parts, sha256, done, fail });
    return promise;
  }
}

function begin(limit = 8 * CHUNK) {
  const store = new HeldStore();
  const budget = new UploadBudget(limit);
  const content = (name: string) =>
    new SealedContent({ store: store as never, budget }, `content/${name}`);
  return { store, budget, content };
}

/** Memory that parts are in. */
const memoryOf = (parts: readonly Uint8Array[]) => new Set(parts.map(({ buffer }) => buffer));

Deno.test("chunks of stored objects take the next bytes; those of a failed request do not", async () => {
  const { store, content } = begin();
  const [first, second, third] = [content("a"), content("b"), content("c")];
  const bytes = new Uint8Array(2 * CHUNK).fill(1);
  await first.append(bytes);
  first.flush();
  const before = memoryOf(store.puts[0]!.parts);
  assertEquals(before.size, 2);

  await second.append(bytes);
  second.flush();
  const meanwhile = memoryOf(store.puts[1]!.parts);
  assert(meanwhile.isDisjointFrom(before), "bytes that are being sent were overwritten");

  store.puts[0]!.done();
  store.puts[1]!.fail(new Error("the store failed"));
  await first.settled();
  await assertRejects(() => second.settled(), Error, "the store failed");
  await third.append(bytes);
  await third.append(bytes);
  third.flush();
  const behind = memoryOf(store.puts[2]!.parts);
  assert(before.isSubsetOf(behind), "the memory of stored bytes is not used again");
  assert(behind.isDisjointFrom(meanwhile), "a request that was given up may still read its bytes");
  store.puts[2]!.done();
  await third.settled();
});

Deno.test("uploads at rest hold little memory, and a cut upload keeps its bytes", async () => {
  const { store, budget, content } = begin(64 * CHUNK);
  const upload = content("a");
  for (let index = 0; index < 40; index++) {
    await upload.append(new Uint8Array(CHUNK).fill(index));
  }
  await upload.cut(39 * CHUNK + 7);
  upload.flush();
  const { parts, done } = store.puts[0]!;
  const sizes = parts.map(({ length }) => length);
  assertEquals(sizes.reduce((sum, size) => sum + size), 39 * CHUNK + 7);
  assertEquals(new Set(parts.slice(0, 39).map(([byte]) => byte)).size, 39);
  assertEquals(parts.at(-1)!.at(-1), 39);
  done();
  await upload.settled();
  assertEquals(budget.used, 0);
  const held = parts.filter(({ buffer }) => buffer.byteLength === CHUNK);
  assert(held.length <= 16, `${held.length} chunks are kept while nothing is uploaded`);
});

Deno.test("the hash of an upload's first bytes is not computed again for the object that has just these", async () => {
  const { store, content } = begin(64 * CHUNK);
  const upload = content("a");
  await upload.append(new Uint8Array(10));
  const sealed = [upload.seal(10, "hash of ten")];
  await upload.append(new Uint8Array(10));
  sealed.push(upload.seal(20, "hash of twenty"));
  const other = content("b");
  await other.append(new Uint8Array(20));
  sealed.push(other.seal(10, "hash of the half"));
  assertEquals(store.puts.map(({ sha256 }) => sha256), ["hash of ten", undefined, undefined]);
  for (const { done } of store.puts) done();
  await Promise.all(sealed);
});
