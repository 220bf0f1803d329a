/** Public links: who makes them, what a visitor sees by one, and when it ends. */
import { delay } from "@std/async";
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotMatch,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { assertErrorLike, assertErrorWhere } from "../support/errors.ts";
import type { AuditEvent } from "../../storage/monitor/audit.ts";
import { isStoreError, type StoreErrorKind } from "../../storage/contract/error.ts";
import { hashSecret } from "../../common/secrets.ts";
import type { NewLink } from "../../storage/people/links.ts";
import { openLightEngine } from "../support/engine.ts";
import type { Principal } from "../../storage/contract/principal.ts";
import { catalogOf, Vault, type View } from "../support/vault.ts";
import { account, link } from "./suites/catalog_samples.ts";
import { ALL } from "../support/pages.ts";

const VISITOR = { address: "192.0.2.7", sessionId: "visit" };
const text = new TextEncoder();

interface World {
  vault: Vault;
  alice: View;
  reported: (AuditEvent & { link?: string })[];
  enter(name: string, change?: Partial<Principal>): View;
  write(path: string, content: string, ifExists?: "overwrite"): Promise<void>;
  link(path: string, wanted?: Omit<NewLink, "path">): Promise<string>;
}

async function openWorld(): Promise<World> {
  const reported: World["reported"] = [];
  const engine = await openLightEngine();
  const vault = await Vault.open({
    engine,
    audit: { write: (actor, event) => reported.push({ ...actor, ...event }) },
  });
  for (const name of ["alice", "bob", "admin"]) {
    await engine.addAccount(account(name, { letters: name === "admin" ? "rwcdt" : "rwcd" }));
  }
  const enter = (name: string, change: Partial<Principal> = {}) =>
    vault.enter({
      account: name,
      generation: 1,
      door: "web",
      sessionId: name,
      address: "192.0.2.1",
      ...change,
    });
  const alice = enter("alice");
  return {
    vault,
    alice,
    reported,
    enter,
    async write(path, content, ifExists) {
      const opening = await alice.transfers.upload({
        path,
        makeDirectories: true,
        ...(ifExists && { ifExists }),
      });
      assert("upload" in opening);
      await opening.upload.write(text.encode(content));
      await opening.upload.finish();
    },
    link: async (path, wanted = {}) => (await alice.links.make({ path, ...wanted })).secret,
  };
}

/** Reads the file at a path of a visit; counts as a download. */
async function read(world: World, secret: string, path = "/"): Promise<string> {
  const visit = await world.vault.visit(secret, VISITOR);
  const { download } = await visit.download(path);
  try {
    const bytes = new Uint8Array(download.record.size);
    await download.read(bytes, 0);
    await download.finish();
    return new TextDecoder().decode(bytes);
  } finally {
    download.close();
  }
}

const refuses = async (kind: StoreErrorKind, run: () => Promise<unknown>) =>
  assertErrorWhere(await assertRejects(run), (error) => isStoreError(error, kind));

Deno.test("a link's secret lets a visitor read the file, and hides its path", async () => {
  const world = await openWorld();
  await world.write("/private/plans/report.txt", "content");
  const secret = await world.link("/private/plans/report.txt", { label: "for Zoë" });
  assertMatch(secret, /^[\w-]{24}$/);
  const visit = await world.vault.visit(secret, VISITOR);
  const { name, directory, owner, label, downloadsLeft } = visit.facts;
  assertEquals([name, directory, owner, label, downloadsLeft], [
    "report.txt",
    false,
    "alice",
    "for Zoë",
    null,
  ]);
  const info = await visit.describe("/");
  assertMatch(info.hash!, /^[0-9a-f]{64}$/);
  assertEquals(await read(world, secret), "content");
  assertNotMatch(JSON.stringify([visit.facts, info]), /plans/);
  const [kept] = await catalogOf(world.vault).links.of("alice", ALL);
  assertEquals(JSON.stringify(kept).includes(secret), false);
  const download = world.reported.find(({ action }) => action === "download")!;
  assertStrictEquals(download.link, kept!.id);
});

Deno.test("a directory's link shows its entries, and nothing beside or above it", async () => {
  const world = await openWorld();
  await world.write("/doc/a.txt", "a");
  await world.write("/doc/in/b.txt", "b");
  await world.write("/docs/c.txt", "c");
  const secret = await world.link("/doc");
  const visit = await world.vault.visit(secret, VISITOR);
  assertEquals((await visit.list("/")).entries.map(({ name }) => name), ["a.txt", "in"]);
  assertEquals((await visit.list("/in")).path, "/in");
  assertEquals(await read(world, secret, "/in/b.txt"), "b");
  for (const path of ["..", "/../docs", "/../docs/c.txt", "in/../../docs/c.txt"]) {
    await refuses("denied", () => visit.describe(path));
  }
  assertErrorLike(await assertRejects(() => visit.describe("/in/none")), {
    message: '"/in/none" does not exist',
  });
});

Deno.test("only its owner makes a link, with the letter r, by password, and not of the root", async () => {
  const world = await openWorld();
  await world.write("/a.txt", "a");
  await world.alice.sharing.share({ path: "/a.txt", guest: "bob", letters: "rwcd" });
  const bob = world.enter("bob");
  await refuses("denied", () => bob.links.make({ path: "/shared/alice/a.txt" }));
  await refuses("not-found", () => bob.links.make({ path: "/a.txt" }));
  await refuses("denied", () => world.alice.links.make({ path: "/" }));
  const { record } = await world.alice.tokens.make({});
  const byToken = world.enter("alice", {
    token: { id: record.id, letters: "rwcd", path: "/", expiresMs: null },
  });
  await refuses("denied", () => byToken.links.make({ path: "/a.txt" }));
  const { link } = await world.alice.links.make({ path: "/a.txt" });
  await refuses("denied", () => byToken.links.revoke(link.id));
  await refuses("not-found", () => bob.links.revoke(link.id));
  await world.enter("admin").administration.setLetters("alice", "wcd");
  await refuses("denied", () => world.alice.links.make({ path: "/a.txt" }));
  for (const wrong of [{ expiresMs: 1 }, { maxDownloads: 0 }, { label: "a\nb" }]) {
    await world.enter("admin").administration.setLetters("alice", "rwcd");
    await refuses("bad-request", () => world.alice.links.make({ path: "/a.txt", ...wrong }));
  }
});

Deno.test("a link ends when it is revoked, past its time, or with the owner's letter r", async () => {
  const world = await openWorld();
  await world.write("/a.txt", "a");
  const open = (secret: string) => world.vault.visit(secret, VISITOR);
  await refuses("not-found", () => open("nonsense"));
  const { link: made, secret } = await world.alice.links.make({ path: "/a.txt" });
  await open(await world.link("/a.txt", { expiresMs: Date.now() + 60_000 }));
  const past = { path: "/a.txt", hash: hashSecret("past"), expiresMs: Date.now() - 1 };
  await catalogOf(world.vault).links.add(link("past", past), 1);
  await refuses("not-found", () => open("past"));

  const admin = world.enter("admin").administration;
  await admin.setLetters("alice", "wcd");
  await refuses("not-found", () => open(secret));
  await admin.setLetters("alice", "rwcd");

  const { download } = await (await open(secret)).download("/");
  await world.alice.links.revoke(made.id);
  await refuses("session-over", () => download.read(new Uint8Array(1), 0));
  download.close();
  await refuses("not-found", () => open(secret));
  assertEquals((await world.alice.links.list()).length, 1);
});

Deno.test("a link follows a rename, and ends with the file and with the account", async () => {
  const world = await openWorld();
  await world.write("/a.txt", "a");
  await world.write("/b.txt", "b");
  const secret = await world.link("/a.txt");
  const other = await world.link("/b.txt");
  await world.alice.tree.rename("/a.txt", "/c.txt");
  assertEquals(await read(world, secret), "a");
  assertEquals((await world.vault.visit(secret, VISITOR)).facts.name, "c.txt");
  await world.alice.tree.remove("/c.txt");
  await refuses("not-found", () => read(world, secret));
  await world.write("/c.txt", "another");
  await refuses("not-found", () => read(world, secret));
  await world.alice.account.changePassword("$scrypt$y");
  assertEquals(await read(world, other), "b");
  await world.enter("admin").administration.removeAccount("alice", { keepFiles: false });
  await refuses("not-found", () => read(world, other));
});

Deno.test("a link gives what the file holds, a pinned one only what it held", async () => {
  const world = await openWorld();
  await world.write("/a.txt", "one");
  const following = await world.link("/a.txt");
  const pinned = await world.link("/a.txt", { pinned: true, maxDownloads: 1 });
  await world.write("/a.txt", "two", "overwrite");
  assertEquals(await read(world, following), "two");
  await refuses("changed", () => read(world, pinned));
  const kept = (await world.alice.links.list()).find(({ pinnedHash }) => pinnedHash !== null);
  assertEquals(kept?.downloads, 0);
  await world.write("/a.txt", "one", "overwrite");
  assertEquals(await read(world, pinned), "one");
  await world.write("/d/x.txt", "x");
  await refuses("bad-request", () => world.alice.links.make({ path: "/d", pinned: true }));
});

Deno.test("of many downloads at once no more begin than the link allows", async () => {
  const world = await openWorld();
  await world.write("/a.txt", "a");
  const secret = await world.link("/a.txt", { maxDownloads: 3 });
  const tries = await Promise.allSettled(Array.from({ length: 10 }, () => read(world, secret)));
  assertEquals(tries.filter(({ status }) => status === "fulfilled").length, 3);
  const visit = await world.vault.visit(secret, VISITOR);
  assertEquals(visit.facts.downloadsLeft, 0);
  await refuses("not-found", () => visit.wholeTree());
});

Deno.test("a download that was counted goes on with its ticket, and begins with none", async () => {
  const world = await openWorld();
  await world.write("/d/a.txt", "aa");
  await world.write("/d/b.txt", "bb");
  const secret = await world.link("/d", { maxDownloads: 1 });
  const visit = await world.vault.visit(secret, VISITOR);
  const { download, ticket } = await visit.download("/a.txt");
  download.close();
  const later = await world.vault.visit(secret, VISITOR);
  (await later.download("/a.txt", { offset: 1, ticket })).download.close();
  await refuses("not-found", () => later.download("/a.txt", { offset: 0, ticket }));
  await refuses("not-found", () => later.download("/b.txt", { offset: 1, ticket }));
  await refuses("not-found", () => later.download("/a.txt", { offset: 1, ticket: undefined }));
  const forged = ticket.replace(/^\d/, (digit) => String((Number(digit) + 1) % 10));
  await refuses("not-found", () => later.download("/a.txt", { offset: 1, ticket: forged }));
  await world.write("/d/a.txt", "new", "overwrite");
  await refuses("not-found", () => later.download("/a.txt", { offset: 1, ticket }));
});

Deno.test("a locked link reveals nothing before its password was right", async () => {
  const world = await openWorld();
  await world.write("/d/a.txt", "a");
  const secret = await world.link("/d", { passwordHash: "hash", maxDownloads: 5 });
  const visit = await world.vault.visit(secret, VISITOR);
  assertEquals(visit.locked, "hash");
  for (
    const run of [
      () => visit.describe("/"),
      () => visit.list("/"),
      () => visit.download("/a.txt"),
      () => visit.wholeTree(),
    ]
  ) await refuses("denied", run);
  assertEquals((await world.alice.links.list())[0]!.downloads, 0);
  const pass = visit.unlock();
  assertEquals((await visit.list("/")).entries.length, 1);
  assertEquals((await world.vault.visit(secret, VISITOR, pass)).locked, undefined);
  for (const wrong of ["", "1.x", pass + "x", pass.replace(/^\d+/, "9999999999999")]) {
    assertEquals((await world.vault.visit(secret, VISITOR, wrong)).locked, "hash");
  }
  const again = await world.link("/d", { passwordHash: "hash" });
  assertEquals((await world.vault.visit(again, VISITOR, pass)).locked, "hash");
});

Deno.test("a visitor gets the content that was announced, or none, and only a whole one counts", async () => {
  const { vault, write, link } = await openWorld();
  await write("/a.txt", "before");
  const secret = await link("/a.txt", { maxDownloads: 1 });
  const visit = await vault.visit(secret, VISITOR);
  const { hash } = await visit.describe("/");
  await write("/a.txt", "after!", "overwrite");
  const reported = { offset: 0, ticket: undefined, hash: hash! };
  await refuses("changed", () => visit.download("/", reported));
  (await visit.download("/")).download.close();
  await refuses("not-found", () => visit.download("/"));
});

Deno.test("a file that is removed while it is shared, or its link made, goes behind that, with share and link", async () => {
  const world = await openWorld();
  const { links, shares } = catalogOf(world.vault);
  const [add, put] = [links.add.bind(links), shares.put.bind(shares)];
  const removals: Promise<void>[] = [];
  const remove = async () => {
    removals.push(world.alice.tree.remove("/a.txt"));
    await delay(50); // time to come before, by mistake
  };
  links.add = async (...of) => {
    await remove();
    return await add(...of);
  };
  shares.put = async (...of) => {
    await remove();
    return await put(...of);
  };
  await world.write("/a.txt", "a");
  await world.link("/a.txt");
  await removals[0];
  await world.write("/a.txt", "a");
  await world.alice.sharing.share({ path: "/a.txt", guest: "*", letters: "r" });
  await removals[1];
  assertEquals(await world.alice.links.list(), []);
  assertEquals(await Array.fromAsync(world.alice.sharing.sharedByMe()), []);
});
