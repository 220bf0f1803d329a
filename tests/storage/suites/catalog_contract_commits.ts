import { assertEquals } from "@std/assert";
import { account, file, type Holds, intent, store, upload, writer } from "./catalog_samples.ts";

export function commitContract(holds: Holds): void {
  holds("a commit makes the file known and its bytes used", async (catalog) => {
    await catalog.addAccount(account("alice", { quotaBytes: 100 }));
    const intents = [intent("/a", 60), intent("/d/ä", 40)];
    assertEquals(await catalog.beginCommits(intents), ["ready", "ready"]);
    assertEquals(await catalog.commitIntents(), intents);
    assertEquals(await catalog.usage("alice"), { usedBytes: 0, reservedBytes: 100 });
    assertEquals(await catalog.file("alice", "/a"), undefined);
    await catalog.finishCommits(intents);
    assertEquals(await catalog.commitIntents(), []);
    assertEquals(await catalog.file("alice", "/a"), file(60));
    assertEquals(await catalog.file("alice", "/d/ä"), file(40));
    assertEquals(await catalog.usage("alice"), { usedBytes: 100, reservedBytes: 0 });
    assertEquals(await catalog.finishedUploads(), []);
  });

  holds("beginCommits() refuses a name that another intent has", async (catalog) => {
    await catalog.addAccount(account("alice"));
    await catalog.addAccount(account("bob"));
    const [first, second, other, bobs] = [
      intent("/a", 1, { uploadId: "1" }),
      intent("/a", 2, { uploadId: "2" }),
      intent("/A", 3, { uploadId: "3" }),
      intent("/a", 4, { uploadId: "4", owner: "bob" }),
    ] as const;
    assertEquals(
      await catalog.beginCommits([first, second, other, bobs]),
      ["ready", "taken", "ready", "ready"],
    );
    assertEquals(await catalog.beginCommits([second]), ["taken"]);
    assertEquals(await catalog.usage("alice"), { usedBytes: 0, reservedBytes: 4 });
    await catalog.finishCommits([first]);
    assertEquals(await catalog.beginCommits([second]), ["ready"]);
  });

  holds("beginCommits() says taken, not over quota, where both are true", async (catalog) => {
    await catalog.addAccount(account("alice", { quotaBytes: 10 }));
    await catalog.beginCommits([intent("/a", 10)]);
    const answers = await catalog.beginCommits([
      intent("/a", 5, { uploadId: "2" }),
      intent("/b", 5, { uploadId: "2" }),
    ]);
    assertEquals(answers, ["taken", "over-quota"]);
  });

  holds("beginCommits() of the same upload and name once more holds it once", async (catalog) => {
    await catalog.addAccount(account("alice"));
    await catalog.beginCommits([intent("/a", 5)]);
    assertEquals(await catalog.beginCommits([intent("/a", 7)]), ["ready"]);
    assertEquals(await catalog.usage("alice"), { usedBytes: 0, reservedBytes: 7 });
    assertEquals(await catalog.commitIntents("alice", "/a"), [intent("/a", 7)]);
    await catalog.finishCommits([intent("/a", 7)]);
    assertEquals(await catalog.usage("alice"), { usedBytes: 7, reservedBytes: 0 });
  });

  holds("beginCommits() stops within a batch where the quota ends", async (catalog) => {
    await catalog.addAccount(account("alice", { quotaBytes: 10 }));
    const intents = [intent("/a", 6), intent("/b", 5), intent("/c", 4), intent("/d", 0)];
    assertEquals(
      await catalog.beginCommits(intents),
      ["ready", "over-quota", "ready", "ready"],
    );
    assertEquals((await catalog.commitIntents()).map(({ path }) => path), ["/a", "/c", "/d"]);
    assertEquals(await catalog.usage("alice"), { usedBytes: 0, reservedBytes: 10 });
  });

  holds("beginCommits() gives an unknown account no room", async (catalog) => {
    assertEquals(await catalog.beginCommits([intent("/a", 0)]), ["over-quota"]);
    assertEquals(await catalog.commitIntents(), []);
  });

  holds("fifty uploads of one name get it one after the other", async (catalog) => {
    await catalog.addAccount(account("alice"));
    const answers = await Promise.all(
      Array.from(
        { length: 50 },
        (_, i) => catalog.beginCommits([intent("/a", 1, { uploadId: `${i}` })]),
      ),
    );
    assertEquals(answers.flat().filter((answer) => answer === "ready").length, 1);
  });

  holds("an upload's own reservation counts for its commit", async (catalog) => {
    await catalog.addAccount(account("alice", { quotaBytes: 100 }));
    await catalog.addUpload(upload("a1", { reservedBytes: 100 }));
    const commit = intent("/a", 100, { uploadId: "a1", reservedBytes: 100 });
    assertEquals(await catalog.beginCommits([commit]), ["ready"]);
    assertEquals(await catalog.usage("alice"), { usedBytes: 0, reservedBytes: 100 });
    await catalog.finishCommits([commit]);
    assertEquals(await catalog.usage("alice"), { usedBytes: 100, reservedBytes: 0 });
    assertEquals(await catalog.upload("a1"), undefined);
    assertEquals(await catalog.uploads(), []);
    assertEquals(await catalog.finishedUploads(), [
      { id: "a1", owner: "alice", writer: 1, holder: "worker" },
    ]);
    assertEquals(await catalog.reserve(writer("a1"), 0), false);
    await catalog.removeUpload(writer("a1"));
    assertEquals(await catalog.finishedUploads(), []);
    assertEquals(await catalog.usage("alice"), { usedBytes: 100, reservedBytes: 0 });
  });

  holds("a commit of more than was reserved needs the rest of the quota", async (catalog) => {
    await catalog.addAccount(account("alice", { quotaBytes: 100 }));
    await catalog.addUpload(upload("a1", { reservedBytes: 60 }));
    await catalog.addUpload(upload("a2", { reservedBytes: 30 }));
    const commit = (size: number) => intent("/a", size, { uploadId: "a1", reservedBytes: 60 });
    assertEquals(await catalog.beginCommits([commit(71)]), ["over-quota"]);
    assertEquals(await catalog.beginCommits([commit(70)]), ["ready"]);
    assertEquals(await catalog.usage("alice"), { usedBytes: 0, reservedBytes: 100 });
    await catalog.finishCommits([commit(70)]);
    assertEquals(await catalog.usage("alice"), { usedBytes: 70, reservedBytes: 30 });
  });

  holds("a commit of less than was reserved frees the rest", async (catalog) => {
    await catalog.addAccount(account("alice"));
    await catalog.addUpload(upload("a1", { reservedBytes: 60 }));
    await store(catalog, intent("/a", 5, { uploadId: "a1", reservedBytes: 60 }));
    assertEquals(await catalog.usage("alice"), { usedBytes: 5, reservedBytes: 0 });
  });

  holds("a reservation that is not there does not count", async (catalog) => {
    await catalog.addAccount(account("alice", { quotaBytes: 10 }));
    const claims = intent("/a", 11, { uploadId: "none", reservedBytes: 11 });
    assertEquals(await catalog.beginCommits([claims]), ["over-quota"]);
  });

  holds("a reservation is the owner's whose upload it is", async (catalog) => {
    await catalog.addAccount(account("alice"));
    await catalog.addAccount(account("bob"));
    await catalog.addUpload(upload("a1", { reservedBytes: 60 }));
    await store(catalog, intent("/a", 5, { owner: "bob", uploadId: "a1", reservedBytes: 60 }));
    assertEquals(await catalog.usage("alice"), { usedBytes: 0, reservedBytes: 0 });
    assertEquals(await catalog.usage("bob"), { usedBytes: 5, reservedBytes: 0 });
  });

  holds("an upload that is removed between begin and finish is counted right", async (catalog) => {
    await catalog.addAccount(account("alice"));
    await catalog.addUpload(upload("a1", { reservedBytes: 60 }));
    const commit = intent("/a", 60, { uploadId: "a1", reservedBytes: 60 });
    await catalog.beginCommits([commit]);
    await catalog.removeUpload(writer("a1"));
    await catalog.finishCommits([commit]);
    assertEquals(await catalog.usage("alice"), { usedBytes: 60, reservedBytes: 0 });
  });

  holds("replacing counts the size of the replaced file as free", async (catalog) => {
    await catalog.addAccount(account("alice", { quotaBytes: 100 }));
    await store(catalog, intent("/a", 60), intent("/b", 40));
    const replace = (path: string, size: number) =>
      intent(path, size, { replace: true, uploadId: `new ${path}` });
    assertEquals(await catalog.beginCommits([replace("/a", 61)]), ["over-quota"]);
    assertEquals(
      await catalog.beginCommits([replace("/a", 60), replace("/b", 40)]),
      ["ready", "ready"],
    );
    // Until the old files are gone, nothing of theirs is given away.
    assertEquals(await catalog.addUpload(upload("a1", { reservedBytes: 1 })), false);
    await catalog.finishCommits([replace("/a", 60), replace("/b", 40)]);
    assertEquals(await catalog.usage("alice"), { usedBytes: 100, reservedBytes: 0 });
    await store(catalog, replace("/a", 1));
    assertEquals(await catalog.usage("alice"), { usedBytes: 41, reservedBytes: 0 });
    assertEquals(await catalog.file("alice", "/a"), file(1));
  });

  holds("a name whose record is stale is recorded again and counted once", async (catalog) => {
    await catalog.addAccount(account("alice"));
    await catalog.noteFile("alice", "/a", file(9));
    await store(catalog, intent("/a", 5));
    assertEquals(await catalog.file("alice", "/a"), file(5));
    assertEquals(await catalog.usage("alice"), { usedBytes: 5, reservedBytes: 0 });
  });

  holds("cancelCommits() takes back what beginCommits() did", async (catalog) => {
    await catalog.addAccount(account("alice", { quotaBytes: 100 }));
    await catalog.addUpload(upload("a1", { reservedBytes: 60 }));
    const intents = [
      intent("/a", 70, { uploadId: "a1", reservedBytes: 60 }),
      intent("/b", 20),
    ];
    await catalog.beginCommits(intents);
    await catalog.cancelCommits(intents);
    assertEquals(await catalog.commitIntents(), []);
    assertEquals(await catalog.usage("alice"), { usedBytes: 0, reservedBytes: 60 });
    assertEquals((await catalog.upload("a1"))!.reservedBytes, 60);
    await catalog.cancelCommits(intents);
    assertEquals(await catalog.usage("alice"), { usedBytes: 0, reservedBytes: 60 });
  });

  holds("finishing and cancelling leave another's intent alone", async (catalog) => {
    await catalog.addAccount(account("alice"));
    const standing = intent("/a", 5, { uploadId: "1" });
    const others = intent("/a", 9, { uploadId: "2" });
    await catalog.beginCommits([standing]);
    await catalog.cancelCommits([others]);
    await catalog.finishCommits([others]);
    assertEquals(await catalog.commitIntents(), [standing]);
    assertEquals(await catalog.file("alice", "/a"), undefined);
    assertEquals(await catalog.usage("alice"), { usedBytes: 0, reservedBytes: 5 });
  });

  holds("finishCommits() counts once, however often it is repeated", async (catalog) => {
    await catalog.addAccount(account("alice"));
    await store(catalog, intent("/a", 5));
    await catalog.noteFile("alice", "/a", file(6));
    await catalog.finishCommits([intent("/a", 5)]);
    assertEquals(await catalog.file("alice", "/a"), file(6));
    assertEquals(await catalog.usage("alice"), { usedBytes: 6, reservedBytes: 0 });
  });

  holds("commitIntents() returns those of one owner and name, or all", async (catalog, reopen) => {
    await catalog.addAccount(account("alice"));
    await catalog.addAccount(account("bob"));
    const intents = [
      intent("/a", 1, { replace: true, file: file(1, { damaged: true, mtimeMs: -5 }) }),
      intent("/b", 2),
      intent("/a", 3, { owner: "bob", uploadId: "3" }),
    ];
    await catalog.beginCommits(intents);
    const again = await reopen();
    assertEquals(await again.commitIntents(), intents);
    assertEquals(await again.commitIntents("alice"), intents.slice(0, 2));
    assertEquals(await again.commitIntents("alice", "/a"), intents.slice(0, 1));
    assertEquals(await again.commitIntents("alice", "/c"), []);
    await again.finishCommits(await again.commitIntents());
    assertEquals(await again.usage("alice"), { usedBytes: 3, reservedBytes: 0 });
    assertEquals(await again.usage("bob"), { usedBytes: 3, reservedBytes: 0 });
  });
}
