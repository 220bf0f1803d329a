import assert from "node:assert/strict";
import { account, file, type Holds, intent, moveOf, store, upload } from "./catalog_samples.ts";

export function accountContract(holds: Holds): void {
  holds("account() returns what addAccount() was given", async (catalog) => {
    const full = account("alice", { quotaBytes: 2 ** 53 - 1, lastLoginMs: 7, generation: 3 });
    assert.equal(await catalog.addAccount(full), true);
    assert.deepEqual(await catalog.account("alice"), full);
    assert.equal(await catalog.account("alic"), undefined);
    assert.equal(await catalog.account("__proto__"), undefined);
  });

  holds("accounts() lists all by name", async (catalog) => {
    assert.deepEqual(await catalog.accounts(), []);
    for (const name of ["bob", "al", "alice"]) await catalog.addAccount(account(name));
    assert.deepEqual((await catalog.accounts()).map(({ name }) => name), ["al", "alice", "bob"]);
  });

  holds("addAccount() refuses a name that is taken and changes nothing", async (catalog) => {
    await catalog.addAccount(account("alice"));
    assert.equal(await catalog.addAccount(account("alice", { letters: "r" })), false);
    assert.deepEqual(await catalog.account("alice"), account("alice"));
  });

  holds("addAccount() takes one of many at once", async (catalog) => {
    const letters = ["r", "w", "c", "d", "t"];
    const answers = await Promise.all(
      letters.map((letter) => catalog.addAccount(account("alice", { letters: letter }))),
    );
    assert.equal(answers.filter((added) => added).length, 1);
  });

  holds("updateAccount() changes the members given and no others", async (catalog) => {
    await catalog.addAccount(account("alice", { quotaBytes: 10 }));
    await catalog.addAccount(account("alicia"));
    assert.equal(await catalog.updateAccount("alice", { letters: "r", generation: 2 }), true);
    assert.deepEqual(
      await catalog.account("alice"),
      account("alice", { quotaBytes: 10, letters: "r", generation: 2 }),
    );
    assert.equal(await catalog.updateAccount("alice", { quotaBytes: null }), true);
    assert.equal((await catalog.account("alice"))!.quotaBytes, null);
    assert.deepEqual(await catalog.account("alicia"), account("alicia"));
    assert.equal(await catalog.updateAccount("nobody", { letters: "r" }), false);
    assert.equal(await catalog.account("nobody"), undefined);
  });

  holds("noteLogin() notes the time, and nothing for an unknown name", async (catalog) => {
    await catalog.addAccount(account("alice"));
    await catalog.noteLogin("alice", 42);
    await catalog.noteLogin("nobody", 42);
    assert.equal((await catalog.account("alice"))!.lastLoginMs, 42);
    assert.equal((await catalog.accounts()).length, 1);
  });

  holds(
    "removeAccount() leaves nothing that a later account of that name finds",
    async (catalog) => {
      await catalog.addAccount(account("alice"));
      await store(catalog, intent("/kept", 5));
      await catalog.addUpload(upload("a1", { reservedBytes: 7 }));
      await catalog.beginCommits([intent("/soon", 3)]);
      await catalog.beginMove(moveOf("/kept", "/moved"));
      assert.equal(await catalog.removeAccount("alice"), true);
      assert.equal(await catalog.removeAccount("alice"), false);

      await catalog.addAccount(account("alice"));
      assert.deepEqual(await catalog.usage("alice"), { usedBytes: 0, reservedBytes: 0 });
      assert.equal(await catalog.file("alice", "/kept"), undefined);
      assert.deepEqual(await catalog.uploads(), []);
      assert.deepEqual(await catalog.commitIntents(), []);
      assert.deepEqual(await catalog.moveIntents(), []);
    },
  );

  holds("removeAccount() spares accounts of similar names", async (catalog) => {
    for (const name of ["al", "alice"]) {
      await catalog.addAccount(account(name));
      await store(catalog, intent("/kept", 5, { owner: name }));
    }
    await catalog.removeAccount("al");
    assert.deepEqual(await catalog.file("alice", "/kept"), file(5));
    assert.deepEqual(await catalog.usage("alice"), { usedBytes: 5, reservedBytes: 0 });
  });

  holds("removeAccount() frees what its uploads reserved of others", async (catalog) => {
    await catalog.addAccount(account("alice"));
    await catalog.addAccount(account("guest"));
    await catalog.addUpload(upload("a1", { account: "guest", reservedBytes: 7 }));
    await catalog.addUpload(upload("a2", { account: "guest", reservedBytes: 2 }));
    await catalog.addUpload(upload("a3", { reservedBytes: 1 }));
    await catalog.removeAccount("guest");
    assert.deepEqual(await catalog.usage("alice"), { usedBytes: 0, reservedBytes: 1 });
    assert.deepEqual((await catalog.uploads()).map(({ id }) => id), ["a3"]);
  });

  holds("an account made anew has a generation above the old one's", async (catalog, reopen) => {
    await catalog.addAccount(account("alice", { generation: 6 }));
    await catalog.removeAccount("alice");
    const later = await reopen();
    await later.addAccount(account("alice", { generation: 1 }));
    assert.equal((await later.account("alice"))!.generation, 7);
    await later.removeAccount("alice");
    await later.addAccount(account("alice", { generation: 20 }));
    assert.equal((await later.account("alice"))!.generation, 20);
  });

  holds("what arrives late for a removed account leaves no trace", async (catalog) => {
    await catalog.addAccount(account("alice"));
    const late = intent("/late", 9);
    await catalog.beginCommits([late]);
    await catalog.removeAccount("alice");
    await catalog.finishCommits([late]);
    await catalog.noteFile("alice", "/late", file(9));
    await catalog.addAccount(account("alice"));
    assert.equal(await catalog.file("alice", "/late"), undefined);
    assert.deepEqual(await catalog.usage("alice"), { usedBytes: 0, reservedBytes: 0 });
  });

  holds("usage() of an unknown account is nothing", async (catalog) => {
    assert.deepEqual(await catalog.usage("nobody"), { usedBytes: 0, reservedBytes: 0 });
  });

  holds("everything is there when it is opened again", async (catalog, reopen) => {
    await catalog.addAccount(account("alice"));
    await store(catalog, intent("/kept", 5));
    await catalog.addUpload(upload("a1", { reservedBytes: 7 }));
    await catalog.beginCommits([intent("/soon", 3)]);
    await catalog.beginMove(moveOf("/kept", "/moved"));
    const again = await reopen();
    assert.deepEqual(await again.accounts(), [account("alice")]);
    assert.deepEqual(await again.file("alice", "/kept"), file(5));
    assert.deepEqual(await again.upload("a1"), upload("a1", { reservedBytes: 7 }));
    assert.deepEqual(await again.commitIntents(), [intent("/soon", 3)]);
    assert.deepEqual(await again.moveIntents(), [moveOf("/kept", "/moved")]);
    assert.deepEqual(await again.usage("alice"), { usedBytes: 5, reservedBytes: 10 });
  });

  holds("recount() changes nothing that was counted right", async (catalog) => {
    await catalog.addAccount(account("alice"));
    await catalog.addAccount(account("bob"));
    await store(catalog, intent("/a", 5), intent("/b", 6));
    await catalog.addUpload(upload("a1", { reservedBytes: 7 }));
    await catalog.beginCommits([intent("/soon", 30)]);
    await catalog.recount();
    assert.deepEqual(await catalog.usage("alice"), { usedBytes: 11, reservedBytes: 37 });
    assert.deepEqual(await catalog.usage("bob"), { usedBytes: 0, reservedBytes: 0 });
  });

  holds("backup() writes a file for its owner only, and none over another", async (catalog) => {
    await catalog.addAccount(account("alice"));
    const directory = await Deno.makeTempDir();
    try {
      await catalog.backup(`${directory}/copy`);
      assert.equal((await Deno.stat(`${directory}/copy`)).mode! & 0o777, 0o600);
      await Deno.writeTextFile(`${directory}/taken`, "mine");
      await assert.rejects(catalog.backup(`${directory}/taken`), { kind: "exists" });
      assert.equal(await Deno.readTextFile(`${directory}/taken`), "mine");
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
}
