/** PROTOCOL, "Administration": accounts of others, and what a change of them ends. */
import { ALL } from "../support/pages.ts";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { addAccount, type InProcess, openInProcess, PASSWORD } from "../support/in_process.ts";
import { holds, holdsOnDisk, is, login, MIB } from "../support/native.ts";
import { RawClient } from "../support/raw_client.ts";
import { diskTest } from "../support/engine.ts";

const NEW = "battery staple";

/** An administrator's connection. */
async function administrator(server: InProcess, name = "root"): Promise<RawClient> {
  await addAccount(server.vault, name, "rwcdt");
  return await login(server, name);
}

holds("ADDU makes an account with defaults or the given values", async ({ server }) => {
  using root = await administrator(server);
  is(await root.ask("ADDU", { username: "bob", password: PASSWORD }), "OK");
  const more = { username: "carol", password: PASSWORD, permissions: "cr", quota: 5 };
  is(await root.ask("ADDU", more), "OK");
  is(await root.ask("ADDU", more), "ALREADY_EXISTS");
  for (const username of ["Bob", "shared", "", "a/b", "x".repeat(65)]) {
    is(await root.ask("ADDU", { username, password: PASSWORD }), "BAD_NAME");
  }
  is(await root.ask("ADDU", { username: "dave", password: "short" }), "BAD_REQUEST");
  is(await root.ask("ADDU", { ...more, username: "dave", permissions: "rx" }), "BAD_REQUEST");
  using carol = await login(server, "carol");
  is(await carol.ask("MKD", { path: "d" }), "OK");
  is(await carol.ask("UPLOAD", { filename: "a" }), "PERMISSION_DENIED");
  const { users } = is(await root.ask("USERS"), "OK");
  const shown = (users as Record<string, unknown>[]).map(({ last_login: _, ...user }) => user);
  const none = {
    quota: null,
    used: 0,
    reserved: 0,
    disabled: false,
    expires: null,
    groups: [],
    limits: {},
  };
  const user = { role: "user", permissions: "rwcd", ...none };
  assertEquals(shown, [
    { ...user, username: "alice" },
    { ...user, username: "bob" },
    { ...user, username: "carol", permissions: "rc", quota: 5 },
    { ...user, username: "root", role: "admin", permissions: "rwcdt" },
  ]);
});

holds("USERS lists usage and last login", async ({ server, alice }) => {
  const before = Date.now();
  using root = await administrator(server);
  is(await alice.upload("a", "12345"), "OK", 226);
  const { users } = is(await root.ask("USERS"), "OK");
  const [first] = users as Record<string, unknown>[];
  assertEquals(first!.used, 5);
  assert(Math.abs((first!.last_login as number) - before) < 60_000);
  const { users: rest } = is(await root.ask("USERS", { cursor: "alice" }), "OK");
  assertEquals((rest as { username: string }[]).map(({ username }) => username), ["root"]);
});

holds("TRANS counts at once, in running transfers too", async ({ server, alice }) => {
  using root = await administrator(server);
  is(await alice.upload("large", new Uint8Array(24 * MIB)), "OK", 226);
  using reader = await login(server);
  is(await reader.ask("DOWNLOAD", { filename: "large" }), "OK", 150);
  const { temp_id } = is(await alice.ask("UPLOAD", { filename: "a" }), "OK", 150);
  await alice.data("12345");
  is(await alice.ask("NOOP"), "BAD_SEQUENCE"); // the bytes before it have come
  const changed = is(await root.ask("TRANS", { username: "alice", permissions: "ddc" }), "OK");
  assertEquals(changed.permissions, "cd");
  // The upload ends without another byte of it, and the connection goes on.
  const ended = is(await alice.reply(), "PERMISSION_DENIED");
  assertEquals([ended.temp_id, ended.offset], [temp_id, 5]);
  await alice.data("late");
  await alice.send("END");
  is(await alice.ask("LIST"), "PERMISSION_DENIED");
  is(await alice.ask("MKD", { path: "d" }), "OK");
  is(await reader.untilReply(() => {}), "PERMISSION_DENIED");
  is(await reader.ask("NOOP"), "OK");
  is(await root.ask("TRANS", { username: "alice", permissions: "rw" }), "OK");
  assertEquals(is(await alice.ask("RESUME", { temp_id }), "OK", 150).offset, 5);
  is(await root.ask("TRANS", { username: "nobody", permissions: "r" }), "FILE_NOT_FOUND");
  is(await root.ask("TRANS", { username: "alice", permissions: "x" }), "BAD_REQUEST");
});

holds("an administrator can be made, and unmade", async ({ server, alice }) => {
  using root = await administrator(server);
  is(await alice.ask("USERS"), "PERMISSION_DENIED");
  is(await root.ask("TRANS", { username: "alice", permissions: "t" }), "OK");
  is(await alice.ask("USERS"), "OK");
  is(await alice.ask("TRANS", { username: "root", permissions: "rwcd" }), "OK");
  is(await root.ask("USERS"), "PERMISSION_DENIED");
});

holds("the last administrator stays one", async ({ server }) => {
  using root = await administrator(server);
  is(await root.ask("TRANS", { username: "root", permissions: "rwcd" }), "PERMISSION_DENIED");
  is(await root.ask("DELU", { username: "root" }), "PERMISSION_DENIED");
  is(await root.ask("TRANS", { username: "root", permissions: "t" }), "OK");
  using other = await administrator(server, "other");
  // Two that remove each other at the same moment: one of them is refused.
  const replies = await Promise.all([
    root.ask("DELU", { username: "other" }).catch(() => null),
    other.ask("TRANS", { username: "root", permissions: "" }).catch(() => null),
  ]);
  assert(replies.filter((reply) => reply?.status === "OK").length <= 1);
  const letters = (await server.catalog.accounts(ALL)).map((account) => account.letters);
  assertEquals(letters.filter((some) => some.includes("t")).length, 1);
});

holdsOnDisk(
  "DELU ends everything of an account; the next of its name starts empty",
  async (bench) => {
    const { server, alice } = bench;
    using root = await administrator(server);
    is(await alice.upload("a", "content"), "OK", 226);
    const { token } = is(await alice.ask("TOKEN"), "OK");
    using idle = await RawClient.connect(server);
    is(await idle.ask("AUTH", { token }), "AUTH_SUCCESS");
    is(await alice.ask("UPLOAD", { filename: "big", file_size: 100 }), "OK", 150);
    await alice.data("12345");
    is(await alice.ask("NOOP"), "BAD_SEQUENCE"); // the bytes before it have come
    is(await root.ask("DELU", { username: "alice" }), "OK");
    is(await alice.reply(), "ABORTED");
    assertEquals(await alice.reply(), null);
    assertEquals(await idle.reply(), null);
    using late = await RawClient.connect(server);
    is(await late.ask("AUTH", { username: "alice", password: PASSWORD }), "AUTH_FAILED");
    is(await late.ask("AUTH", { token }), "AUTH_FAILED");
    is(await root.ask("DELU", { username: "alice" }), "FILE_NOT_FOUND");
    const [aside] = [...Deno.readDirSync(`${server.data}/removed`)];
    assertMatch(aside!.name, /^alice-/);
    const kept = `${server.data}/removed/${aside!.name}/files/a`;
    assertEquals(Deno.readTextFileSync(kept), "content");

    is(await root.ask("ADDU", { username: "alice", password: PASSWORD }), "OK");
    using again = await login(server);
    assertEquals(is(await again.ask("LIST"), "OK").entries, []);
    assertEquals(is(await again.ask("PARTS"), "OK").parts, []);
    assertEquals(is(await again.ask("TOKENS"), "OK").tokens, []);
    assertEquals(await server.catalog.usage("alice"), { usedBytes: 0, reservedBytes: 0 });
    is(await again.upload("b", "content"), "OK", 226);
    is(await root.ask("DELU", { username: "alice", keep_files: false }), "OK");
    assertEquals([...Deno.readDirSync(`${server.data}/removed`)].length, 1);
  },
);

holds("a name in another's path reaches nothing outside", async ({ server }) => {
  using root = await administrator(server);
  for (const username of ["../alice", "a/../alice", "", "ALICE", "*", "__proto__"]) {
    is(await root.ask("DELU", { username }), "FILE_NOT_FOUND");
    is(await root.ask("TRANS", { username, permissions: "r" }), "FILE_NOT_FOUND");
    is(await root.ask("QUOTA", { username, bytes: 1 }), "FILE_NOT_FOUND");
    is(await root.ask("RESETPW", { username, password: NEW }), "FILE_NOT_FOUND");
  }
  assert(await server.catalog.account("alice"));
});

holds("an administrator who removes himself is informed", async ({ server }) => {
  using root = await administrator(server);
  await addAccount(server.vault, "other", "t");
  is(await root.ask("DELU", { username: "root" }), "OK");
  assertEquals(await root.reply(), null);
});

holds("QUOTA counts at once, and null takes it away", async ({ server, alice }) => {
  using root = await administrator(server);
  is(await alice.upload("a", "12345"), "OK", 226);
  is(await root.ask("QUOTA", { username: "alice", bytes: 7 }), "OK");
  is(await alice.upload("b", "123"), "QUOTA_EXCEEDED");
  is(await alice.upload("b", "12"), "OK", 226);
  is(await root.ask("QUOTA", { username: "alice", bytes: 0 }), "OK");
  is(await alice.upload("c", "1"), "QUOTA_EXCEEDED");
  assertEquals((await alice.download("a")).final.code, 226);
  is(await root.ask("QUOTA", { username: "alice", bytes: null }), "OK");
  is(await alice.upload("c", "1"), "OK", 226);
  is(await root.ask("QUOTA", { username: "nobody", bytes: 1 }), "FILE_NOT_FOUND");
  is(await root.ask("QUOTA", { username: "alice", bytes: -1 }), "BAD_REQUEST");
  is(await root.ask("QUOTA", { username: "alice" }), "BAD_REQUEST");
});

holds("RESETPW ends sessions and tokens; of the own account the session goes on", async (bench) => {
  const { server, alice } = bench;
  using root = await administrator(server);
  const { token } = is(await alice.ask("TOKEN"), "OK");
  is(await root.ask("RESETPW", { username: "alice", password: "short" }), "BAD_REQUEST");
  is(await alice.ask("LIST"), "OK");
  is(await root.ask("RESETPW", { username: "alice", password: NEW }), "OK");
  assertEquals(await alice.reply(), null);
  using late = await RawClient.connect(server);
  is(await late.ask("AUTH", { token }), "AUTH_FAILED");
  is(await late.ask("AUTH", { username: "alice", password: PASSWORD }), "AUTH_FAILED");
  is(await late.ask("AUTH", { username: "alice", password: NEW }), "AUTH_SUCCESS");
  using second = await login(server, "root");
  is(await root.ask("RESETPW", { username: "root", password: NEW }), "OK");
  is(await root.ask("USERS"), "OK");
  assertEquals(await second.reply(), null);
});

holds("an account without t learns nothing of other accounts", async ({ alice }) => {
  const answers = new Set<string>();
  for (const username of ["alice", "nobody", "Bad Name"]) {
    for (
      const [command, data] of [
        ["ADDU", { username, password: "x" }],
        ["DELU", { username }],
        ["TRANS", { username, permissions: "r" }],
        ["QUOTA", { username, bytes: 1 }],
        ["RESETPW", { username, password: "x" }],
        ["KICK", { session_id: "none" }],
        ["LOGS", { name: "audit", level: "none" }],
      ] as const
    ) {
      answers.add(JSON.stringify(await alice.ask(command, data)));
    }
  }
  assertEquals(answers.size, 1);
  assertMatch([...answers][0]!, /PERMISSION_DENIED/);
});

diskTest("a removal that was cut is completed at the next start", async () => {
  const data = await Deno.makeTempDir({ prefix: "towpath-test-" });
  try {
    {
      await using server = await openInProcess({ data, durability: "relaxed" });
      await addAccount(server.vault, "bob");
      using bob = await login(server, "bob");
      is(await bob.upload("a", "content"), "OK", 226);
      await server.disk.catalog.retireAccount("bob"); // the first step, and no other
      is(await bob.ask("LIST"), "AUTH_REQUIRED");
    }
    await using server = await openInProcess({ data, durability: "relaxed" });
    assertEquals(server.vault.recovery!.accountsRemoved, 1);
    assertEquals(await server.catalog.account("bob"), undefined);
    const [aside] = [...Deno.readDirSync(`${data}/removed`)];
    assertEquals(Deno.readTextFileSync(`${data}/removed/${aside!.name}/files/a`), "content");
  } finally {
    await Deno.remove(data, { recursive: true });
  }
});
