import { assertEquals } from "@std/assert";
import { account, file, type Holds, intent, moveOf, store, upload } from "./catalog_samples.ts";

export function accountContract(holds: Holds): void {
  holds(
    "removeAccount() leaves nothing that a later account of that name finds",
    async (catalog) => {
      await catalog.addAccount(account("alice"));
      await store(catalog, intent("/kept", 5));
      await catalog.addUpload(upload("a1", { reservedBytes: 7 }));
      await catalog.beginCommits([intent("/soon", 3)]);
      await catalog.beginMove(moveOf("/kept", "/moved"));
      assertEquals(await catalog.removeAccount("alice"), true);
      assertEquals(await catalog.removeAccount("alice"), false);

      await catalog.addAccount(account("alice"));
      assertEquals(await catalog.usage("alice"), { usedBytes: 0, reservedBytes: 0 });
      assertEquals(await catalog.file("alice", "/kept"), undefined);
      assertEquals(await catalog.uploads(), []);
      assertEquals(await catalog.commitIntents(), []);
      assertEquals(await catalog.moveIntents(), []);
    },
  );

  holds("removeAccount() spares accounts of similar names", async (catalog) => {
    for (const name of ["al", "alice"]) {
      await catalog.addAccount(account(name));
      await store(catalog, intent("/kept", 5, { owner: name }));
    }
    await catalog.removeAccount("al");
    assertEquals(await catalog.file("alice", "/kept"), file(5));
    assertEquals(await catalog.usage("alice"), { usedBytes: 5, reservedBytes: 0 });
  });

  holds("removeAccount() frees what its uploads reserved of others", async (catalog) => {
    await catalog.addAccount(account("alice"));
    await catalog.addAccount(account("guest"));
    await catalog.addUpload(upload("a1", { account: "guest", reservedBytes: 7 }));
    await catalog.addUpload(upload("a2", { account: "guest", reservedBytes: 2 }));
    await catalog.addUpload(upload("a3", { reservedBytes: 1 }));
    await catalog.removeAccount("guest");
    assertEquals(await catalog.usage("alice"), { usedBytes: 0, reservedBytes: 1 });
    assertEquals((await catalog.uploads()).map(({ id }) => id), ["a3"]);
  });

  holds("what arrives late for a removed account leaves no trace", async (catalog) => {
    await catalog.addAccount(account("alice"));
    const late = intent("/late", 9);
    await catalog.beginCommits([late]);
    await catalog.removeAccount("alice");
    await catalog.finishCommits([late]);
    await catalog.noteFile("alice", "/late", file(9));
    await catalog.addAccount(account("alice"));
    assertEquals(await catalog.file("alice", "/late"), undefined);
    assertEquals(await catalog.usage("alice"), { usedBytes: 0, reservedBytes: 0 });
  });

  holds("everything is there when it is opened again", async (catalog, reopen) => {
    await catalog.addAccount(account("alice"));
    await store(catalog, intent("/kept", 5));
    await catalog.addUpload(upload("a1", { reservedBytes: 7 }));
    await catalog.beginCommits([intent("/soon", 3)]);
    await catalog.beginMove(moveOf("/kept", "/moved"));
    const again = await reopen();
    assertEquals(await again.accounts(), [account("alice")]);
    assertEquals(await again.file("alice", "/kept"), file(5));
    assertEquals(await again.upload("a1"), upload("a1", { reservedBytes: 7 }));
    assertEquals(await again.commitIntents(), [intent("/soon", 3)]);
    assertEquals(await again.moveIntents(), [moveOf("/kept", "/moved")]);
    assertEquals(await again.usage("alice"), { usedBytes: 5, reservedBytes: 10 });
  });

  holds("recount() changes nothing that was counted right", async (catalog) => {
    await catalog.addAccount(account("alice"));
    await catalog.addAccount(account("bob"));
    await store(catalog, intent("/a", 5), intent("/b", 6));
    await catalog.addUpload(upload("a1", { reservedBytes: 7 }));
    await catalog.beginCommits([intent("/soon", 30)]);
    await catalog.recount();
    assertEquals(await catalog.usage("alice"), { usedBytes: 11, reservedBytes: 37 });
    assertEquals(await catalog.usage("bob"), { usedBytes: 0, reservedBytes: 0 });
  });
}
