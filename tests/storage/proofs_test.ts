/** Content that was hashed by this process is recognised by its CRC-32 (storage/common/proofs.ts). */
import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { isStoreError, type StoreError } from "../../storage/contract/error.ts";
import { MemoryCatalog } from "../support/simulated/memory_catalog.ts";
import { MemoryStore } from "../support/simulated/memory_store.ts";
import { NOTED_BYTES, Proofs } from "../../storage/common/proofs.ts";
import { RunningHash } from "../../storage/contract/running_hash.ts";
import type { Content } from "../../storage/contract/entry.ts";
import { Vault, type View } from "../support/vault.ts";
import { addAccount } from "../support/in_process.ts";

Deno.test("a running hash knows SHA-256 and CRC-32 of what passed, and so does its copy", () => {
  const [first, second] = [new Uint8Array(1000).fill(1), new Uint8Array(77).fill(2)];
  const running = RunningHash.begin();
  running.update(first);
  const copy = running.copy();
  running.update(second);
  const whole = Uint8Array.of(...first, ...second);
  for (const [hash, bytes] of [[running, whole], [copy, first]] as const) {
    assertStrictEquals(hash.digest(), createHash("sha256").update(bytes).digest("hex"));
    assertStrictEquals(hash.digest(), hash.digest(), "asked twice");
    assertStrictEquals(hash.crc, crc32(bytes));
  }
});

Deno.test("large content is noted by its SHA-256, the oldest of much is forgotten", () => {
  const proofs = new Proofs();
  assertEquals(proofs.crcOf("a"), undefined);
  proofs.note("a", 0, NOTED_BYTES);
  proofs.note("small", 1, NOTED_BYTES - 1);
  proofs.note("without", undefined, NOTED_BYTES);
  assertEquals(proofs.crcOf("a"), 0);
  assertEquals(proofs.crcOf("small"), undefined);
  assertEquals(proofs.crcOf("without"), undefined);
  for (let i = 0; i < 10_000; i++) proofs.note(`${i}`, i, NOTED_BYTES);
  assertEquals(proofs.crcOf("a"), undefined);
  assertEquals(proofs.crcOf("0"), undefined);
  assertEquals(proofs.crcOf("9999"), 9999);
});

/** A store whose files can be made to read otherwise than they were written. */
class Altering extends MemoryStore {
  /** Which byte is altered, and in how many of the next reads of it. */
  altered = { at: 0, times: 0 };

  override async open(account: string, path: string): Promise<Content> {
    const content = await super.open(account, path);
    const read = content.read.bind(content);
    return Object.assign(content, {
      read: async (into: Uint8Array, offsetBytes: number) => {
        const count = await read(into, offsetBytes);
        const at = this.altered.at - offsetBytes;
        if (at >= 0 && at < count && this.altered.times-- > 0) into[at]! ^= 1;
        return count;
      },
      readAsync: (into: Uint8Array, offsetBytes: number) => content.read(into, offsetBytes),
    });
  }
}

const content = new Uint8Array(NOTED_BYTES + 5);
const right = createHash("sha256").update(content).digest("hex");

function enter(vault: Vault): View {
  const session = { sessionId: "1", address: "127.0.0.1", door: "native" } as const;
  return vault.enter({ account: "alice", generation: 1, ...session });
}

/** Reads all of the file. @returns why it failed, if it did */
async function failure(view: View): Promise<StoreError | undefined> {
  const download = await view.transfers.download("/f");
  try {
    const piece = new Uint8Array(100_000);
    for (let at = 0; at < content.length; at += piece.length) await download.read(piece, at);
    await download.finish();
  } catch (error) {
    assert(isStoreError(error, "checksum"));
    return error;
  } finally {
    download.close();
  }
}

async function store(view: View): Promise<void> {
  const opening = await view.transfers.upload({
    path: "/f",
    sizeBytes: content.length,
    ifExists: "overwrite",
  });
  assert("upload" in opening);
  await opening.upload.write(content.subarray(0, 1000));
  await opening.upload.write(content.subarray(1000));
  await opening.upload.finish();
}

for (const before of ["uploaded", "hashed by a download of the same process"]) {
  Deno.test(`a file that was ${before} is known by its CRC-32, every byte of it`, async () => {
    const altering = new Altering();
    const catalog = new MemoryCatalog();
    let vault = await Vault.open({ store: altering, catalog });
    await addAccount(vault, "alice");
    for (const at of [0, NOTED_BYTES / 2, content.length - 1]) {
      await store(enter(vault));
      if (before !== "uploaded") vault = await Vault.open({ store: altering, catalog });
      assertEquals(await failure(enter(vault)), undefined);
      assertEquals(await failure(enter(vault)), undefined);
      altering.altered = { at, times: Infinity };
      const damaged = content.slice();
      damaged[at]! ^= 1;
      const actual = createHash("sha256").update(damaged).digest("hex");
      assertEquals((await failure(enter(vault)))?.details, { expected: right, actual });
      assertMatch(
        String(await assertRejects(() => enter(vault).transfers.download("/f"))),
        /damaged/,
        "known from then on",
      );
      altering.altered.times = 0;
    }
  });
}

Deno.test("content that came in one piece behind a mark is right", async () => {
  const vault = await Vault.open({ store: new Altering(), catalog: new MemoryCatalog() });
  await addAccount(vault, "alice");
  const view = enter(vault);
  const opening = await view.transfers.upload({ path: "/f", sizeBytes: content.length });
  assert("upload" in opening);
  opening.upload.part.mark(); // as for the checksum of a piece of tus
  await opening.upload.write(content);
  await opening.upload.finish();
  assertEquals(await failure(view), undefined);
  assertEquals(await failure(view), undefined);
});

Deno.test("content read wrongly once is reported, and the file not called damaged", async () => {
  const altering = new Altering();
  const vault = await Vault.open({ store: altering, catalog: new MemoryCatalog() });
  await addAccount(vault, "alice");
  const view = enter(vault);
  await store(view);
  altering.altered = { at: 77, times: 1 };
  assertMatch((await failure(view))!.message, /try again/);
  assertEquals(await failure(view), undefined);
});
