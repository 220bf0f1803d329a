/** Contract of engines' unfinished uploads: engine_test.ts runs it against each. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { assertErrorLike } from "../../support/errors.ts";
import {
  append,
  bytesOf,
  type HoldsEngine,
  newUpload,
  prefix,
  publish,
  resume,
  sha256,
  spot,
  store,
} from "./engine_samples.ts";
import { ALL, assertPaged } from "../../support/pages.ts";

export function partsContract(holds: HoldsEngine): void {
  holds(
    "an upload leaves no record before keep(), and nothing once it is released",
    async (engine) => {
      const { parts } = engine;
      const part = await parts.begin(newUpload("/f"));
      await append(part, "text");
      assertEquals(part.recorded, false);
      assertEquals(await parts.list({ by: "all" }, { count: 9 }), []);
      await part.release(4);
      assertEquals(await parts.list({ by: "all" }, { count: 9 }), []);
    },
  );

  holds("a size announced later counts for every later writer", async (engine, another) => {
    const part = await engine.parts.begin(newUpload("/f", { sizeBytes: null, hash: null }));
    assert(await part.keep());
    assert(await part.announce({ hash: sha256(bytesOf("text")) }));
    assert(await part.announce({ sizeBytes: 4 }));
    assertEquals([part.record.sizeBytes, part.record.hash], [4, sha256(bytesOf("text"))]);
    await part.release(0);
    const taken = await (await another()).parts.take(part.record.id);
    assertEquals([taken!.record.sizeBytes, taken!.record.hash], [4, sha256(bytesOf("text"))]);
    assertEquals(await part.announce({ sizeBytes: 5 }), false); // it is another's
  });

  holds(
    "the bytes of the checkpoint are there when the upload is taken up, and no more",
    async (engine, another) => {
      const part = await engine.parts.begin(newUpload("/f"));
      const { record } = part;
      assert(await part.keep());
      await append(part, "safe ");
      await part.checkpoint(prefix("safe "));
      await append(part, "lost");
      await part.release(9);
      const { parts } = await another();
      assertEquals(await parts.safe((await parts.get(record.id))!), prefix("safe "));
      const taken = await parts.take(record.id);
      assertEquals(taken?.record.writer, 2);
      const opened = await parts.open(taken!);
      assertEquals([opened.offset, (await opened.hash).digest()], [5, prefix("safe ").hash]);
      await append(opened.content, "bytes");
      await opened.content.checkpoint(prefix("safe bytes"));
      await opened.content.release(10);
      const cut = await parts.open((await parts.take(record.id))!, 2);
      assertEquals([cut.offset, (await cut.hash).digest()], [2, prefix("sa").hash]);
      await cut.content.discard();
      assertEquals(await parts.get(record.id), undefined);
    },
  );

  holds(
    "rewind() goes back to an offset; only a checkpoint before it stays safe",
    async (engine) => {
      const part = await engine.parts.begin(newUpload("/f"));
      await part.keep();
      await append(part, "one");
      await part.checkpoint(prefix("one"));
      await append(part, "two");
      await part.checkpoint(prefix("onetwo"));
      assertEquals(await part.rewind(5), 3);
      await append(part, "!");
      assertEquals((await publish(engine, part, "onetw!")).size, 6);
    },
  );

  holds("of two writers only the one that took the upload last counts", async (engine, another) => {
    const other = await another();
    const part = await engine.parts.begin(newUpload("/f"));
    const { record } = part;
    await part.keep();
    await append(part, "old");
    await part.checkpoint(prefix("old"));
    const opened = await other.parts.open((await other.parts.take(record.id))!);
    await append(part, " and late");
    assertErrorLike(await assertRejects(() => part.checkpoint(prefix("old and late"))), {
      kind: "aborted",
    });
    assertEquals(await engine.parts.reserve(part.record, 500), false);
    assertErrorLike(await assertRejects(() => publish(engine, part, "old and late")), {
      kind: "aborted",
    });
    await part.discard();
    assertEquals((await engine.parts.get(record.id))?.writer, 2, "it is the other's to discard");
    await append(opened.content, " new");
    const committed = await publish(other, opened.content, "old new");
    const content = await engine.tree.know("alice", committed.path);
    assertEquals(content.record.hash, prefix("old new").hash);
  });

  holds("what uploads reserve is held against the quota, and freed with them", async (engine) => {
    const { parts, catalog } = engine;
    const first = await parts.begin(newUpload("/f", { reservedBytes: 900_000 }));
    assert(await first.keep());
    const second = await parts.begin(newUpload("/g", { reservedBytes: 200_000 }));
    assertEquals(await second.keep(), false);
    assertEquals(second.recorded, false);
    assertEquals(await parts.reserve(first.record, 1_000_001), false);
    assert(await parts.reserve(first.record, 800_000));
    assertEquals((await catalog.usage("alice")).reservedBytes, 800_000);
    await first.discard();
    assertEquals((await catalog.usage("alice")).reservedBytes, 0);
    await second.release(0);
  });

  for (const change of ["removed", "renamed", "replaced by a smaller one"] as const) {
    holds(`an upload over a file reserves all its bytes once that is ${change}`, async (engine) => {
      const { tree, parts, catalog } = engine;
      await catalog.updateAccount("alice", { quotaBytes: 10 });
      await store(engine, "/f", "12345678");
      const overwriting = { ifExists: "overwrite", reservedBytes: 8 } as const;
      const part = await parts.begin(newUpload("/f", overwriting));
      assert(await part.keep());
      assertEquals(await catalog.usage("alice"), { usedBytes: 8, reservedBytes: 0 });
      if (change === "removed") await tree.remove(spot("/f"));
      else if (change === "renamed") await tree.rename(spot("/f"), spot("/g"), { replace: false });
      else await store(engine, "/f", "1", { ifExists: "overwrite" });
      assertEquals((await catalog.usage("alice")).reservedBytes, 8);
      // Beyond the quota the file makes no room for the next upload, under its new name.
      if (change !== "renamed") return;
      const next = await parts.begin(newUpload("/g", overwriting));
      assertEquals(await next.keep(), false);
    });
  }

  holds("uploads are found by account, guest, path and directory", async (engine) => {
    const { parts } = engine;
    const add = async (path: string, account: string, updatedMs: number) => {
      const part = await parts.begin(newUpload(path, { account, updatedMs }));
      await part.keep();
      return part.record.id;
    };
    const own = await add("/d/f", "alice", 1);
    const guest = await add("/d/g", "bob", 2);
    const ids = (records: { id: string }[]) => records.map(({ id }) => id);
    assertEquals(ids(await parts.list({ by: "all" }, { count: 9 })), [guest, own]);
    assertEquals(ids(await parts.list({ by: "all" }, { count: 1 })), [guest]);
    assertEquals(ids(await parts.list({ by: "account", account: "alice" }, { count: 9 })), [own]);
    assertEquals(ids(await parts.list({ by: "guests", owner: "alice" }, { count: 9 })), [guest]);
    assertEquals(ids(await parts.list({ by: "guests", owner: "bob" }, { count: 9 })), []);
    assertEquals(ids(await parts.to("alice", "/d/f", ALL)), [own]);
    assertEquals(ids(await parts.in("alice", "/d", { after: "", count: 9 })), [own]);
    assertEquals((await parts.totals()).uploads, 2);
  });

  holds("uploads that are dated in the future are dated now", async (engine) => {
    for (const [path, atMs] of [["/early", 20], ["/late", 2000]] as const) {
      await (await engine.parts.begin(newUpload(path, { createdMs: atMs, updatedMs: atMs })))
        .keep();
    }
    await engine.redate(1000);
    const all = await engine.parts.list({ by: "all" }, { count: 9 });
    const times = all.map((one) => [one.path, one.createdMs, one.updatedMs] as const);
    assertEquals(times, [["/late", 1000, 1000], ["/early", 20, 20]]);
  });

  holds("uploads to a path come in pages, the latest updated first", async (engine) => {
    for (const updatedMs of [5, 7, 7, 9, 8]) {
      await (await engine.parts.begin(newUpload("/f", { updatedMs }))).keep();
    }
    await (await engine.parts.begin(newUpload("/g"))).keep();
    const all = await engine.parts.to("alice", "/f", ALL);
    assertEquals(all.map(({ updatedMs }) => updatedMs), [9, 8, 7, 7, 5]);
    await assertPaged((page) => engine.parts.to("alice", "/f", page), all);
  });

  holds(
    "the safe bytes of a suspended upload are read, also by others",
    async (engine, another) => {
      const part = await engine.parts.begin(newUpload("/f"));
      const read = async ({ parts }: typeof engine) => {
        const content = await parts.read((await parts.get(part.record.id))!);
        if (content === undefined) return undefined;
        const bytes = new Uint8Array(20);
        const count = await content.readAsync(bytes, 2);
        content.close();
        return [content.size, new TextDecoder().decode(bytes.subarray(0, count))];
      };
      await part.keep();
      assertEquals(await read(engine), undefined);
      for (const text of ["safe ", "safe bytes"]) {
        await append(part, text.slice(part.record.offsetBytes));
        await part.checkpoint(prefix(text));
      }
      await append(part, "more");
      await part.release(10);
      for (const one of [engine, await another()]) {
        assertEquals(await read(one), [10, "fe bytes"]);
      }
    },
  );

  holds("an upload of another engine keeps its id", async (engine, another) => {
    const id = "0123456789abcdef".repeat(2);
    const part = await engine.parts.begin(newUpload("/f"), id);
    assertEquals(part.record.id, id);
    await part.keep();
    await append(part, "safe ");
    await part.checkpoint(prefix("safe "));
    await part.release(5);
    const other = await another();
    await resume(other, (await other.parts.take(id))!, "safe ");
  });

  holds("a note on an unfinished upload stays, however old", async ({ parts, catalog }) => {
    const part = await parts.begin(newUpload("/f"));
    const { id, account } = part.record;
    await part.keep();
    const note = { account, text: "text", result: null, atMs: 10 };
    for (const  of of[id, "0".repeat(32)]) await catalog.uploadNotes.put({ ...note, id: of });
    await catalog.uploadNotes.removeOld(20);
    assertEquals(await catalog.uploadNotes.find(id, account), { ...note, id });
    assertEquals(await catalog.uploadNotes.find("0".repeat(32), account), undefined);
  });

  holds("an upload that was dropped or never begun is not taken", async (engine) => {
    const part = await engine.parts.begin(newUpload("/f"));
    const { record } = part;
    await part.keep();
    await part.checkpoint(prefix(""));
    await part.release(0);
    assertEquals(await engine.parts.state((await engine.parts.get(record.id))!), "there");
    await engine.parts.drop((await engine.parts.take(record.id))!);
    assertEquals(await engine.parts.take(record.id), undefined);
    assertEquals(await engine.parts.take("0".repeat(32)), undefined);
  });
}
