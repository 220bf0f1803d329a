/** PROTOCOL "Locks": one account changes a path, others wait. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { leaveGroup } from "../../../storage/people/group_changes.ts";
import { is, login, until } from "../../support/native.ts";
import { addAccount } from "../../support/in_process.ts";
import { among, share } from "../../support/sharing.ts";

interface Lock {
  filename: string;
  by: string;
  until: number;
}

among("a guest's lock keeps the owner and other guests out until it ends", async (guests) => {
  const { server, alice, bob, carol } = guests;
  is(await alice.ask("MKD", { path: "d" }), "OK");
  for (const guest of ["bob", "carol"]) await share(alice, "d", "rwcd", guest);
  is(await alice.upload("d/f.txt", "one"), "OK", 226);
  // An upload of the owner begins before the lock.
  is(await alice.ask("UPLOAD", { filename: "d/late.txt", file_size: 4 }), "OK", 150);
  const beganMs = Date.now();
  const request = { filename: "/shared/alice/d", for_ms: 60_000, note: "chapter 2" };
  const lock = is(await bob.ask("LOCK", request), "OK");
  const { filename, owner, by, note, mine } = lock;
  assertEquals(
    { filename, owner, by, note, mine },
    { filename: "/shared/alice/d", owner: "alice", by: "bob", note: "chapter 2", mine: true },
  );
  assert((lock.until as number) >= beganMs + 60_000);
  await alice.data("late");
  const late = is(await alice.ask("END"), "LOCKED", 450);
  assertMatch(late.message as string, /^"\/d\/late.txt" is locked by bob until 20.* UTC$/);
  assertEquals(late.lock, { by: "bob", until: lock.until });

  const changes: [string, Record<string, unknown>][] = [
    ["UPLOAD", { filename: "d/f.txt", file_size: 2_000_000 }],
    ["DELE", { filename: "d/f.txt" }],
    ["RMD", { path: "d", recursive: true }],
    ["RENAME", { from: "d", to: "e" }],
    ["RENAME", { from: "d/f.txt", to: "d/g.txt" }],
    ["MKD", { path: "d/sub" }],
    ["MFMT", { filename: "d/f.txt", mtime: 1000 }],
    ["COPY", { from: "d/f.txt", to: "d/f.txt", if_exists: "version" }],
    ["LOCK", { filename: "d/f.txt" }],
    ["UNLOCK", { filename: "d" }],
  ];
  for (const [command, data] of changes) is(await alice.ask(command, data), "LOCKED", 450);
  const guest = await carol.ask("DELE", { filename: "/shared/alice/d/f.txt" });
  assertMatch(
    is(guest, "LOCKED").message as string,
    /^"\/shared\/alice\/d\/f.txt" is locked by bob/,
  );

  // Reading goes on, and shows the lock.
  const { entries } = is(await alice.ask("LIST", { path: "d" }), "OK");
  const [entry] = entries as { name: string; lock: unknown }[];
  assertEquals([entry!.name, entry!.lock], ["f.txt", { by: "bob", until: lock.until }]);
  assertEquals(is(await alice.ask("STAT", { filename: "d" }), "OK").lock, entry!.lock);
  const { letters } = is(await alice.ask("WHY", { path: "d/f.txt" }), "OK");
  const rule = (letters as { letter: string; allowed: boolean; rule: string }[])
    .find(({ letter }) => letter === "w");
  assertMatch(`${rule!.allowed} ${rule!.rule}`, /^false "\/d\/f.txt" is locked by bob/);

  // The holder works, in other sessions too.
  is(await bob.upload("/shared/alice/d/f.txt", "two", { overwrite: true }), "OK", 226);
  is(await bob.ask("MKD", { path: "/shared/alice/d/sub" }), "OK");

  // The owner breaks the lock; what was refused at its end goes on.
  is(await carol.ask("UNLOCK", { filename: "/shared/alice/d", force: true }), "PERMISSION_DENIED");
  is(await alice.ask("UNLOCK", { filename: "d", force: true }), "OK");
  is(await alice.ask("UNLOCK", { filename: "d", force: true }), "FILE_NOT_FOUND");
  is(await alice.ask("DELE", { filename: "d/f.txt" }), "OK");
  assertEquals(is(await bob.ask("LOCKS"), "OK").locks, []);
  assertEquals(await server.catalog.locks.list({ nowMs: 0 }, { count: 9 }), []);
});

among("locks end with the share, and administrators see and break all", async (guests) => {
  const { server, alice, bob } = guests;
  await addAccount(server.vault, "root", "rwcdt");
  using admin = await login(server, "root");
  is(await alice.ask("MKD", { path: "d" }), "OK");
  await share(alice, "d", "rw");
  is(await bob.ask("LOCK", { filename: "/shared/alice/d/new" }), "OK");
  is(await alice.ask("LOCK", { filename: "own", for_ms: 24 * 3600_000 }), "OK");
  is(await alice.ask("LOCK", { filename: "own", for_ms: 24 * 3600_000 + 1 }), "BAD_REQUEST");
  is(await alice.ask("LOCK", { filename: "own", note: "a\nb" }), "BAD_REQUEST");
  const seen = async () =>
    (is(await alice.ask("LOCKS"), "OK").locks as Lock[]).map((one) => [one.filename, one.by]);
  assertEquals(await seen(), [["/d/new", "bob"], ["/own", "alice"]]);
  is(await alice.ask("LOCKS", { all: true }), "PERMISSION_DENIED");
  const { locks } = is(await admin.ask("LOCKS", { all: true }), "OK");
  assertEquals((locks as { owner: string }[]).map(({ owner }) => owner), ["alice", "alice"]);
  is(await bob.ask("UNLOCK", { filename: "own", username: "alice" }), "PERMISSION_DENIED");
  is(await admin.ask("UNLOCK", { filename: "own", username: "alice" }), "OK");
  is(await admin.ask("UNLOCK", { filename: "own", username: "alice" }), "FILE_NOT_FOUND");
  // Less than w is no right to keep a lock.
  await share(alice, "d", "r");
  await until("the guest's lock ends", async () => (await seen()).length === 0);
  is(await bob.ask("LOCK", { filename: "/shared/alice/d/new" }), "PERMISSION_DENIED");
  // The share ends after it was looked at, and before the lock is taken.
  await share(alice, "d", "rw");
  const { locks: book } = server.catalog;
  const take = book.take.bind(book);
  book.take = async (...wanted) => {
    is(await alice.ask("UNSH", { filename: "d" }), "OK");
    return await take(...wanted);
  };
  is(await bob.ask("LOCK", { filename: "/shared/alice/d/new" }), "PERMISSION_DENIED");
  assertEquals(await seen(), []);
});

among("a guest's lock ends with the group, and with the owner's own permission", async (guests) => {
  const { server, alice, bob } = guests;
  await addAccount(server.vault, "root", "rwcdt");
  using admin = await login(server, "root");
  is(await alice.ask("MKD", { path: "d" }), "OK");
  const takenBy = async (group: string) => {
    is(await admin.ask("ADDG", { group }), "OK");
    is(await admin.ask("JOIN", { group, username: "bob" }), "OK");
    await share(alice, "d", "rw", `@${group}`);
    is(await bob.ask("LOCK", { filename: "/shared/alice/d/new" }), "OK");
  };
  const assertFree = async () => assertEquals(is(await alice.ask("LOCKS"), "OK").locks, []);
  await takenBy("left");
  is(await admin.ask("LEAVE", { group: "left", username: "bob" }), "OK");
  await assertFree();
  await takenBy("removed");
  is(await admin.ask("DELG", { group: "removed" }), "OK");
  await assertFree();
  // As `admin` does it on the data directory.
  await takenBy("beside");
  await leaveGroup(server.catalog, "beside", "bob");
  await assertFree();
  await takenBy("narrowed");
  is(await admin.ask("TRANS", { username: "alice", permissions: "rcd" }), "OK");
  await assertFree();
});
