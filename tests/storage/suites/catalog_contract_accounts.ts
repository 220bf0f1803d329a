import { assertEquals, assertRejects } from "@std/assert";
import { assertErrorLike } from "../../support/errors.ts";
import { account, file, type Holds, intent, moveOf, store, upload } from "./catalog_samples.ts";

export function accountContract(holds: Holds): void {
  holds("account() returns what addAccount() was given", async (catalog) => {
    const full = account("alice", { quotaBytes: 2 ** 53 - 1, lastLoginMs: 7, generation: 3 });
    assertEquals(await catalog.addAccount(full), true);
    assertEquals(await catalog.account("alice"), full);
    assertEquals(await catalog.account("alic"), undefined);
    assertEquals(await catalog.account("__proto__"), undefined);
  });

  holds("accounts() lists all by name", async (catalog) => {
    assertEquals(await catalog.accounts(), []);
    for (const name of ["bob", "al", "alice"]) await catalog.addAccount(account(name));
    assertEquals((await catalog.accounts()).map(({ name }) => name), ["al", "alice", "bob"]);
  });

  holds("addAccount() refuses a name that is taken and changes nothing", async (catalog) => {
    await catalog.addAccount(account("alice"));
    assertEquals(await catalog.addAccount(account("alice", { letters: "r" })), false);
    assertEquals(await catalog.account("alice"), account("alice"));
  });

  holds("addAccount() takes one of many at once", async (catalog) => {
    const letters = ["r", "w", "c", "d", "t"];
    const answers = await Promise.all(
      letters.map((letter) => catalog.addAccount(account("alice", { letters: letter }))),
    );
    assertEquals(answers.filter((added) => added).length, 1);
  });

  holds("updateAccount() changes the members given and no others", async (catalog) => {
    await catalog.addAccount(account("alice", { quotaBytes: 10 }));
    await catalog.addAccount(account("alicia"));
    assertEquals(await catalog.updateAccount("alice", { letters: "r", generation: 2 }), true);
    assertEquals(
      await catalog.account("alice"),
      account("alice", { quotaBytes: 10, letters: "r", generation: 2 }),
    );
    assertEquals(await catalog.updateAccount("alice", { quotaBytes: null }), true);
    assertEquals((await catalog.account("alice"))!.quotaBytes, null);
    assertEquals(await catalog.account("alicia"), account("alicia"));
    assertEquals(await catalog.updateAccount("nobody", { letters: "r" }), false);
    assertEquals(await catalog.account("nobody"), undefined);
  });

  holds("noteLogin() notes the time, and nothing for an unknown name", async (catalog) => {
    await catalog.addAccount(account("alice"));
    await catalog.noteLogin("alice", 42);
    await catalog.noteLogin("nobody", 42);
    assertEquals((await catalog.account("alice"))!.lastLoginMs, 42);
    assertEquals((await catalog.accounts()).length, 1);
  });

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

  holds("an account made anew has a generation above the old one's", async (catalog, reopen) => {
    await catalog.addAccount(account("alice", { generation: 6 }));
    await catalog.removeAccount("alice");
    const later = await reopen();
    await later.addAccount(account("alice", { generation: 1 }));
    assertEquals((await later.account("alice"))!.generation, 7);
    await later.removeAccount("alice");
    await later.addAccount(account("alice", { generation: 20 }));
    assertEquals((await later.account("alice"))!.generation, 20);
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

  holds("usage() of an unknown account is nothing", async (catalog) => {
    assertEquals(await catalog.usage("nobody"), { usedBytes: 0, reservedBytes: 0 });
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

  holds("backup() writes a file for its owner only, and none over another", async (catalog) => {
    await catalog.addAccount(account("alice"));
    const directory = await Deno.makeTempDir();
    try {
      await catalog.backup(`${directory}/copy`);
      assertEquals((await Deno.stat(`${directory}/copy`)).mode! & 0o777, 0o600);
      await Deno.writeTextFile(`${directory}/taken`, "mine");
      assertErrorLike(await assertRejects(() => catalog.backup(`${directory}/taken`)), {
        kind: "exists",
      });
      assertEquals(await Deno.readTextFile(`${directory}/taken`), "mine");
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
}
