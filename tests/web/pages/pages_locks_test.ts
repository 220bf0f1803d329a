/** Locks in the browser. */
import { assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { addAccount } from "../../support/in_process.ts";
import { holdsWeb } from "../../support/web.ts";
import { ask, done, put, viewOf } from "./pages_support.ts";

holdsWeb(
  "a lock is taken, shown to others with its holder, and broken by the owner",
  async (bench) => {
    const { server, alice, browser } = bench;
    await addAccount(server.vault, "bob");
    await put(server, "/d/a.txt", "a");
    await (await viewOf(server)).sharing.share({ path: "/d", guest: "bob", letters: "rwcd" });
    const bob = await browser("bob");
    await bob.page("/files/");
    const shared = "/shared/alice/d/a.txt";
    const lock = { path: shared, minutes: "60", note: "chapter 2" };
    const after = await done(bob, "/actions/lock", lock);
    const page = await bob.page(after);
    assertMatch(page, /It is locked/);
    assertMatch(page, /Locked by <strong>you<\/strong>/);
    assertMatch(page, />Unlock</);
    assertEquals(
      (await ask(bob, "/actions/lock", { form: { ...lock, minutes: "9999" } })).status,
      400,
    );

    assertMatch(
      await alice.page("/files/d"),
      /title="Locked until 20[^"]* UTC"><svg.*<\/svg> bob</,
    );
    const theirs = await alice.page("/details/d/a.txt");
    assertMatch(theirs, /Locked by <strong>bob<\/strong>/);
    assertMatch(theirs, /Break the lock/);
    assertNotMatch(theirs, /Lock it, so that/);
    const form = { path: "/d/a.txt", name: "b.txt" };
    const refused = await ask(alice, "/actions/rename", { form });
    assertEquals(refused.status, 423);
    assertMatch(refused.text, /is locked by bob until/);
    const broken = await done(alice, "/actions/unlock", { path: "/d/a.txt", force: "yes" });
    assertMatch(await alice.page(broken), /Not locked\./);
    assertEquals((await ask(bob, "/actions/unlock", { form: { path: shared } })).status, 404);
    await done(alice, "/actions/rename", form);
  },
);
