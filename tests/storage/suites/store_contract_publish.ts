import { assertEquals } from "@std/assert";
import { contentOf, encode, fails, type Holds, makePart, putFile, seen } from "./store_samples.ts";

const NEW = { replace: false };
const REPLACE = { replace: true };

export function publishContract(holds: Holds): void {
  for (const replace of [false, true]) {
    holds(
      `publish() gives a free name, and the part stays (replace: ${replace})`,
      async (store) => {
        await store.makeDirectory("alice", "/d");
        await makePart(store, "p1", "hello");
        await store.publish("alice", "p1", "/d/ä", { replace });
        await store.syncDirectory("alice", "/d");
        assertEquals(await seen(store), ["/d", "/d/ä 5 hello"]);
        assertEquals(await store.listParts("alice"), ["p1"]);
        assertEquals(await store.isPublished("alice", "p1"), true);
        await store.removePart("alice", "p1");
        assertEquals(await contentOf(store, "/d/ä"), "hello");
        assertEquals(await store.isPublished("alice", "p1"), false);
      },
    );
  }

  holds("publish() keeps the time that was set on the part", async (store) => {
    const part = await store.createPart("alice", "p1");
    await part.write(encode("hello"), 0);
    part.setModified(1_234_567_890_123);
    await part.sync();
    part.close();
    await store.publish("alice", "p1", "/a", NEW);
    await store.removePart("alice", "p1");
    assertEquals((await store.stat("alice", "/a"))!.mtimeMs, 1_234_567_890_123);
  });

  holds("publish() refuses a taken name and changes nothing", async (store) => {
    await store.makeDirectory("alice", "/d");
    await putFile(store, "/a", "old");
    await makePart(store, "p1", "new");
    await fails("exists", () => store.publish("alice", "p1", "/a", NEW));
    for (const options of [NEW, REPLACE]) {
      await fails("exists", () => store.publish("alice", "p1", "/d", options));
      await fails("exists", () => store.publish("alice", "p1", "/", options));
      await fails("not-found", () => store.publish("alice", "p1", "/none/a", options));
      await fails("not-directory", () => store.publish("alice", "p1", "/a/x", options));
    }
    assertEquals(await seen(store), ["/a 3 old", "/d"]);
    assertEquals(await store.isPublished("alice", "p1"), false);
    await store.publish("alice", "p1", "/b", NEW);
  });

  holds("of many that publish one name, one gets it", async (store) => {
    const outcomes: string[] = [];
    for (let i = 0; i < 20; i++) await makePart(store, `p${i}`, `content ${i}`);
    await Promise.all(Array.from({ length: 20 }, async (_, i) => {
      try {
        await store.publish("alice", `p${i}`, "/a", NEW);
        outcomes.push(`content ${i}`);
      } catch (error) {
        outcomes.push((error as { kind: string }).kind);
      }
    }));
    const won = outcomes.filter((outcome) => outcome !== "exists");
    assertEquals(won, [await contentOf(store, "/a")]);
  });

  holds("publish() with replace exchanges the content", async (store) => {
    await putFile(store, "/a", "old");
    await makePart(store, "p1", "new one");
    await store.publish("alice", "p1", "/a", REPLACE);
    assertEquals(await seen(store), ["/a 7 new one"]);
    assertEquals(await store.listParts("alice"), ["p1"]);
    await store.removePart("alice", "p1");
    assertEquals(await seen(store), ["/a 7 new one"]);
    assertEquals(await store.listParts("alice"), []);
  });

  holds("unpublish() takes a new name away", async (store) => {
    await makePart(store, "p1", "new");
    await store.publish("alice", "p1", "/a", NEW);
    await store.unpublish("alice", "p1", "/a");
    assertEquals(await seen(store), []);
    assertEquals(await store.isPublished("alice", "p1"), false);
    await store.publish("alice", "p1", "/a", NEW);
    assertEquals(await seen(store), ["/a 3 new"]);
  });

  holds("unpublish() brings replaced content back", async (store) => {
    await putFile(store, "/a", "old");
    await store.setModified("alice", "/a", 12_345_678);
    await makePart(store, "p1", "new one");
    await store.publish("alice", "p1", "/a", REPLACE);
    await store.unpublish("alice", "p1", "/a");
    assertEquals(await seen(store), ["/a 3 old"]);
    assertEquals((await store.stat("alice", "/a"))!.mtimeMs, 12_345_678);
    assertEquals(await store.isPublished("alice", "p1"), false);
    await store.unpublish("alice", "p1", "/a");
    assertEquals(await seen(store), ["/a 3 old"]);
    const part = await store.openPart("alice", "p1");
    assertEquals(await part.size(), 7);
    part.close();
  });

  holds("unpublish() leaves alone what it did not publish", async (store) => {
    await putFile(store, "/a", "another's");
    await store.makeDirectory("alice", "/d");
    await makePart(store, "p1", "new");
    for (const path of ["/a", "/d", "/none", "/none/none", "/a/x"]) {
      await store.unpublish("alice", "p1", path);
      await store.unpublish("alice", "unknown", path);
    }
    assertEquals(await seen(store), ["/a 9 another's", "/d"]);
    assertEquals(await store.listParts("alice"), ["p1"]);
  });

  holds("unpublish() leaves what took the name since", async (store) => {
    await putFile(store, "/a", "first");
    await makePart(store, "p1", "second");
    await store.publish("alice", "p1", "/a", REPLACE);
    await putFile(store, "/a", "third");
    await store.unpublish("alice", "p1", "/a");
    assertEquals(await seen(store), ["/a 5 third"]);
  });

  holds("stage() has no visible effect and blocks no call", async (store) => {
    await putFile(store, "/a", "old");
    await store.makeDirectory("alice", "/d");
    await makePart(store, "p1", "new one");
    for (const path of ["/a", "/a", "/d", "/none"]) {
      await store.stage("alice", "p1", path);
      await store.syncParts("alice");
      assertEquals(await seen(store), ["/a 3 old", "/d"]);
      assertEquals(await store.isPublished("alice", "p1"), false);
    }
    await store.publish("alice", "p1", "/a", REPLACE);
    assertEquals(await seen(store), ["/a 7 new one", "/d"]);
    await store.unpublish("alice", "p1", "/a");
    assertEquals(await seen(store), ["/a 3 old", "/d"]);
    await store.stage("alice", "p1", "/a");
    await store.removePart("alice", "p1");
    assertEquals(await store.listParts("alice"), []);
  });

  holds("keep() names what stage() kept, and unkeep() takes that name back", async (store) => {
    await putFile(store, "/a", "old");
    await putFile(store, "/taken", "another's");
    await makePart(store, "p1", "new one");
    await fails("not-found", () => store.keep("alice", "p1", "/a_v2"));
    await store.stage("alice", "p1", "/a");
    await store.syncParts("alice");
    await fails("exists", () => store.keep("alice", "p1", "/taken"));
    await store.keep("alice", "p1", "/a_v2");
    await store.publish("alice", "p1", "/a", REPLACE);
    assertEquals(await seen(store), ["/a 7 new one", "/a_v2 3 old", "/taken 9 another's"]);
    await store.unkeep("alice", "p1", "/taken");
    await store.unkeep("alice", "p1", "/none/a");
    await store.unkeep("alice", "p1", "/a_v2");
    await store.unkeep("alice", "p1", "/a_v2");
    await store.unpublish("alice", "p1", "/a");
    assertEquals(await seen(store), ["/a 3 old", "/taken 9 another's"]);
  });

  holds("what keep() named stays when the part is removed", async (store) => {
    await putFile(store, "/a", "old");
    await makePart(store, "p1", "new one");
    await store.stage("alice", "p1", "/a");
    await store.keep("alice", "p1", "/a_v2");
    await store.publish("alice", "p1", "/a", REPLACE);
    await store.removePart("alice", "p1");
    await store.unkeep("alice", "p1", "/a_v2");
    assertEquals(await seen(store), ["/a 7 new one", "/a_v2 3 old"]);
  });

  holds("a published file can be replaced again", async (store) => {
    for (const [index, text] of ["one", "two", "three"].entries()) {
      await makePart(store, `p${index}`, text);
      await store.publish("alice", `p${index}`, "/a", REPLACE);
    }
    assertEquals(await seen(store), ["/a 5 three"]);
    assertEquals(await store.isPublished("alice", "p2"), true);
    for (const id of ["p0", "p1", "p2"]) await store.removePart("alice", id);
    assertEquals(await seen(store), ["/a 5 three"]);
  });

  holds("isPublished() follows a rename and ends with removal", async (store) => {
    await store.makeDirectory("alice", "/d");
    await makePart(store, "p1", "new");
    await store.publish("alice", "p1", "/a", NEW);
    await store.rename("alice", "/a", "/d/b", NEW);
    assertEquals(await store.isPublished("alice", "p1"), true);
    await store.remove("alice", "/d/b");
    assertEquals(await store.isPublished("alice", "p1"), false);
    assertEquals(await store.isPublished("alice", "none"), false);
  });
}
