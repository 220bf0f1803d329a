/** Every refused login, at every door and by every method, is in the audit log, and no secret is. */
import { delay } from "@std/async";
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import type { AuditActor, AuditEvent } from "../../../storage/monitor/audit.ts";
import { QuietAudit } from "../../../server/auth/quiet_audit.ts";
import { openWebDoor } from "../../../server/web/door.ts";
import { openFtp } from "../../support/ftp.ts";
import { is } from "../../support/native.ts";
import { RawClient } from "../../support/raw_client.ts";
import { WebClient } from "../../support/web.ts";
import { basic, tokenOf, WebProgram } from "../../support/web_program.ts";

type Line = AuditActor & AuditEvent;

const SECRET = "a wrong secret";

Deno.test("a refused login is logged once, whatever the door and method", async () => {
  const lines: Line[] = [];
  const audit = {
    write: (actor: AuditActor, event: AuditEvent) => void lines.push({ ...actor, ...event }),
  };
  await using bench = await openFtp({ audit });
  const { server } = bench;
  const web = await openWebDoor(server.doorOptions);
  const client = new WebClient(web.port, server.caText);
  try {
    const refused = async (name: string, act: () => Promise<unknown>, wanted: Partial<Line>) => {
      lines.length = 0;
      await act();
      const logins = lines.filter(({ action }) => action === "login" || action === "password");
      assertEquals(logins.length, 1, name);
      const { result, door, account, value, address } = logins[0]!;
      assertEquals({ result, door, account, value }, {
        result: "failed",
        door: "web",
        account: "alice",
        value: undefined,
        ...wanted,
      }, name);
      assertMatch(address, /127\.0\.0\.1|::1/);
      assert(!JSON.stringify(lines).includes(SECRET), name);
    };
    const ask = (authorization: string, status: number) => async () =>
      assertStrictEquals(
        (await new WebProgram(client, authorization).ask("/account")).status,
        status,
      );

    await refused("Basic", ask(basic("alice", SECRET), 401), {});
    // While a session of the same name and address is in use, too.
    await ask(basic("alice"), 200)();
    await refused("Basic beside a session", ask(basic("alice", SECRET), 401), {});
    await refused("Basic, unknown", ask(basic("nobody-here", SECRET), 401), {
      account: "nobody-here",
    });
    await refused("Basic, a name that is none", ask(basic(SECRET, SECRET), 401), { account: null });
    await refused("Basic, not base64", ask("Basic %%%", 401), {
      account: null,
      value: "unreadable",
    });
    await refused("another scheme", ask("Digest abc", 401), { account: null, value: "unreadable" });
    await refused("Bearer", ask(`Bearer ${SECRET.replaceAll(" ", "-")}`, 401), {
      account: null,
      value: "token",
    });
    const token = await tokenOf(server, "alice", { ttlMs: 1 });
    await delay(5);
    await refused("an expired token", ask(token, 401), { account: null, value: "token" });
    await refused("tus", async () => {
      const headers = { "tus-resumable": "1.0.0", "upload-length": "1" };
      const program = new WebProgram(client, basic("alice", SECRET));
      assertEquals((await program.ask("/tus/", { method: "POST", headers })).status, 401);
    }, {});
    await refused("the form", async () => {
      const form = { username: "alice", password: SECRET, next: "/" };
      assertEquals((await client.fetch("/sign-in", { form })).status, 401);
    }, {});
    await refused("native", async () => {
      using raw = await RawClient.connect(server);
      is(await raw.ask("AUTH", { username: "alice", password: SECRET }), "AUTH_FAILED");
    }, { door: "native" });
    await refused("a native token", async () => {
      using raw = await RawClient.connect(server);
      is(await raw.ask("AUTH", { token: SECRET }), "AUTH_FAILED");
    }, { door: "native", account: null, value: "token" });
    using switching = await RawClient.login(server, "alice", "correct horse");
    await refused("AUTH on a connection that is logged in", async () => {
      is(await switching.ask("AUTH", { username: "bob", password: SECRET }), "AUTH_FAILED");
    }, { door: "native", account: "bob" });
    await refused("a wrong old password", async () => {
      const passwords = { password: SECRET, new_password: "battery staple" };
      is(await switching.ask("PASSWD", passwords), "AUTH_FAILED");
    }, { door: "native" });
    await refused("FTP", async () => {
      const ftp = await bench.connect();
      await ftp.ask("AUTH TLS");
      await ftp.startTls();
      await ftp.ask("USER alice");
      assertEquals((await ftp.ask(`PASS ${SECRET}`)).code, 530);
      ftp.close();
    }, { door: "ftp" });
  } finally {
    client.close();
    await web.close(0);
  }
});

Deno.test("a flood of refusals is logged in part, with how many were not", () => {
  const clock = { now: 0 };
  const events: AuditEvent[] = [];
  const audit = new QuietAudit({ write: (_, event) => void events.push(event) }, () => clock.now);
  const from = (address: string): AuditActor => ({
    account: null,
    door: "web",
    address,
    session: "s",
  });
  for (let i = 0; i < 1000; i++) audit.refused(from("::1"), "login", "too-many");
  assertEquals(events.length, 20);
  audit.refused(from("::2"), "login", "failed");
  assertEquals(events.length, 21, "another address has room of its own");
  clock.now = 1000;
  audit.refused(from("::1"), "login", "failed", "token");
  assertEquals(events.at(-1), {
    action: "login",
    result: "failed",
    value: "token",
    repeated: 980,
  });
});
