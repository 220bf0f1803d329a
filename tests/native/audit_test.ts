/** The audit log: who, from where, what, with what result; no secrets, no forged lines. */
import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { auditLine, AuditLog } from "../../server/monitor/audit_log.ts";
import type { AuditActor, AuditEvent, AuditSink } from "../../storage/monitor/audit.ts";
import { addAccount, PASSWORD } from "../support/in_process.ts";
import { holds, is, login } from "../support/native.ts";
import { RawClient } from "../support/raw_client.ts";

/** A sink that a test looks into. */
class Recorder implements AuditSink {
  readonly entries: (AuditActor & AuditEvent)[] = [];

  write(actor: AuditActor, event: AuditEvent): void {
    this.entries.push({ ...actor, ...event });
  }

  /** Events since the last call, without members that differ each time. */
  take(): Record<string, unknown>[] {
    return this.entries.splice(0).map(({ session, ms, address, door, ...rest }) => {
      assertMatch(session, /^[0-9a-f-]{36}$/);
      assertEquals([address, door], ["127.0.0.1", "native"]);
      assert(ms === undefined || (Number.isInteger(ms) && ms >= 0));
      return rest;
    });
  }
}

function audits(
  name: string,
  run: (
    bench: { reported: Recorder; alice: RawClient; root: RawClient; port: RawClient },
  ) => Promise<void>,
) {
  const reported = new Recorder();
  holds(name, async ({ server, alice }) => {
    await addAccount(server.vault, "root", "rwcdt");
    using root = await login(server, "root");
    using port = await RawClient.connect(server);
    reported.take();
    await run({ reported, alice, root, port });
  }, { audit: reported });
}

const A = { account: "alice" };
const R = { account: "root" };

audits("logins and refused logins", async ({ reported, alice, port }) => {
  const { token, token_id } = is(await alice.ask("TOKEN", { label: "x" }), "OK");
  is(await port.ask("AUTH", { username: "alice", password: PASSWORD }), "AUTH_SUCCESS");
  is(await port.ask("AUTH", { username: "alice", password: "wrong password" }), "AUTH_FAILED");
  is(await port.ask("AUTH", { username: "nobody", password: "wrong password" }), "AUTH_FAILED");
  is(await port.ask("AUTH", { username: "my Password!", password: "x" }), "AUTH_FAILED");
  is(await port.ask("AUTH", { token }), "AUTH_SUCCESS");
  is(await port.ask("AUTH", { token: "none" }), "AUTH_FAILED");
  is(await port.ask("REG", { username: "carol", password: PASSWORD }), "PERMISSION_DENIED");
  const entries = reported.take();
  const text = JSON.stringify(entries);
  for (const secret of [token as string, "my Password!", "wrong password", PASSWORD]) {
    assert(!text.includes(secret), secret);
  }
  assertEquals(entries, [
    { ...A, action: "token", subject: token_id, result: "ok" },
    { ...A, action: "login", result: "ok" },
    { ...A, action: "login", result: "failed" },
    { account: "nobody", action: "login", result: "failed" },
    { account: null, action: "login", result: "failed" },
    { ...A, token: token_id, action: "login", result: "ok" },
    { account: null, action: "login", result: "failed", value: "token" },
    { account: "carol", action: "register", result: "denied" },
  ]);
});

audits("what a crowd of strangers is refused does not fill the log", async ({ reported, port }) => {
  for (let i = 0; i < 200; i++) is(await port.ask("AUTH", { token: `${i}` }), "AUTH_FAILED");
  for (let i = 0; i < 100; i++) {
    await port.ask("AUTH", { username: "alice", password: `guess ${i} of it` });
  }
  for (let i = 0; i < 200; i++) {
    is(await port.ask("REG", { username: `u${i}`, password: PASSWORD }), "PERMISSION_DENIED");
  }
  const entries = reported.take();
  // 20 of an address one by one, then one a second; passwords that were hashed besides.
  assert(entries.length < 45, `${entries.length} lines`);
});

audits("uploads, downloads, and what becomes of names", async ({ reported, alice }) => {
  const upload = { ...A, action: "upload", paths: ["/a"], bytes: 7 };
  is(await alice.upload("a", "content"), "OK");
  is(await alice.upload("a", "content"), "OK");
  is(await alice.ask("UPLOAD", { filename: "a", if_exists: "fail" }), "ALREADY_EXISTS");
  is(await alice.ask("UPLOAD", { filename: "../a" }), "PERMISSION_DENIED");
  is(await alice.ask("UPLOAD", { filename: "b" }), "OK");
  await alice.data("12345");
  is(await alice.ask("ABOR"), "ABORTED");
  is(await alice.reply(), "OK");
  const { temp_id } = is(await alice.ask("RESUME", { filename: "b" }), "OK");
  await alice.data("678");
  is(await alice.ask("ABOR", { discard: true }), "ABORTED");
  is(await alice.reply(), "OK");
  await alice.ask("UPLOAD", { filename: "c", file_hash: "0".repeat(64), file_size: 1 });
  await alice.data("x");
  is(await alice.reply(), "CHECKSUM_FAILED");
  assertEquals((await alice.download("a", { offset: 2 })).final.code, 226);
  is(await alice.ask("DOWNLOAD", { filename: "none" }), "FILE_NOT_FOUND");
  is(await alice.ask("LIST"), "OK");
  is(await alice.ask("SIZE", { filename: "none" }), "FILE_NOT_FOUND");
  is(await alice.ask("MKD", { path: "d" }), "OK");
  is(await alice.ask("RENAME", { from: "a", to: "d/a" }), "OK");
  is(await alice.ask("RENAME", { from: "a", to: "d/a" }), "FILE_NOT_FOUND");
  is(await alice.ask("DELE", { filename: "d/a" }), "OK");
  is(await alice.ask("MFMT", { filename: "d", mtime: 0 }), "OK");
  is(await alice.ask("RMD", { path: "d" }), "OK");
  is(await alice.ask("ABOR", { temp_id, discard: true }), "TRANSFER_NOT_FOUND");
  assertEquals(reported.take(), [
    { ...upload, result: "ok" },
    { ...upload, paths: ["/a", "/a_v2"], result: "ok" },
    { ...A, action: "upload", paths: ["/a"], result: "exists" },
    { ...A, action: "path", paths: ["../a"], result: "denied" },
    { ...upload, paths: ["/b"], bytes: 5, result: "suspended" },
    { ...upload, paths: ["/b"], bytes: 3, result: "discarded" },
    { ...upload, paths: ["/c"], bytes: 1, result: "checksum" },
    { ...A, action: "download", paths: ["/a"], bytes: 5, result: "ok" },
    { ...A, action: "download", paths: ["/none"], result: "not-found" },
    { ...A, action: "make-directory", paths: ["/d"], result: "ok" },
    { ...A, action: "rename", paths: ["/a", "/d/a"], result: "ok" },
    { ...A, action: "rename", paths: ["/a", "/d/a"], result: "not-found" },
    { ...A, action: "delete", paths: ["/d/a"], result: "ok" },
    { ...A, action: "touch", paths: ["/d"], result: "ok" },
    { ...A, action: "remove-directory", paths: ["/d"], result: "ok" },
    { ...A, action: "drop-upload", paths: [], subject: temp_id, result: "transfer-not-found" },
  ]);
});

audits("accounts, letters, sessions, and refusals", async ({ reported, alice, root }) => {
  const user = { username: "carol" };
  is(await root.ask("ADDU", { ...user, password: PASSWORD, permissions: "r" }), "OK");
  is(await root.ask("TRANS", { ...user, permissions: "rw" }), "OK");
  is(await root.ask("QUOTA", { ...user, bytes: 5 }), "OK");
  is(await root.ask("RESETPW", { ...user, password: "battery staple" }), "OK");
  is(await root.ask("DELU", { ...user }), "OK");
  is(await root.ask("TRANS", { username: "root", permissions: "" }), "PERMISSION_DENIED");
  is(await root.ask("KICK", { session_id: "none" }), "FILE_NOT_FOUND");
  is(await root.ask("USERS"), "OK");
  is(await alice.ask("USERS"), "PERMISSION_DENIED");
  is(await alice.ask("LOGS", { name: "audit" }), "PERMISSION_DENIED");
  is(await alice.ask("ADDU", { ...user, password: PASSWORD }), "PERMISSION_DENIED");
  is(await root.ask("TRANS", { username: "alice", permissions: "w" }), "OK");
  is(await alice.ask("LIST"), "PERMISSION_DENIED");
  const passwords = { password: PASSWORD, new_password: "battery staple" };
  is(await alice.ask("PASSWD", passwords), "OK");
  const entries = reported.take();
  assert(!JSON.stringify(entries).includes("staple"));
  assertEquals(entries, [
    { ...R, action: "account", subject: "carol", value: "r", result: "ok" },
    { ...R, action: "letters", subject: "carol", value: "rw", result: "ok" },
    { ...R, action: "quota", subject: "carol", value: 5, result: "ok" },
    { ...R, action: "reset-password", subject: "carol", result: "ok" },
    { ...R, action: "remove-account", subject: "carol", result: "ok" },
    { ...R, action: "letters", subject: "root", value: "", result: "denied" },
    { ...R, action: "kick", subject: "none", result: "not-found" },
    { ...A, action: "users", result: "denied" },
    { ...A, action: "logs", subject: "audit", result: "denied" },
    { ...A, action: "account", subject: "carol", result: "denied" },
    { ...R, action: "letters", subject: "alice", value: "w", result: "ok" },
    { ...A, action: "list", paths: ["/"], result: "denied" },
    { ...A, action: "password", paths: [], result: "ok" },
  ]);
});

Deno.test("no name ends a line, steers a terminal or grows without end", () => {
  const actor: AuditActor = { account: "alice", door: "web", address: "::1", session: "s" };
  const names = [
    'x\n{"time":"forged"}',
    "\r\u001b[2J\u0000\u007f\u0085\u009b",
    "\u2028\u2029\u202e\u2066\u200f",
    '"},{"',
    "x".repeat(1_000_000),
  ];
  const line = auditLine(0, actor, { action: "delete", result: "denied", paths: names });
  assertEquals(line.indexOf("\n"), line.length - 1);
  // deno-lint-ignore no-control-regex
  assertNotMatch(line.trimEnd(), /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202e\u2066\u200f]/);
  assert(line.length < 10_000);
  const entry = JSON.parse(line);
  assertEquals(entry.paths.slice(0, 4), names.slice(0, 4));
  assertEquals([entry.time, entry.level], ["1970-01-01T00:00:00.000Z", "warning"]);
});

Deno.test("a line names its node, where several share the accounts", () => {
  const actor: AuditActor = { account: "alice", door: "web", address: "::1", session: "s" };
  const event = { action: "delete", result: "ok" } as const;
  assertEquals(JSON.parse(auditLine(0, actor, event, "n1")).node, "n1");
  assertEquals("node" in JSON.parse(auditLine(0, actor, event)), false);
});

Deno.test("lines are gathered, and handed on after a moment, or when they are many", async () => {
  const posted: string[] = [];
  const first = Promise.withResolvers<void>();
  const log = new AuditLog((lines) => {
    posted.push(lines);
    first.resolve();
  });
  const actor: AuditActor = { account: "alice", door: "native", address: "::1", session: "s" };
  for (let i = 0; i < 3; i++) log.write(actor, { action: "delete", result: "ok", bytes: i });
  assertEquals(posted.length, 0);
  await first.promise;
  assertEquals(posted.length, 1);
  assertEquals(posted[0]!.split("\n").length, 4);
  for (let i = 0; i < 1000; i++) log.write(actor, { action: "delete", result: "ok", bytes: i });
  assert(posted.length > 1);
  log.flush();
  const lines = posted.join("").trimEnd().split("\n");
  assertEquals(lines.slice(3).map((line) => JSON.parse(line).bytes), [...Array(1000).keys()]);
  log.flush();
});
