/** Directories of the host in accounts' trees: what is seen of them, and what may be done there. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { testsAtOnce } from "../../support/at_once.ts";
import type { Engine } from "../../../storage/contract/engine.ts";
import { StoreError, type StoreErrorKind } from "../../../storage/contract/error.ts";
import type { NewMount } from "../../../storage/contract/mount.ts";
import type { Principal } from "../../../storage/contract/principal.ts";
import { openEngine } from "../../../storage/open_engine.ts";
import { Vault, type View } from "../../../storage/vault.ts";
import { account } from "../suites/catalog_samples.ts";

const test = testsAtOnce();
const encoder = new TextEncoder();

interface World extends AsyncDisposable {
  /** Holds `data` and, for directories to mount, `host`. */
  readonly top: string;
  readonly host: string;
  readonly engine: Engine;
  vault: Vault;
  enter(name: string, change?: Partial<Principal>): View;
  add(mount: Partial<NewMount> & { name: string }): Promise<unknown>;
}

async function openWorld(): Promise<World> {
  const top = await Deno.makeTempDir();
  const data = join(top, "data");
  const host = join(top, "host");
  for (const directory of [data, host]) Deno.mkdirSync(directory);
  const engine = await openEngine({ data, durability: "relaxed" });
  for (const name of ["alice", "bob"]) {
    await engine.addAccount(account(name, { letters: "rwcd" }));
  }
  const vault = await Vault.open({ engine });
  return {
    top,
    host,
    engine,
    vault,
    enter: (name, change = {}) =>
      vault.enter({
        account: name,
        generation: 1,
        door: "native",
        sessionId: name,
        address: "192.0.2.1",
        ...change,
      }),
    add: (mount) => engine.mounts!.add({ directory: host, ...mount }),
    async [Symbol.asyncDispose]() {
      await vault.close();
      await Deno.remove(top, { recursive: true });
    },
  };
}

function put(world: World, path: string, text: string): string {
  const place = join(world.host, path);
  Deno.mkdirSync(join(place, ".."), { recursive: true });
  Deno.writeTextFileSync(place, text);
  return place;
}

async function read(view: View, path: string): Promise<string> {
  const download = await view.transfers.download(path);
  try {
    const bytes = new Uint8Array(download.record.size);
    await download.read(bytes, 0);
    await download.finish();
    return new TextDecoder().decode(bytes);
  } finally {
    await download.close();
  }
}

async function store(
  view: View,
  path: string,
  text: string,
  ifExists: "version" | "overwrite" = "version",
) {
  const opening = await view.transfers.upload({ path, ifExists, makeDirectories: true });
  assert("upload" in opening);
  await opening.upload.write(encoder.encode(text));
  const committed = await opening.upload.finish();
  return opening.upload.shownPath(committed);
}

async function namesAt(view: View, path: string, recursive = false): Promise<string[]> {
  return (await view.tree.list(path, { recursive })).entries.map(({ name }) => name);
}

/** Refuses with a kind of error whose sentence has a part. */
async function refuses(kind: StoreErrorKind, part: string, run: () => Promise<unknown>) {
  const error = await assertRejects(run, StoreError);
  assertEquals(error.kind, kind, error.message);
  assert(error.message.includes(part), error.message);
}

test("A read-only mount shows what is there, and nothing of it can be changed", async () => {
  await using world = await openWorld();
  put(world, "a/b.txt", "content");
  put(world, "top.txt", "top");
  Deno.symlinkSync(world.top, join(world.host, "out"));
  const alice = world.enter("alice");
  await store(alice, "/own.txt", "own");
  await world.add({ name: "docs", guests: ["alice"] });
  assertEquals(await namesAt(alice, "/"), ["docs", "own.txt"]);
  assertEquals(await namesAt(alice, "/", true), [
    "docs",
    "docs/a",
    "docs/a/b.txt",
    "docs/top.txt",
    "own.txt",
  ]);
  assertEquals(await namesAt(world.enter("bob"), "/"), []);
  assertEquals((await alice.tree.describe("/docs/a/b.txt")).hash, null);
  assertEquals(await read(alice, "/docs/a/b.txt"), "content");
  assertEquals((await alice.tree.describe("/docs/a/b.txt")).hash?.length, 64);
  await refuses("denied", "read-only", () => store(alice, "/docs/new.txt", "x"));
  await refuses("denied", "read-only", () => alice.tree.remove("/docs/top.txt"));
  await refuses("denied", "read-only", () => alice.tree.makeDirectory("/docs/more"));
  await refuses("denied", "read-only", () => alice.tree.rename("/docs/top.txt", "/top.txt"));
  await refuses("denied", "read-only", () => alice.tree.rename("/own.txt", "/docs/own.txt"));
  await refuses("denied", "read-only", () => alice.tree.setModified("/docs/top.txt", 0));
  await refuses(
    "denied",
    '"/docs/out/data/catalog.db"',
    () => read(alice, "/docs/out/data/catalog.db"),
  );
  for (const path of ["/docs", "/docs/"]) {
    await refuses("denied", '"/docs"', () => alice.tree.removeDirectory(path));
    await refuses("denied", '"/docs"', () => alice.tree.rename(path, "/other"));
    await refuses("denied", '"/docs"', () => alice.tree.rename("/own.txt", path));
  }
  const why = (await alice.permissions.why("/docs/top.txt")).letters;
  assertEquals(why.map(({ letter, allowed }) => allowed ? letter : "").join(""), "r");
  assertEquals(why[0]!.rule, 'the mount "docs" allows r');
  assertEquals(why[1]!.rule, 'the mount "docs" is read-only');
  assertEquals((await alice.tree.copy("/docs/top.txt", "/copy.txt")).path, "/copy.txt");
  await refuses(
    "denied",
    "mount",
    () => alice.sharing.share({ path: "/docs/a", guest: "bob", letters: "r" }),
  );
  await refuses("denied", "mount", () => alice.links.make({ path: "/docs/a" }));
  assertEquals([...Deno.readDirSync(world.host)].map(({ name }) => name).sort(), [
    "a",
    "out",
    "top.txt",
  ]);
});

test("A writable mount takes uploads, versions and its own quota", async () => {
  await using world = await openWorld();
  const place = put(world, "old.txt", "old");
  Deno.chmodSync(place, 0o644);
  await world.add({ name: "in", letters: "rwcd", quotaBytes: 100 });
  const [alice, bob] = [world.enter("alice"), world.enter("bob")];
  assertEquals(await store(alice, "/in/new.txt", "new"), "/in/new.txt");
  assertEquals(await store(bob, "/in/new.txt", "newer"), "/in/new_v2.txt");
  assertEquals(await store(bob, "/in/deep/er.txt", "deep"), "/in/deep/er.txt");
  assertEquals(Deno.readTextFileSync(join(world.host, "new_v2.txt")), "newer");
  assertEquals(await namesAt(alice, "/in"), ["deep", "new.txt", "new_v2.txt", "old.txt"]);
  assertEquals(Deno.statSync(place).mode! & 0o777, 0o644);
  await alice.tree.rename("/in/old.txt", "/in/deep/old.txt");
  await alice.tree.remove("/in/new_v2.txt");
  assertEquals(Deno.readTextFileSync(join(world.host, "deep/old.txt")), "old");
  // The server's own directory has no path.
  await refuses("not-found", "/in/.towpath", () => alice.tree.list("/in/.towpath"));
  await refuses("not-found", ".towpath", () => store(alice, "/in/.towpath/x", "x"));
  await refuses("not-found", ".Towpath", () => alice.tree.describe("/in/.Towpath/parts"));
  await store(alice, "/mine.txt", "mine");
  await refuses("denied", "not in the same mount", () => alice.tree.rename("/mine.txt", "/in/m"));
  await refuses("denied", "copy it", () => alice.tree.rename("/in/new.txt", "/new.txt"));
  assertEquals((await alice.account.usage()).usedBytes, 4);
  await refuses("quota", "mount's quota", () => store(alice, "/in/large.txt", "x".repeat(101)));
  assertEquals((await world.engine.catalog.usage("mount:in")).usedBytes > 0, true);
  // The letters of the account and of the mount must both allow it.
  await world.engine.catalog.setLetters("bob", "r");
  await refuses("denied", 'permission "w"', () => store(bob, "/in/b.txt", "b"));
});

test("An upload into a mount is resumed, listed and dropped as any other", async () => {
  await using world = await openWorld();
  await world.add({ name: "in", letters: "rwcd" });
  const alice = world.enter("alice");
  const opening = await alice.transfers.upload({ path: "/in/part.txt", sizeBytes: 8 });
  assert("upload" in opening);
  await opening.upload.write(encoder.encode("half"));
  await opening.upload.suspend();
  const [found] = await Array.fromAsync(await alice.transfers.unfinished());
  assertEquals(found?.record.shownPath, "/in/part.txt");
  const { upload } = await alice.transfers.resume({ path: "/in/part.txt", sizeBytes: 8 });
  await upload.write(encoder.encode("done"));
  await upload.finish();
  assertEquals(Deno.readTextFileSync(join(world.host, "part.txt")), "halfdone");
  // A failed worker's successor, and the next start, go through mounts as through accounts.
  await world.engine.recover();
  assertEquals(await read(alice, "/in/part.txt"), "halfdone");
});

test("A mount whose directory is away is listed, and nothing in it counts as removed", async () => {
  await using world = await openWorld();
  put(world, "a.txt", "a");
  await world.add({ name: "docs", letters: "rwcd" });
  const alice = world.enter("alice");
  assertEquals(await read(alice, "/docs/a.txt"), "a");
  const opening = await alice.transfers.upload({ path: "/docs/part.txt", sizeBytes: 8 });
  assert("upload" in opening);
  await opening.upload.write(encoder.encode("half"));
  await opening.upload.suspend();
  const away = `${world.host}.away`;
  Deno.renameSync(world.host, away);
  for (const isEmpty of [false, true]) {
    if (isEmpty) Deno.mkdirSync(world.host); // the place of a disk that is not mounted
    assertEquals(await namesAt(alice, "/"), ["docs"]);
    const page = await alice.tree.list("/", { recursive: true });
    assertEquals(page.leftOut?.map(({ name }) => name), ["docs"]);
    await refuses("unreachable", 'The mount "docs"', () => alice.tree.list("/docs"));
    await refuses("unreachable", "docs", () => alice.tree.enterDirectory("/docs"));
    await refuses("unreachable", "docs", () => read(alice, "/docs/a.txt"));
    await refuses("unreachable", "docs", () => store(alice, "/docs/b.txt", "b"));
    const { troubles } = await world.engine.recover();
    assertEquals(troubles.length, 1);
    assert(troubles[0]!.startsWith("mount docs: "), troubles[0]);
    await world.engine.expire(Number.MAX_SAFE_INTEGER);
    await world.engine.shrinkReservations(Number.MAX_SAFE_INTEGER);
    const verified = await world.vault.verifyAccount("mount:docs", () => {});
    assertEquals(verified.forgotten, []);
    assertEquals(verified.findings[0]?.kind, "unreadable");
  }
  Deno.removeSync(world.host);
  Deno.renameSync(away, world.host);
  assertEquals(await read(alice, "/docs/a.txt"), "a");
  assertEquals((await Array.fromAsync(await alice.transfers.unfinished())).length, 1);
});

test("A mount is refused where it would hide, cover or disclose something", async () => {
  await using world = await openWorld();
  const { add, top, host } = world;
  const alice = world.enter("alice");
  await store(alice, "/taken", "x");
  await refuses("exists", "alice", () => add({ name: "taken" }));
  await add({ name: "taken", guests: ["bob"] });
  await refuses("bad-request", "lie in each other", () => add({ name: "twice" }));
  const inner = join(host, "inner");
  Deno.mkdirSync(inner);
  await refuses("bad-request", "lie in each other", () => add({ name: "n", directory: inner }));
  await refuses("bad-request", "data directory", () => add({ name: "d", directory: top }));
  const data = join(top, "data/users");
  await refuses("bad-request", "data directory", () => add({ name: "d", directory: data }));
  const link = join(top, "link");
  Deno.symlinkSync(data, link);
  await refuses("bad-request", "data directory", () => add({ name: "d", directory: link }));
  const file = join(top, "file");
  Deno.writeTextFileSync(file, "");
  await refuses("not-directory", file, () => add({ name: "d", directory: file }));
  await refuses("not-found", "missing", () => add({ name: "d", directory: join(top, "missing") }));
  const other = join(top, "other");
  Deno.mkdirSync(other);
  const rest = { directory: other };
  for (const name of ["shared", "a/b", "..", ".", "", "x\u0000"]) {
    await refuses(name === ".." ? "denied" : "bad-name", "", () => add({ name, ...rest }));
  }
  await refuses("bad-request", "permissions", () => add({ name: "d", letters: "wd", ...rest }));
  await refuses("bad-request", "permissions", () => add({ name: "d", letters: "rt", ...rest }));
  await refuses("not-found", "carol", () => add({ name: "d", guests: ["carol"], ...rest }));
  await refuses("exists", "taken", () => add({ name: "taken", guests: ["bob"], ...rest }));
});

test("A mount that ends leaves the host's files, and nothing else", async () => {
  await using world = await openWorld();
  put(world, "a.txt", "a");
  await world.add({ name: "docs", letters: "rwcd", guests: ["alice"] });
  const alice = world.enter("alice");
  const opening = await alice.transfers.upload({ path: "/docs/part.txt", sizeBytes: 8 });
  assert("upload" in opening);
  await opening.upload.write(encoder.encode("half"));
  await store(alice, "/docs/b.txt", "b");
  await world.engine.mounts!.remove("docs");
  await refuses("denied", "mount", () => opening.upload.write(encoder.encode("more")));
  await opening.upload.suspend().catch(() => {});
  assertEquals(await namesAt(alice, "/"), []);
  await refuses("not-found", "docs", () => world.engine.mounts!.remove("docs"));
  assertEquals([...Deno.readDirSync(world.host)].map(({ name }) => name).sort(), [
    "a.txt",
    "b.txt",
  ]);
  await world.add({ name: "docs", guests: ["alice"] });
  assertEquals((await alice.tree.describe("/docs/b.txt")).hash, null);
  await world.engine.removeAccount("alice", { keepFiles: false, evenLast: true });
  assertEquals((await world.engine.catalog.mounts!.all())[0]?.guests, []);
});

test("Members of a group see its mounts while they are members, and locks hold there", async () => {
  await using world = await openWorld();
  const { groups } = world.engine.catalog;
  await groups.add({ name: "staff", letters: "r", createdMs: 0 });
  await groups.join("staff", "alice");
  const [alice, bob] = [world.enter("alice"), world.enter("bob")];
  await refuses("not-found", 'group "none"', () => world.add({ name: "in", guests: ["@none"] }));
  await store(alice, "/taken", "x");
  await refuses("exists", "alice", () => world.add({ name: "taken", guests: ["@staff"] }));
  await alice.tree.remove("/taken");
  await world.add({ name: "in", letters: "rwcd", guests: ["@staff"] });
  assertEquals([await namesAt(alice, "/"), await namesAt(bob, "/")], [["in"], []]);
  await store(alice, "/in/a.txt", "a");
  await groups.join("staff", "bob");
  assertEquals(await read(bob, "/in/a.txt"), "a");
  await alice.locks.take({ path: "/in/a.txt" });
  await refuses("locked", '"/in/a.txt" is locked by alice', () => bob.tree.remove("/in/a.txt"));
  assertEquals((await alice.tree.describe("/in/a.txt")).lock?.by, "alice");
  const seen = await Array.fromAsync(bob.locks.seen("/in"));
  assertEquals(seen.map(({ path }) => path), ["/in/a.txt"]);
  await world.vault.expireUploads();
  await refuses("locked", "locked", () => store(bob, "/in/a.txt", "b", "overwrite"));
  await groups.leave("staff", "alice");
  await refuses("not-found", "in", () => alice.tree.list("/in"));
  await groups.remove("staff");
  assertEquals((await world.engine.catalog.mounts!.all())[0]?.guests, []);
});

test("Pages of the root and a token's subtree show mounts at their places", async () => {
  await using world = await openWorld();
  const alice = world.enter("alice");
  for (const name of ["a", "m.txt", "z"]) await store(alice, `/${name}`, name);
  put(world, "x/y.txt", "y");
  await world.add({ name: "m" });
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await alice.tree.list("/", { limit: 1, ...(cursor && { cursor }) });
    seen.push(...page.entries.map(({ name }) => name));
    cursor = page.cursor;
  } while (cursor !== undefined);
  assertEquals(seen, ["a", "m", "m.txt", "z"]);
  const browsed = await alice.tree.browse("/", { limit: 10 });
  assertEquals(browsed.entries.map(({ name }) => name), ["m", "a", "m.txt", "z"]);
  const token = { id: "t", letters: "r", path: "/m/x", expiresMs: null };
  await world.engine.catalog.tokens.add({
    ...token,
    account: "alice",
    hash: "h",
    label: "",
    createdMs: 0,
    lastUsedMs: null,
  }, 1);
  const narrow = world.enter("alice", { token });
  assertEquals(await read(narrow, "/m/x/y.txt"), "y");
  await refuses("denied", "confined", () => narrow.tree.list("/m"));
});

test("A file that a program writes twice in quick succession is not taken for damaged", async () => {
  await using world = await openWorld();
  await world.add({ name: "m" });
  const alice = world.enter("alice");
  // Times are exact to some milliseconds only: now and then both writes get the same.
  for (let turn = 0; turn < 20; turn++) {
    const path = put(world, "state.txt", `before ${turn}`);
    await read(alice, "/m/state.txt");
    Deno.writeTextFileSync(path, `behind ${turn}`);
    assertEquals(await read(alice, "/m/state.txt"), `behind ${turn}`);
  }
});
