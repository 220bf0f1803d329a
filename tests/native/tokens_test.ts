/** PROTOCOL, "Session": tokens, and what they are narrowed to, in every command. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { type CommandName, REQUESTS } from "../../protocol/messages.ts";
import { ROWS } from "../../server/native/table.ts";
import { addAccount, type InProcess, PASSWORD } from "../support/in_process.ts";
import { holds, holdsOnDisk, is, login, MIB, until } from "../support/native.ts";
import { RawClient } from "../support/raw_client.ts";

/** Makes a token and logs in with it. */
async function withToken(
  server: InProcess,
  owner: RawClient,
  wanted: Record<string, unknown> = {},
): Promise<{ client: RawClient; id: string; secret: string }> {
  const made = is(await owner.ask("TOKEN", wanted), "OK");
  const client = await RawClient.connect(server);
  is(await client.ask("AUTH", { token: made.token }), "AUTH_SUCCESS");
  return { client, id: made.token_id as string, secret: made.token as string };
}

holdsOnDisk("a token is shown once, and kept as a hash", async ({ server, alice }) => {
  const before = Date.now();
  const { client, id, secret } = await withToken(server, alice, { label: "laptop ä", ttl_ms: 9e9 });
  assertMatch(secret, /^towpath_[\w-]{43}$/);
  const reply = is(await alice.ask("TOKENS"), "OK");
  assert(!JSON.stringify(reply).includes(secret));
  const [token] = reply.tokens as Record<string, unknown>[];
  const { created, last_used, expires, ...rest } = token!;
  assertEquals(rest, { token_id: id, label: "laptop ä", permissions: "rwcd", path: "/" });
  assert((created as number) >= before && (last_used as number) >= (created as number));
  assertEquals(expires, (created as number) + 9e9);
  is(await client.upload("a", "content"), "OK", 226);
  const bytes = Deno.readFileSync(`${server.data}/catalog.db-wal`);
  assert(!new TextDecoder("latin1").decode(bytes).includes(secret.slice(8)));
  client.close();
});

holds("a token that is none is AUTH_FAILED and changes nothing", async ({ server, alice }) => {
  const { client, id, secret } = await withToken(server, alice);
  for (const token of ["", "towpath_", id, secret.slice(0, -1), `${secret} `, "x".repeat(10_000)]) {
    is(await client.ask("AUTH", { token }), "AUTH_FAILED");
  }
  is(await client.ask("LIST"), "OK");
  client.close();
});

holds("a token's letters are the account's at most, at each use", async ({ server, alice }) => {
  for (const permissions of ["t", "rt", "rwcdt"]) {
    is(await alice.ask("TOKEN", { permissions }), "PERMISSION_DENIED");
  }
  is(await alice.ask("TOKEN", { permissions: "x" }), "BAD_REQUEST");
  const { client } = await withToken(server, alice, { permissions: "dwr" });
  const { secret, client: other } = await withToken(server, alice, { permissions: "dwr" });
  other.close();
  is(await client.upload("a", "content"), "OK", 226);
  is(await client.ask("MKD", { path: "d" }), "PERMISSION_DENIED");
  await server.catalog.setLetters("alice", "rcd");
  is(await client.ask("UPLOAD", { filename: "b" }), "PERMISSION_DENIED");
  is(await client.ask("MKD", { path: "d" }), "PERMISSION_DENIED");
  const again = is(await client.ask("AUTH", { token: secret }), "AUTH_SUCCESS");
  assertEquals([again.permissions, again.role], ["rd", "user"]);
  await server.catalog.setLetters("alice", "rwcdt");
  is(await client.upload("b", "content"), "OK", 226);
  is(await client.ask("USERS"), "PERMISSION_DENIED"); // what came later is not the token's
  client.close();
});

holds(
  "a token cannot change the password, make tokens or revoke them",
  async ({ server, alice }) => {
    const { client, id } = await withToken(server, alice);
    const passwords = { password: PASSWORD, new_password: "battery staple" };
    is(await client.ask("PASSWD", passwords), "PERMISSION_DENIED");
    is(await client.ask("TOKEN"), "PERMISSION_DENIED");
    is(await client.ask("REVOKE", { token_id: id }), "PERMISSION_DENIED");
    is(await client.ask("REVOKE", { token_id: "none" }), "PERMISSION_DENIED");
    is(await client.ask("TOKENS"), "OK");
    await addAccount(server.vault, "root", "rwcdt");
    using root = await login(server, "root");
    const { client: admin } = await withToken(server, root);
    const reset = { username: "root", password: "battery staple" };
    is(await admin.ask("RESETPW", reset), "PERMISSION_DENIED");
    client.close();
    admin.close();
  },
);

holds("REVOKE ends the token's sessions, uploads kept", async ({ server, alice }) => {
  await addAccount(server.vault, "bob");
  using bob = await login(server, "bob");
  const { client, id, secret } = await withToken(server, alice);
  const other = await withToken(server, alice);
  is(await bob.ask("REVOKE", { token_id: id }), "FILE_NOT_FOUND");
  assertEquals(is(await bob.ask("TOKENS"), "OK").tokens, []);
  const { temp_id } = is(await client.ask("UPLOAD", { filename: "big" }), "OK", 150);
  await client.data("12345");
  is(await client.ask("NOOP"), "BAD_SEQUENCE"); // the bytes before it have come
  is(await alice.ask("REVOKE", { token_id: id }), "OK");
  assertEquals(is(await client.reply(), "ABORTED").offset, 5);
  assertEquals(await client.reply(), null);
  using late = await RawClient.connect(server);
  is(await late.ask("AUTH", { token: secret }), "AUTH_FAILED");
  is(await alice.ask("REVOKE", { token_id: id }), "FILE_NOT_FOUND");
  is(await other.client.ask("LIST"), "OK");
  assertEquals(is(await alice.ask("RESUME", { temp_id }), "OK", 150).offset, 5);
  client.close();
  other.client.close();
});

holds("REVOKE without token_id gives up the token that was shown", async ({ server, alice }) => {
  const { client, id, secret } = await withToken(server, alice);
  using second = await RawClient.connect(server);
  is(await second.ask("AUTH", { token: secret }), "AUTH_SUCCESS");
  assertMatch(String(is(await alice.ask("REVOKE"), "BAD_REQUEST").message), /token_id/);
  is(await client.ask("REVOKE"), "OK");
  assertEquals(await second.reply(), null); // ended
  is(await client.ask("LIST"), "AUTH_REQUIRED");
  using late = await RawClient.connect(server);
  is(await late.ask("AUTH", { token: secret }), "AUTH_FAILED");
  is(await alice.ask("REVOKE", { token_id: id }), "FILE_NOT_FOUND");
  client.close();
});

holds("a token revoked by another process stops a download", async ({ server, alice }) => {
  is(await alice.upload("large", new Uint8Array(24 * MIB)), "OK", 226);
  const { client, id } = await withToken(server, alice);
  is(await client.ask("DOWNLOAD", { filename: "large" }), "OK", 150);
  await server.catalog.tokens.remove("alice", id);
  is(await client.untilReply(() => {}), "AUTH_REQUIRED");
  assertEquals(await client.reply(), null);
  client.close();
});

holds("an expired token's sessions end by themselves", async ({ server, alice }) => {
  const { client, secret } = await withToken(server, alice, { ttl_ms: 300 });
  assertEquals(await client.reply(), null); // no request was needed
  using late = await RawClient.connect(server);
  is(await late.ask("AUTH", { token: secret }), "AUTH_FAILED");
  assertEquals(is(await alice.ask("TOKENS"), "OK").tokens, []);
  for (const ttl_ms of [0, -1, 1.5, "1", Number.MAX_SAFE_INTEGER]) {
    is(await alice.ask("TOKEN", { ttl_ms }), "BAD_REQUEST");
  }
  client.close();
});

holds("PASSWD revokes all tokens of the account", async ({ server, alice }) => {
  const { client, secret } = await withToken(server, alice);
  const passwords = { password: PASSWORD, new_password: "battery staple" };
  is(await alice.ask("PASSWD", passwords), "OK");
  assertEquals(await client.reply(), null);
  using late = await RawClient.connect(server);
  is(await late.ask("AUTH", { token: secret }), "AUTH_FAILED");
  assertEquals(is(await alice.ask("TOKENS"), "OK").tokens, []);
  client.close();
});

holds("labels are texts of one line; there is an end to tokens", async ({ alice }) => {
  for (const label of ["a\nb", "\u001b[2J", "\u0085", "x".repeat(201), 5]) {
    is(await alice.ask("TOKEN", { label }), "BAD_REQUEST");
  }
  for (let i = 0; i < 250; i++) is(await alice.ask("TOKEN", { label: '"'.repeat(200) }), "OK");
  is(await alice.ask("TOKEN"), "QUOTA_EXCEEDED");
  assertEquals((is(await alice.ask("TOKENS"), "OK").tokens as unknown[]).length, 250);
});

/** Data that names a path in every member that takes one. */
function at(path: string): Record<string, unknown> {
  return {
    filename: path,
    path,
    from: path,
    to: path,
    offset: 0,
    mtime: 0,
    username: "nobody",
    permissions: "r",
  };
}

/** Rows with members that name a path, which are no place to reach or are held elsewhere. */
const OTHERWISE = ["WHY", "RESUME", "RNTO", "TOKEN"];
const PATH_MEMBERS = ["filename", "path", "from", "to"];

/** Commands that reach what one of their members names. */
function withPaths(): string[] {
  return ROWS.map(({ name }) => name).filter((name) => {
    const members = Object.keys(REQUESTS[name as CommandName].entries);
    return !OTHERWISE.includes(name) && members.some((member) => PATH_MEMBERS.includes(member));
  });
}

holds("outside of a token's path every command is denied", async ({ server, alice }) => {
  for (const name of ["in/x", "inn/x", "out/x", "in.x"]) {
    is(await alice.upload(name, "content", { make_dirs: true }), "OK", 226);
  }
  const { client } = await withToken(server, alice, { path: "/in" });
  const outside = ["/", "/out", "/out/x", "/inn", "/inn/x", "/in.x", "/in/../out/x", "/none/none"];
  const commands = withPaths();
  assert(commands.length >= 20 && commands.includes("UPLOAD"));
  for (const command of commands) {
    for (const path of outside) {
      const reply = await client.ask(command, at(path));
      assertEquals(reply.status, "PERMISSION_DENIED", `${command} ${path}`);
    }
  }
  for (const path of outside) {
    is(await client.ask("RESUME", { filename: path }), "PERMISSION_DENIED");
    for (const [from, to] of [["/in/x", path], [path, "/in/y"]]) {
      is(await client.ask("RENAME", { from, to }), "PERMISSION_DENIED");
      is(await client.ask("COPY", { from, to }), "PERMISSION_DENIED");
    }
    is(await client.ask("RNFR", { filename: "/in/x" }), "OK", 350);
    is(await client.ask("RNTO", { filename: path }), "PERMISSION_DENIED");
    const { letters } = is(await client.ask("WHY", { path }), "OK");
    for (const { letter, allowed } of letters as { letter: string; allowed: boolean }[]) {
      assertEquals(allowed, false, `${letter} at ${path}`);
    }
  }
  is(await alice.ask("SIZE", { filename: "/in/x" }), "OK"); // nothing of it happened
  client.close();
});

holds("within a token's path everything goes, but for the place itself", async (bench) => {
  const { server, alice } = bench;
  is(await alice.upload("in/x", "content", { make_dirs: true }), "OK", 226);
  const { client } = await withToken(server, alice, { path: "in/" });
  is(await client.ask("CWD", { path: "in" }), "OK", 250);
  is(await client.ask("CDUP"), "PERMISSION_DENIED");
  assertEquals(is(await client.ask("PWD"), "OK").path, "/in"); // names stay the account's
  is(await client.upload("d/y", "content", { make_dirs: true }), "OK", 226);
  assertEquals((await client.download("x")).final.code, 226);
  is(await client.ask("RENAME", { from: "x", to: "d/x" }), "OK");
  is(await client.ask("COPY", { from: "d/x", to: "x" }), "OK");
  is(await client.ask("DELE", { filename: "d/x" }), "OK");
  is(await client.ask("RMD", { path: "d", recursive: true }), "OK");
  is(await client.ask("RMD", { path: "/in", recursive: true }), "PERMISSION_DENIED");
  is(await client.ask("RNFR", { filename: "/in" }), "PERMISSION_DENIED");
  is(await client.ask("MFMT", { filename: "/in", mtime: 0 }), "PERMISSION_DENIED");
  is(await client.ask("LIST"), "OK");
  client.close();
});

holds("a token for one file reads that file, and learns of no other", async (bench) => {
  const { server, alice } = bench;
  for (let i = 0; i < 2; i++) is(await alice.upload("x.txt", `content ${i}`), "OK", 226);
  const { client } = await withToken(server, alice, { path: "/x.txt" });
  assertEquals((await client.download("x.txt")).final.code, 226);
  const { versions } = is(await client.ask("VERSIONS", { filename: "x.txt" }), "OK");
  assertEquals((versions as { filename: string }[]).map(({ filename }) => filename), [
    "/x.txt",
  ]);
  for (const if_exists of ["version", "overwrite", "skip"]) {
    const data = { filename: "x.txt", if_exists, file_size: 1, file_hash: "0".repeat(64) };
    is(await client.ask("UPLOAD", data), "PERMISSION_DENIED");
  }
  is(await client.ask("VIEW", { filename: "x_v2.txt" }), "PERMISSION_DENIED");
  client.close();
});

holds("a token makes no directories above its path", async ({ server, alice }) => {
  const { client } = await withToken(server, alice, { path: "/a/b" });
  const data = { filename: "/a/b/c/x", make_dirs: true };
  is(await client.ask("UPLOAD", data), "PERMISSION_DENIED");
  is(await client.ask("MKD", { path: "/a/b", make_dirs: true }), "PERMISSION_DENIED");
  is(await alice.ask("SIZE", { filename: "/a" }), "FILE_NOT_FOUND");
  is(await alice.ask("MKD", { path: "/a" }), "OK");
  is(await client.upload("/a/b/c/x", "content", { make_dirs: true }), "OK", 226);
  client.close();
});

holds("unfinished uploads elsewhere do not exist for a token", async ({ server, alice }) => {
  const begin = async (filename: string) => {
    const { temp_id } = is(await alice.ask("UPLOAD", { filename, make_dirs: true }), "OK", 150);
    await alice.data("12345");
    is(await alice.ask("ABOR"), "ABORTED");
    is(await alice.reply(), "OK", 226);
    return temp_id;
  };
  const [inside, outside] = [await begin("/in/x"), await begin("/out/x")];
  const { client } = await withToken(server, alice, { path: "/in" });
  const { parts } = is(await client.ask("PARTS"), "OK");
  assertEquals((parts as { temp_id: string }[]).map(({ temp_id }) => temp_id), [inside]);
  is(await client.ask("RESUME", { temp_id: outside }), "TRANSFER_NOT_FOUND");
  is(await client.ask("ABOR", { temp_id: outside, discard: true }), "TRANSFER_NOT_FOUND");
  assertEquals(is(await client.ask("RESUME", { temp_id: inside }), "OK", 150).offset, 5);
  is(await client.ask("ABOR", { discard: true }), "ABORTED");
  is(await client.reply(), "OK");
  assertEquals((is(await alice.ask("PARTS"), "OK").parts as unknown[]).length, 1);
  client.close();
});

holds("a token with a path administers nothing", async ({ server }) => {
  await addAccount(server.vault, "root", "rwcdt");
  using root = await login(server, "root");
  is(await root.ask("TOKEN", { path: "/x", permissions: "rt" }), "PERMISSION_DENIED");
  const { client } = await withToken(server, root, { path: "/x" });
  for (const { name, letters } of ROWS) {
    if (!letters.includes("t")) continue;
    const names = { session_id: "x", name: "audit", network: "192.0.2.0/24", username: "alice" };
    const others = { group: "staff", directory: "/x" };
    const data = { ...at("/x"), ...names, ...others, password: PASSWORD, bytes: 1, temp_id: "x" };
    is(await client.ask(name, data), "PERMISSION_DENIED");
  }
  const whole = await withToken(server, root, { permissions: "t" });
  is(await whole.client.ask("USERS"), "OK");
  await until("the token's use was noted", async () => {
    const { tokens } = is(await root.ask("TOKENS"), "OK");
    return (tokens as { last_used: number | null }[]).every(({ last_used }) => last_used !== null);
  });
  client.close();
  whole.client.close();
});
