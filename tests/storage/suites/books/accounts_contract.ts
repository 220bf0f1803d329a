import { assert, assertEquals } from "@std/assert";
import { ALL } from "../../../support/pages.ts";
import { account, type HoldsBooks, token } from "../catalog_samples.ts";

export function accountContract(holds: HoldsBooks): void {
  holds("account() returns what addAccount() was given", async (catalog) => {
    const full = account("alice", { quotaBytes: 2 ** 53 - 1, lastLoginMs: 7, generation: 3 });
    assertEquals(await catalog.addAccount(full), true);
    assertEquals(await catalog.account("alice"), full);
    assertEquals(await catalog.account("alic"), undefined);
    assertEquals(await catalog.account("__proto__"), undefined);
  });

  holds("accounts() lists all by name, in pages", async (catalog) => {
    assertEquals(await catalog.accounts(ALL), []);
    for (const name of ["bob", "al", "alice"]) await catalog.addAccount(account(name));
    assertEquals((await catalog.accounts(ALL)).map(({ name }) => name), ["al", "alice", "bob"]);
    const names = async (after: string) =>
      (await catalog.accounts({ after, count: 1 })).map(({ name }) => name);
    assertEquals(await names("al"), ["alice"]);
    assertEquals(await names("alicia"), ["bob"]);
    assertEquals(await names("bob"), []);
    assertEquals((await catalog.accountTotals()).accounts, 3);
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
    assertEquals(await catalog.updateAccount("missing", { letters: "r" }), false);
    assertEquals(await catalog.account("missing"), undefined);
  });

  holds("noteLogin() notes the time, and nothing for an unknown name", async (catalog) => {
    await catalog.addAccount(account("alice"));
    await catalog.noteLogin("alice", 42);
    await catalog.noteLogin("missing", 42);
    assertEquals((await catalog.account("alice"))!.lastLoginMs, 42);
    assertEquals((await catalog.accounts(ALL)).length, 1);
  });

  holds(
    "an account that is created again has a generation above the old one's",
    async (catalog, reopen) => {
      await catalog.addAccount(account("alice", { generation: 6 }));
      await catalog.removeAccount("alice");
      const later = await reopen();
      await later.addAccount(account("alice", { generation: 1 }));
      assert((await later.account("alice"))!.generation > 6);
      await later.removeAccount("alice");
      await later.addAccount(account("alice", { generation: 20 }));
      assertEquals((await later.account("alice"))!.generation, 20);
    },
  );

  holds("usage() of an unknown account is nothing", async (catalog) => {
    assertEquals(await catalog.usage("missing"), { usedBytes: 0, reservedBytes: 0 });
  });

  holds("setPassword() voids sessions and tokens, of this account only", async (catalog) => {
    for (const name of ["al", "alice"]) await catalog.addAccount(account(name));
    await catalog.tokens.add(token("1"), 1);
    await catalog.tokens.add(token("2", { account: "al" }), 1);
    assertEquals(await catalog.setPassword("alice", "new", 2), undefined);
    assertEquals(await catalog.account("alice"), account("alice"));
    assertEquals(await catalog.setPassword("alice", "new", 1), 2);
    const changed = account("alice", { passwordHash: "new", generation: 2 });
    assertEquals(await catalog.account("alice"), changed);
    assertEquals(await catalog.tokens.get("1"), undefined);
    assertEquals((await catalog.tokens.of("al", ALL)).length, 1);
    assertEquals(await catalog.setPassword("alice", "newer"), 3);
    assertEquals(await catalog.setPassword("missing", "new"), undefined);
  });

  holds("setLetters() leaves an administrator", async (catalog) => {
    await catalog.addAccount(account("alice", { letters: "rt" }));
    await catalog.addAccount(account("bob", { letters: "r" }));
    assertEquals(await catalog.setLetters("alice", "r"), "last-administrator");
    assertEquals((await catalog.account("alice"))!.letters, "rt");
    assertEquals(await catalog.setLetters("alice", "t"), "done");
    assertEquals(await catalog.setLetters("bob", "wt"), "done");
    assertEquals(await catalog.setLetters("alice", ""), "done");
    assertEquals(await catalog.setLetters("bob", ""), "last-administrator");
    assertEquals(await catalog.setLetters("missing", "r"), "unknown");
    assertEquals((await catalog.account("alice"))!.letters, "");
  });

  holds("addAccount() and updateAccount() take what an account's validity is", async (catalog) => {
    const full = account("alice", { disabled: true, expiresMs: 2 ** 53 - 1 });
    await catalog.addAccount(full);
    assertEquals(await catalog.account("alice"), full);
    assertEquals(await catalog.accounts(ALL), [full]);
    assertEquals(await catalog.updateAccount("alice", { disabled: false, expiresMs: null }), true);
    assertEquals(await catalog.account("alice"), account("alice"));
  });

  holds("setValidity() changes the members given, and the generation", async (catalog, reopen) => {
    await catalog.addAccount(account("alice"));
    await catalog.addAccount(account("alicia"));
    assertEquals(await catalog.setValidity("alice", { expiresMs: 7 }), "done");
    assertEquals(await catalog.account("alice"), account("alice", { expiresMs: 7 }));
    for (const _ of [1, 2]) {
      assertEquals(await catalog.setValidity("alice", { disabled: true }), "done");
      const disabled = account("alice", { disabled: true, expiresMs: 7, generation: 2 });
      assertEquals(await catalog.account("alice"), disabled);
    }
    const later = await reopen();
    assertEquals(await later.setValidity("alice", { disabled: false, expiresMs: null }), "done");
    assertEquals(await later.account("alice"), account("alice", { generation: 2 }));
    assertEquals(await later.account("alicia"), account("alicia"));
    assertEquals(await later.setValidity("missing", { disabled: true }), "unknown");
  });

  holds("an administrator remains who is enabled and never expires", async (catalog) => {
    await catalog.addAccount(account("alice", { letters: "rt" }));
    await catalog.addAccount(account("bob", { letters: "rt", disabled: true }));
    await catalog.addAccount(account("carol", { letters: "rt", expiresMs: 2 ** 52 }));
    const refused = "last-administrator";
    assertEquals(await catalog.setValidity("alice", { disabled: true }), refused);
    assertEquals(await catalog.setValidity("alice", { expiresMs: 2 ** 52 }), refused);
    assertEquals(await catalog.setLetters("alice", "r"), refused);
    assertEquals(await catalog.account("alice"), account("alice", { letters: "rt" }));
    assertEquals(await catalog.setLetters("bob", "r"), "done");
    assertEquals(await catalog.setValidity("carol", { expiresMs: null }), "done");
    const answers = await Promise.all(
      ["alice", "carol"].map((name) => catalog.setValidity(name, { disabled: true })),
    );
    assertEquals(answers.sort(), ["done", refused]);
  });
}
