/**
 * Content that the stores in memory keep and lose in a power cut: tests of recovery depend on it.
 */
import { assertEquals } from "@std/assert";
import { MemoryCatalog } from "../support/simulated/memory_catalog.ts";
import { MemoryStore } from "../support/simulated/memory_store.ts";
import { account, file, intent, upload, writer } from "./suites/catalog_samples.ts";
import { encode, fails, makePart, putFile, seen } from "./suites/store_samples.ts";

async function memoryStore(): Promise<MemoryStore> {
  const store = new MemoryStore();
  await store.addAccount("alice");
  return store;
}

Deno.test("crash() keeps durable checkpoints and the synced bytes of their parts", async () => {
  const store = await memoryStore();
  const part = await store.createPart("alice", "p1");
  await part.write(encode("synced"), 0);
  await part.sync();
  await store.saveCheckpoint("alice", "p1", "6 bytes", { durable: true });
  await part.write(encode("CHANGED and more"), 0);
  await store.saveCheckpoint("alice", "p1", "16 bytes", { durable: false });
  store.crash();
  assertEquals(await store.loadCheckpoint("alice", "p1"), "6 bytes");
  const again = await store.openPart("alice", "p1");
  const into = new Uint8Array(20);
  assertEquals(await again.read(into, 0), 6);
  assertEquals(new TextDecoder().decode(into.subarray(0, 6)), "synced");
});

Deno.test("crash() loses parts whose names were not synced", async () => {
  const store = await memoryStore();
  await makePart(store, "p1", "content is synced, its name is not");
  store.crash();
  assertEquals(await store.listParts("alice"), []);
  await makePart(store, "p2", "both are");
  await store.syncParts("alice");
  store.crash();
  assertEquals(await store.listParts("alice"), ["p2"]);
});

Deno.test("crash() leaves a file empty whose name was synced and whose content was not", async () => {
  const store = await memoryStore();
  const part = await store.createPart("alice", "p1");
  await part.write(encode("lost"), 0);
  await store.publish("alice", "p1", "/a", { replace: false });
  await store.syncDirectory("alice", "/");
  store.crash();
  assertEquals(await seen(store), ["/a 0 "]);
});

Deno.test("crash() takes back publish, removePart and setModified that were not synced", async () => {
  const store = await memoryStore();
  await putFile(store, "/a", "old");
  await makePart(store, "p1", "new");
  await store.syncParts("alice");
  await store.publish("alice", "p1", "/a", { replace: true });
  await store.removePart("alice", "p1");
  store.crash();
  assertEquals(await seen(store), ["/a 3 old"]);
  assertEquals(await store.listParts("alice"), ["p1"]);
  assertEquals(await store.isPublished("alice", "p1"), false);
});

Deno.test("crash() keeps changes that are durable by contract: directories, removals, renames", async () => {
  const store = await memoryStore();
  await putFile(store, "/a", "1");
  await putFile(store, "/b", "2");
  await store.makeDirectory("alice", "/d");
  await store.rename("alice", "/a", "/d/a", { replace: false });
  await store.remove("alice", "/b");
  for (const name of ["e", "f"]) await putFile(store, `/d/${name}`, "3");
  await store.syncDirectory("alice", "/d");
  await store.removeAll("alice", "/d", ["e", "f"]);
  store.crash();
  assertEquals(await seen(store), ["/d", "/d/a 1 1"]);
  await fails("not-found", () => store.open("alice", "/b"));
});

Deno.test("crash() of the catalog goes back to the last durable call", async () => {
  const catalog = new MemoryCatalog();
  await catalog.addAccount(account("alice"));
  await catalog.addUpload(upload("a1", { reservedBytes: 5 }));
  await catalog.beginCommits([intent("/a", 1)]);
  const durable = [await catalog.uploads(), await catalog.commitIntents()];
  await catalog.noteLogin("alice", 9);
  await catalog.noteFile("alice", "/b", file(3));
  await catalog.noteProgress(writer("a1"), { offset: 3, hash: null }, 3);
  await catalog.addUpload(upload("a2"));
  await catalog.cancelCommits([intent("/a", 1)]);
  catalog.crash();
  assertEquals([await catalog.uploads(), await catalog.commitIntents()], durable);
  assertEquals(await catalog.account("alice"), account("alice"));
  assertEquals(await catalog.file("alice", "/b"), undefined);
  assertEquals(await catalog.usage("alice"), { usedBytes: 0, reservedBytes: 6 });
});
