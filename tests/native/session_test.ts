/** PROTOCOL, "Session" and "Frames and login": who is answered what, before and after login. */
import { assert, assertEquals } from "@std/assert";
import { addAccount, openInProcess, PASSWORD } from "../support/in_process.ts";
import { holds, is, login } from "../support/native.ts";
import { RawClient } from "../support/raw_client.ts";

Deno.test("before login only the session's own commands are answered", async () => {
  await using server = await openInProcess();
  using client = await RawClient.connect(server);
  is(await client.ask("FEAT"), "OK", 211);
  is(await client.ask("HELP"), "OK", 214);
  assertEquals(is(await client.ask("SYST"), "OK", 215), { system: "UNIX Type: L8" });
  is(await client.ask("NOOP"), "OK", 200);
  for (const name of ["LIST", "STAT", "TYPE", "PWD", "WHY", "REST", "END", "ABOR", "NOSUCH", ""]) {
    is(await client.ask(name), "AUTH_REQUIRED");
  }
  is(await client.ask("UPLOAD", { filename: "a", pipelined: true }), "AUTH_REQUIRED");
  await client.data("a");
  is(await client.reply(), "AUTH_REQUIRED");
  await client.data(""); // nothing
  is(await client.ask("QUIT"), "OK", 221);
  assertEquals(await client.reply(), null);
});

Deno.test("AUTH reports name, letters and role; t makes an admin", async () => {
  await using server = await openInProcess();
  await addAccount(server.vault, "root", "rwcdt");
  await addAccount(server.vault, "nobody", "");
  using client = await RawClient.connect(server);
  for (
    const [username, permissions, role] of [
      ["alice", "rwcd", "user"],
      ["root", "rwcdt", "admin"],
      ["nobody", "", "user"],
    ]
  ) {
    const data = is(await client.ask("auth", { username, password: PASSWORD }), "AUTH_SUCCESS");
    const { message: _, ...rest } = data;
    assertEquals(rest, { username, permissions, role, progress: true });
  }
});

Deno.test("wrong name and wrong password get the same reply", async () => {
  await using server = await openInProcess();
  using client = await RawClient.connect(server);
  const wrong = await client.ask("AUTH", { username: "alice", password: "wrong password" });
  const unknown = await client.ask("AUTH", { username: "mallory", password: PASSWORD });
  is(wrong, "AUTH_FAILED");
  assertEquals(unknown, wrong);
  is(await client.ask("AUTH", { token: "none" }), "AUTH_FAILED");
  is(await client.ask("AUTH", { username: "alice" }), "BAD_REQUEST");
  is(await client.ask("AUTH", { password: PASSWORD }), "BAD_REQUEST");
  is(await client.ask("LIST"), "AUTH_REQUIRED");
});

Deno.test("USER answers the same for every name, PASS logs in as AUTH does", async () => {
  await using server = await openInProcess();
  using client = await RawClient.connect(server);
  is(await client.ask("PASS", { password: PASSWORD }), "BAD_SEQUENCE");
  const unknown = await client.ask("USER", { username: "mallory" });
  is(unknown, "NEED_PASSWORD", 331);
  is(await client.ask("PASS", { password: PASSWORD }), "AUTH_FAILED");
  is(await client.ask("PASS", { password: PASSWORD }), "BAD_SEQUENCE");
  assertEquals(await client.ask("USER", { username: "alice" }), unknown);
  const data = is(await client.ask("PASS", { password: PASSWORD }), "AUTH_SUCCESS");
  assertEquals(data.username, "alice");
});

holds("AUTH switches the account; a failed one changes nothing", async ({ server, alice }) => {
  await addAccount(server.vault, "bob", "r");
  await alice.upload("dir/mine", "1", { make_dirs: true });
  is(await alice.ask("CWD", { path: "dir" }), "OK", 250);
  is(await alice.ask("AUTH", { username: "bob", password: "wrong password" }), "AUTH_FAILED");
  is(await alice.ask("USER", { username: "bob" }), "NEED_PASSWORD");
  is(await alice.ask("PASS", { password: "wrong password" }), "AUTH_FAILED");
  is(await alice.ask("SIZE", { filename: "mine" }), "OK", 213);
  is(await alice.ask("AUTH", { username: "bob", password: PASSWORD }), "AUTH_SUCCESS");
  assertEquals(is(await alice.ask("PWD"), "OK", 257).path, "/");
  is(await alice.ask("SIZE", { filename: "/dir/mine" }), "FILE_NOT_FOUND");
  is(await alice.ask("UPLOAD", { filename: "x" }), "PERMISSION_DENIED");
});

holds("FEAT and HELP list features and commands", async ({ alice }) => {
  const feat = is(await alice.ask("FEAT"), "OK", 211);
  assertEquals(feat.protocol, 1);
  assertEquals(feat.limits, {
    json: 1_048_576,
    data: 1_048_576,
    chunk_size: 524_280,
    pipeline: 256,
  });
  assert(Array.isArray(feat.features) && typeof feat.server === "string");
  assertEquals(typeof feat.version, "string");
  const { commands } = is(await alice.ask("HELP"), "OK", 214);
  assert((commands as { name: string }[]).some(({ name }) => name === "UPLOAD"));
  const one = is(await alice.ask("HELP", { command: "stor" }), "OK", 214);
  assertEquals((one.commands as unknown[]).length, 1);
});

holds("STAT without a filename, TYPE, unknown commands", async ({ alice }) => {
  const stat = is(await alice.ask("STAT"), "OK", 211);
  assertEquals(stat.username, "alice");
  is(await alice.ask("TYPE", { type: "I" }), "OK", 200);
  is(await alice.ask("TYPE", { type: "i" }), "OK", 200);
  is(await alice.ask("TYPE", { type: "A" }), "UNSUPPORTED");
  is(await alice.ask("TYPE"), "BAD_REQUEST");
  for (const name of ["NOSUCH", "", "__proto__", "constructor", "toString", "LIST "]) {
    is(await alice.ask(name), "UNKNOWN_COMMAND");
  }
  is(await alice.ask("X".repeat(1_000_000)), "UNKNOWN_COMMAND");
  is(await alice.ask("nOoP"), "OK", 200);
});

holds("QUIT closes after its reply, also behind slower requests", async ({ server, alice }) => {
  await alice.upload("a", new Uint8Array(3_000_000));
  await alice.send("VERIFY", {}, 1);
  await alice.send("QUIT", {}, 2);
  await alice.send("NOOP", {}, 3);
  is(await alice.reply(), "OK", 200, 1);
  is(await alice.reply(), "OK", 221, 2);
  assertEquals(await alice.reply(), null);
  using other = await login(server);
  await other.send("UPLOAD", { filename: "b", pipelined: true }, 1);
  await other.data("b");
  await other.send("END");
  await other.send("QUIT", {}, 2);
  is(await other.reply(), "OK", 226, 1);
  is(await other.reply(), "OK", 221, 2);
  assertEquals(await other.reply(), null);
});
