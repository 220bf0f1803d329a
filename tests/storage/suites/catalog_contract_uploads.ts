import { assertEquals, assertRejects } from "@std/assert";
import { assertErrorLike } from "../../support/errors.ts";
import { account, type Holds, intent, moveOf, store, upload, writer } from "./catalog_samples.ts";

export function uploadContract(holds: Holds): void {
  holds("upload() returns what addUpload() was given", async (catalog) => {
    await catalog.addAccount(account("alice"));
    const full = upload("a1", {
      account: "guest",
      path: "/d/ä 😀.txt",
      shownPath: "/shared/alice/d/ä 😀.txt",
      sizeBytes: 2 ** 53 - 1,
      hash: "cd".repeat(32),
      mtimeMs: 12,
      ifExists: "overwrite",
      appendsTo: "ef".repeat(32),
      createdMs: 3,
      updatedMs: 4,
      offsetBytes: 5,
      reservedBytes: 6,
    });
    assertEquals(await catalog.addUpload(full), true);
    assertEquals(await catalog.upload("a1"), full);
    assertEquals(await catalog.upload("a2"), undefined);
    assertEquals(await catalog.usage("alice"), { usedBytes: 0, reservedBytes: 6 });
  });

  holds("addUpload() refuses an id that is there", async (catalog) => {
    await catalog.addAccount(account("alice"));
    await catalog.addUpload(upload("a1", { reservedBytes: 6 }));
    assertErrorLike(
      await assertRejects(() => catalog.addUpload(upload("a1", { reservedBytes: 9 }))),
      { kind: "exists" },
    );
    assertEquals(await catalog.usage("alice"), { usedBytes: 0, reservedBytes: 6 });
  });

  holds("addUpload() refuses what the quota does not allow, to the byte", async (catalog) => {
    await catalog.addAccount(account("alice", { quotaBytes: 100 }));
    await store(catalog, intent("/a", 40));
    await catalog.addUpload(upload("a1", { reservedBytes: 30 }));
    assertEquals(await catalog.addUpload(upload("a2", { reservedBytes: 31 })), false);
    assertEquals(await catalog.upload("a2"), undefined);
    assertEquals(await catalog.usage("alice"), { usedBytes: 40, reservedBytes: 30 });
    assertEquals(await catalog.addUpload(upload("a3", { reservedBytes: 30 })), true);
    assertEquals(await catalog.addUpload(upload("a4", { reservedBytes: 1 })), false);
  });

  holds("an upload that reserves nothing is added even over the quota", async (catalog) => {
    await catalog.addAccount(account("alice", { quotaBytes: 10 }));
    await store(catalog, intent("/a", 10));
    await catalog.updateAccount("alice", { quotaBytes: 5 });
    assertEquals(await catalog.addUpload(upload("a1")), true);
    assertEquals(await catalog.addUpload(upload("a2", { reservedBytes: 1 })), false);
  });

  holds("many uploads at once never get more than the quota", async (catalog) => {
    await catalog.addAccount(account("alice", { quotaBytes: 100 }));
    const answers = await Promise.all(
      Array.from(
        { length: 50 },
        (_, i) => catalog.addUpload(upload(`a${i}`, { reservedBytes: 9 })),
      ),
    );
    assertEquals(answers.filter((added) => added).length, 11);
    assertEquals(await catalog.usage("alice"), { usedBytes: 0, reservedBytes: 99 });
  });

  holds("without a quota, sums stay below 2^53", async (catalog) => {
    await catalog.addAccount(account("alice"));
    const big = { reservedBytes: 2 ** 53 - 1 };
    assertEquals(await catalog.addUpload(upload("a1", big)), true);
    assertEquals(await catalog.addUpload(upload("a2", big)), false);
    assertEquals(await catalog.addUpload(upload("a3", { reservedBytes: 1 })), false);
    assertEquals(await catalog.usage("alice"), { usedBytes: 0, ...big });
  });

  holds("an unknown account has no room", async (catalog) => {
    assertEquals(await catalog.addUpload(upload("a1", { reservedBytes: 1 })), false);
    assertEquals(await catalog.addUpload(upload("a2")), false);
    assertEquals(await catalog.uploads(), []);
  });

  holds("uploads() lists an account's, or all, latest updated first", async (catalog) => {
    await catalog.addAccount(account("alice"));
    await catalog.addAccount(account("bob"));
    await catalog.addUpload(upload("a1", { updatedMs: 5 }));
    await catalog.addUpload(upload("a2", { updatedMs: 9 }));
    await catalog.addUpload(upload("b1", { owner: "bob", account: "bob", updatedMs: 7 }));
    await catalog.addUpload(upload("g1", { owner: "alice", account: "bob", updatedMs: 8 }));
    const ids = async (of?: string) => (await catalog.uploads(of)).map(({ id }) => id);
    assertEquals(await ids(), ["a2", "g1", "b1", "a1"]);
    assertEquals(await ids("alice"), ["a2", "a1"]);
    assertEquals(await ids("bob"), ["g1", "b1"]);
    assertEquals(await ids("missing"), []);
    await catalog.noteProgress(writer("a1"), { offset: 77, hash: null }, 10);
    assertEquals(await ids(), ["a1", "a2", "g1", "b1"]);
    assertEquals((await catalog.upload("a1"))!.offsetBytes, 77);
  });

  holds("reserve() raises within the quota and lowers always", async (catalog) => {
    await catalog.addAccount(account("alice", { quotaBytes: 100 }));
    await catalog.addUpload(upload("a1", { reservedBytes: 10 }));
    await catalog.addUpload(upload("a2", { reservedBytes: 20 }));
    assertEquals(await catalog.reserve(writer("a1"), 80), true);
    assertEquals(await catalog.reserve(writer("a1"), 81), false);
    assertEquals(await catalog.usage("alice"), { usedBytes: 0, reservedBytes: 100 });
    assertEquals((await catalog.upload("a1"))!.reservedBytes, 80);
    await catalog.updateAccount("alice", { quotaBytes: 50 });
    assertEquals(await catalog.reserve(writer("a1"), 70), true);
    assertEquals(await catalog.reserve(writer("a1"), 71), false);
    assertEquals(await catalog.usage("alice"), { usedBytes: 0, reservedBytes: 90 });
  });

  holds("calls about an unknown upload change nothing", async (catalog) => {
    await catalog.addAccount(account("alice"));
    assertEquals(await catalog.reserve(writer("none"), 1), false);
    await catalog.noteProgress(writer("none"), { offset: 1, hash: null }, 1);
    await catalog.removeUpload(writer("none"));
    assertEquals(await catalog.uploads(), []);
    assertEquals(await catalog.usage("alice"), { usedBytes: 0, reservedBytes: 0 });
  });

  holds("removeUpload() frees the reserved bytes, once", async (catalog) => {
    await catalog.addAccount(account("alice"));
    await catalog.addUpload(upload("a1", { reservedBytes: 10 }));
    await catalog.addUpload(upload("a2", { reservedBytes: 20 }));
    await catalog.removeUpload(writer("a1"));
    await catalog.removeUpload(writer("a1"));
    assertEquals(await catalog.upload("a1"), undefined);
    assertEquals(await catalog.usage("alice"), { usedBytes: 0, reservedBytes: 20 });
  });

  holds(
    "an overwriting upload reserves the bytes it needs beyond its file, once for all",
    async (catalog) => {
      await catalog.addAccount(account("alice", { quotaBytes: 100 }));
      await store(catalog, intent("/a", 70));
      const over = { path: "/a", ifExists: "overwrite" } as const;
      assertEquals(await catalog.addUpload(upload("a1", { ...over, reservedBytes: 60 })), true);
      assertEquals((await catalog.upload("a1"))!.reservedBytes, 0);
      assertEquals(await catalog.addUpload(upload("a2", { ...over, reservedBytes: 41 })), false);
      assertEquals(await catalog.addUpload(upload("a2", { ...over, reservedBytes: 40 })), true);
      assertEquals(await catalog.usage("alice"), { usedBytes: 70, reservedBytes: 30 });
      assertEquals(await catalog.reserve(writer("a1"), 71), false);
      await catalog.removeUpload(writer("a2"));
      assertEquals(await catalog.reserve(writer("a1"), 100), true);
      assertEquals(await catalog.reserve(writer("a1"), 101), false);
      assertEquals(await catalog.usage("alice"), { usedBytes: 70, reservedBytes: 30 });
      // A version of it counts whole.
      const version = upload("a3", { ...over, ifExists: "version", reservedBytes: 1 });
      assertEquals(await catalog.addUpload(version), false);
      // The file is elsewhere by the time the upload is to take its place.
      await catalog.beginMove(moveOf("/a", "/b"));
      await catalog.endMove(moveOf("/a", "/b"), true);
      const late = intent("/a", 100, { uploadId: "a1", replace: true, reservedBytes: 100 });
      assertEquals(await catalog.beginCommits([late]), ["over-quota"]);
      await catalog.forget("alice", "/b");
      assertEquals(await catalog.beginCommits([late]), ["ready"]);
      await catalog.finishCommits([late]);
      assertEquals(await catalog.usage("alice"), { usedBytes: 100, reservedBytes: 0 });
    },
  );

  holds(
    "shrinkReservations() leaves abandoned uploads the bytes that are safe",
    async (catalog) => {
      await catalog.addAccount(account("alice"));
      await catalog.addUpload(upload("a1", { reservedBytes: 50, offsetBytes: 20, updatedMs: 9 }));
      await catalog.addUpload(upload("a2", { reservedBytes: 50, offsetBytes: 20, updatedMs: 10 }));
      await catalog.addUpload(upload("a3", { reservedBytes: 5, offsetBytes: 20, updatedMs: 1 }));
      await catalog.shrinkReservations(10);
      assertEquals(await catalog.usage("alice"), { usedBytes: 0, reservedBytes: 75 });
      assertEquals((await catalog.upload("a1"))!.reservedBytes, 20);
      await catalog.addUpload(upload("a4", { reservedBytes: 50, offsetBytes: 20, updatedMs: 9 }));
      assertEquals(await catalog.shrinkReservations(11, 1), true);
      assertEquals(await catalog.usage("alice"), { usedBytes: 0, reservedBytes: 95 });
      assertEquals(await catalog.shrinkReservations(11, 2), false);
      assertEquals(await catalog.usage("alice"), { usedBytes: 0, reservedBytes: 65 });
    },
  );

  holds("uploads() and guestUploads() come in pages, each upload once", async (catalog) => {
    await catalog.addAccount(account("alice"));
    for (let i = 0; i < 9; i++) {
      const by = i % 2 === 0 ? "alice" : "bob";
      await catalog.addUpload(upload(`a${i}`, { account: by, updatedMs: i >> 2 }));
    }
    for (
      const read of [
        catalog.uploads.bind(catalog, undefined),
        catalog.uploads.bind(catalog, "alice"),
        catalog.guestUploads.bind(catalog, undefined),
        catalog.guestUploads.bind(catalog, "alice"),
      ]
    ) {
      const all = await read();
      const paged = [];
      for (let after; paged.length < 20; after = paged.at(-1)) {
        const page = await read({ after, count: 2 });
        paged.push(...page);
        if (page.length < 2) break;
      }
      assertEquals(paged, all);
    }
    assertEquals(await catalog.uploadTotals(), { uploads: 9, offsetBytes: 0 });
  });

  holds("uploads are found by their path, and by the directory that is seen", async (catalog) => {
    await catalog.addAccount(account("alice"));
    const places = ["/a/x", "/a/x", "/a/y", "/a/b/x", "/x", "/aa/x"];
    for (const [i, path] of places.entries()) {
      await catalog.addUpload(upload(`u${i}`, { path, shownPath: path, updatedMs: i }));
    }
    await catalog.addUpload(upload("g", { account: "bob", path: "/a/x", shownPath: "/s/a/x" }));
    const ids = (records: { id: string }[]) => records.map(({ id }) => id);
    assertEquals(ids(await catalog.uploadsTo("alice", "/a/x")).sort(), ["g", "u0", "u1"]);
    const page = { after: "", count: 2 };
    assertEquals(ids(await catalog.uploadsIn("alice", "/a", page)), ["u0", "u1"]);
    assertEquals(ids(await catalog.uploadsIn("alice", "/a", { after: "u1", count: 2 })), [
      "u2",
    ]);
    assertEquals(ids(await catalog.uploadsIn("alice", "/", page)), ["u4"]);
    assertEquals(ids(await catalog.uploadsIn("bob", "/s/a", page)), ["g"]);
  });

  holds(
    "guestUploads() lists those of an owner's guests, latest updated first",
    async (catalog) => {
      await catalog.addAccount(account("alice"));
      await catalog.addAccount(account("bob"));
      await catalog.addUpload(upload("a1", { updatedMs: 5 }));
      await catalog.addUpload(upload("g1", { account: "bob", updatedMs: 8 }));
      await catalog.addUpload(upload("b1", { owner: "bob", account: "alice", updatedMs: 9 }));
      const ids = async (owner?: string) => (await catalog.guestUploads(owner)).map(({ id }) => id);
      assertEquals(await ids("alice"), ["g1"]);
      assertEquals(await ids("bob"), ["b1"]);
      assertEquals(await ids(), ["b1", "g1"]);
    },
  );
}
