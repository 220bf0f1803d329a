import { assertEquals, assertStrictEquals } from "@std/assert";
import { encode, fails, type Holds, makePart, seen } from "./store_samples.ts";

export function partContract(holds: Holds): void {
  holds("a part takes bytes at any offset", async (store) => {
    const part = await store.createPart("alice", "p1");
    assertEquals(await part.size(), 0);
    await part.write(encode("world"), 6);
    await part.write(encode("hello "), 0);
    await part.write(encode("!"), 11);
    await part.write(new Uint8Array(0), 3);
    assertEquals(await part.size(), 12);
    const into = new Uint8Array(20);
    assertEquals(await part.read(into, 0), 12);
    assertEquals(new TextDecoder().decode(into.subarray(0, 12)), "hello world!");
    assertEquals(await part.read(into, 12), 0);
    part.close();
  });

  holds("truncate() cuts and a later write goes on from there", async (store) => {
    const part = await store.createPart("alice", "p1");
    await part.write(encode("hello world"), 0);
    await part.truncate(5);
    assertEquals(await part.size(), 5);
    await part.write(encode("!"), 7);
    const into = new Uint8Array(8);
    assertEquals(await part.read(into, 0), 8);
    assertEquals(new TextDecoder().decode(into), "hello\0\0!");
    await part.truncate(0);
    assertEquals(await part.size(), 0);
    part.close();
  });

  holds("a part that is opened again has the written bytes", async (store) => {
    await makePart(store, "p1", "hello");
    const part = await store.openPart("alice", "p1");
    assertEquals(await part.size(), 5);
    await part.write(encode("J"), 0);
    const into = new Uint8Array(5);
    await part.read(into, 0);
    assertEquals(new TextDecoder().decode(into), "Jello");
    part.close();
  });

  holds("openPart() of a missing part, and createPart() of an existing one", async (store) => {
    await fails("transfer-not-found", () => store.openPart("alice", "none"));
    await fails("transfer-not-found", () => store.openPart("missing", "none"));
    await makePart(store, "p1", "hello");
    await fails("transfer-not-found", () => store.openPart("bob", "p1"));
    await fails("exists", () => store.createPart("alice", "p1"));
    await fails("not-found", () => store.createPart("missing", "p1"));
    const part = await store.openPart("alice", "p1");
    assertEquals(await part.size(), 5);
    part.close();
  });

  holds("parts are not in the tree", async (store) => {
    await makePart(store, "p1", "hello");
    await store.saveCheckpoint("alice", "p1", "{}", { durable: true });
    assertEquals(await seen(store), []);
  });

  holds("listParts() returns each part and checkpoint once", async (store) => {
    assertEquals(await store.listParts("alice"), []);
    assertEquals(await store.listParts("missing"), []);
    await makePart(store, "p1", "hello");
    await makePart(store, "p2", "hello");
    await makePart(store, "b1", "hello", "bob");
    await store.saveCheckpoint("alice", "p1", "{}", { durable: false });
    await store.saveCheckpoint("alice", "p3", "{}", { durable: false });
    assertEquals((await store.listParts("alice")).sort(), ["p1", "p2", "p3"]);
  });

  for (const durable of [true, false]) {
    holds(`a checkpoint is replaced as a whole (durable: ${durable})`, async (store) => {
      assertEquals(await store.loadCheckpoint("alice", "p1"), undefined);
      await store.saveCheckpoint("alice", "p1", "ä".repeat(9000), { durable });
      assertStrictEquals(await store.loadCheckpoint("alice", "p1"), "ä".repeat(9000));
      await store.saveCheckpoint("alice", "p1", "short", { durable });
      assertEquals(await store.loadCheckpoint("alice", "p1"), "short");
      assertEquals(await store.loadCheckpoint("bob", "p1"), undefined);
      assertEquals(await store.loadCheckpoint("missing", "p1"), undefined);
      await fails("not-found", () => store.saveCheckpoint("missing", "p1", "x", { durable }));
    });
  }

  holds("removePart() removes part and checkpoint, and is silent about others", async (store) => {
    await makePart(store, "p1", "hello");
    await store.saveCheckpoint("alice", "p1", "{}", { durable: true });
    await makePart(store, "p2", "hello");
    for (const id of ["p1", "p1", "none"]) await store.removePart("alice", id);
    await store.removePart("missing", "p2");
    await fails("transfer-not-found", () => store.openPart("alice", "p1"));
    assertEquals(await store.loadCheckpoint("alice", "p1"), undefined);
    assertEquals(await store.listParts("alice"), ["p2"]);
    await makePart(store, "p1", "anew");
  });

  holds("setPartAside() takes a part out of the listing", async (store) => {
    await makePart(store, "p1", "hello");
    await store.saveCheckpoint("alice", "p1", "{}", { durable: true });
    await store.setPartAside("alice", "p1");
    await store.setPartAside("alice", "p1");
    await fails("transfer-not-found", () => store.openPart("alice", "p1"));
    assertEquals(await store.loadCheckpoint("alice", "p1"), undefined);
    assertEquals(await store.listParts("alice"), []);
    assertEquals(await seen(store), []);
  });
}
