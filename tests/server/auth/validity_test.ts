/** Accounts that are disabled or expire: at once, at every door, for everything that leads to them. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { FtpClient } from "../../support/ftp_client.ts";
import { is, until } from "../../support/native.ts";
import { RawClient } from "../../support/raw_client.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { adminBeside } from "../../support/server_admin.ts";
import { WebClient } from "../../support/web.ts";
import { basic, WebProgram } from "../../support/web_program.ts";

const PASSWORD = "correct horse";
const DISABLED = /This account is disabled: ask the administrator/;
const WRONG = "The user name or password is wrong";

Deno.test("accounts that are disabled or expire", async (t) => {
  await using server = await startServer({ web: true, ftp: true, args: ["--workers", "2"] });
  const newBrowser = () => new WebClient(server.info.web!.port, server.caText);
  const programOf = (authorization: string) => new WebProgram(newBrowser(), authorization);
  using root = await RawClient.login(server, "admin", server.password);
  for (const username of ["alice", "bob"]) {
    is(await root.ask("ADDU", { username, password: PASSWORD }), "OK");
  }
  using bob = await RawClient.login(server, "bob", PASSWORD);
  using alice = await RawClient.login(server, "alice", PASSWORD);
  is(await alice.upload("report.txt", "text"), "OK", 226);
  is(await alice.ask("SHAR", { filename: "report.txt", username: "bob" }), "OK");
  const { token } = is(await alice.ask("TOKEN"), "OK") as { token: string };
  const browser = newBrowser();
  await browser.signIn("alice", PASSWORD);
  const link = await linkTo(browser, "/report.txt");

  await t.step("sessions of every door end at once, and a transfer that runs", async () => {
    const ftp = await ftpAs(server, "alice");
    const tokens = await RawClient.connect(server);
    is(await tokens.ask("AUTH", { token }), "AUTH_SUCCESS");
    is(await alice.ask("UPLOAD", { filename: "long", file_size: 4096 }), "OK", 150);
    await alice.data("x");
    const { disabled } = is(await root.ask("VALID", { username: "alice", disabled: true }), "OK");
    assertEquals(disabled, true);
    assertEquals((await alice.reply())?.status, "ABORTED");
    assertEquals((await ftp.replyOrEnd())?.code ?? 421, 421);
    await until("the token's session ends", () => isOver(tokens));
    assertEquals(await statusOf(browser, "/files/"), 303);
    const { sessions } = is(await root.ask("WHO"), "OK") as { sessions: { username: string }[] };
    assertEquals(sessions.filter(({ username }) => username === "alice"), []);
    tokens.connection.close();
    ftp.close();
  });

  await t.step(
    "a login is refused as for a wrong password; the right one gets the reason",
    async () => {
      using stranger = await RawClient.connect(server);
      const ask = (password: string) => stranger.ask("AUTH", { username: "alice", password });
      const wrong = await ask("not the password");
      assertEquals([wrong.status, wrong.data.message], ["AUTH_FAILED", WRONG]);
      const right = await ask(PASSWORD);
      assertEquals([right.status, right.code], ["AUTH_FAILED", wrong.code]);
      assertMatch(String(right.data.message), DISABLED);
      const byToken = await stranger.ask("AUTH", { token });
      assertEquals(byToken.status, "AUTH_FAILED");
      assertMatch(String(byToken.data.message), DISABLED);

      const ftp = await ftpUser(server, "alice");
      assertEquals((await ftp.ask("PASS not the password", 530)).text.includes(WRONG), true);
      await ftp.ask("USER alice", 331);
      assertMatch((await ftp.ask(`PASS ${PASSWORD}`, 530)).text, DISABLED);
      ftp.close();

      for (const authorization of [basic("alice", PASSWORD), `Bearer ${token}`]) {
        const reply = await programOf(authorization).ask("/account");
        assertEquals(reply.status, 401);
        assertMatch(reply.text, DISABLED);
      }
      const wrongBasic = await programOf(basic("alice", "not the password")).ask("/account");
      assertEquals(wrongBasic.status, 401);
      assert(wrongBasic.text.includes(WRONG));
      const form = { username: "alice", password: PASSWORD, next: "/" };
      const page = await newBrowser().fetch("/sign-in", { form });
      assertEquals(page.status, 401);
      assertMatch(await page.text(), DISABLED);
      await until("the audit log names the reason", async () => {
        const { lines } = is(await root.ask("LOGS", { name: "audit" }), "OK") as {
          lines: string[];
        };
        const refused = lines.filter((line) =>
          /"action":"login"/.test(line) && /"alice"/.test(line)
        );
        const doors = refused.filter((line) => line.includes('"value":"disabled"'));
        return doors.length >= 5 && lines.some((line) => line.includes('"action":"disable"'));
      });
    },
  );

  await t.step("links stop; files and what is shared with accounts stay", async () => {
    assertEquals(await statusOf(newBrowser(), link), 404);
    is(await bob.ask("VIEW", { filename: "/shared/alice/report.txt" }), "OK");
    const { users } = is(await root.ask("USERS"), "OK") as { users: Listed[] };
    const found = users.find(({ username }) => username === "alice")!;
    assertEquals([found.disabled, found.expires], [true, null]);
  });

  await t.step("enabled again, all of it works but for the sessions of before", async () => {
    const text = await adminBeside(server, "user", "enable", "alice");
    assertEquals(text, 'The account "alice" is enabled, and never expires\n');
    assertEquals(await statusOf(browser, "/files/"), 303);
    assertEquals(await statusOf(newBrowser(), link), 200);
    assertEquals((await programOf(`Bearer ${token}`).ask("/account")).status, 200);
    using again = await RawClient.login(server, "alice", PASSWORD);
    is(await again.ask("LIST"), "OK");
  });

  await t.step("an account expires by itself, for idle sessions too", async () => {
    using again = await RawClient.login(server, "alice", PASSWORD);
    const admin = programOf(basic("admin", server.password));
    const later = Date.now() + 3_600_000;
    const put = await admin.ask("/admin/users/alice", {
      method: "PUT",
      json: { expiresMs: later },
    });
    assertEquals([put.status, put.json.expiresMs, put.json.disabled], [200, later, false]);
    is(await again.ask("LIST"), "OK");
    // In the data directory: the server is not asked, and finds it by itself.
    await adminBeside(server, "user", "expire", "alice", new Date(Date.now() + 50).toISOString());
    assertEquals((await again.reply().catch(() => null))?.status ?? "ended", "ended");
    using stranger = await RawClient.connect(server);
    const refused = await stranger.ask("AUTH", { username: "alice", password: PASSWORD });
    assertEquals(refused.status, "AUTH_FAILED");
    assertMatch(String(refused.data.message), /This account has expired: ask/);
    assertEquals(await statusOf(newBrowser(), link), 404);
    is(await root.ask("VALID", { username: "alice", expires: "never" }), "OK");
    using lasting = await RawClient.login(server, "alice", PASSWORD);
    is(await lasting.ask("LIST"), "OK");
  });

  await t.step("the last administrator can neither be disabled nor expire", async () => {
    for (const change of [{ disabled: true }, { expires: Date.now() + 1000 }]) {
      const reply = await root.ask("VALID", { username: "admin", ...change });
      assertEquals(reply.status, "PERMISSION_DENIED");
    }
    const second = { username: "second", password: PASSWORD, permissions: "rt" };
    is(await root.ask("ADDU", { ...second, expires: Date.now() + 3_600_000 }), "OK");
    const reply = await root.ask("VALID", { username: "admin", disabled: true });
    assertEquals(reply.status, "PERMISSION_DENIED");
    is(await root.ask("VALID", { username: "missing", disabled: true }), "FILE_NOT_FOUND");
  });

  await t.step("the browser's administration does it too", async () => {
    const admin = newBrowser();
    await admin.signIn("admin", server.password);
    const page = await admin.page("/admin/accounts/bob");
    assertMatch(page, /the account is disabled/);
    const at = "/admin/accounts/bob/validity";
    const bad = await admin.fetch(at, { form: { expires: "some day" } });
    assertEquals(bad.status, 400);
    assertMatch(await bad.text(), /The end must be a date/);
    const done = await admin.fetch(at, { form: { disabled: "yes", expires: "2099-01-31" } });
    await done.body?.cancel();
    assertEquals(done.status, 303);
    assert(await isOver(bob));
    const list = await admin.page("/admin/accounts");
    assertMatch(list, /disabled/);
    const shown = await admin.page("/admin/accounts/bob");
    assertMatch(shown, /value="2099-01-31 00:00:00"/);
    admin.close();
  });
  browser.close();
});

interface Listed {
  username: string;
  disabled: boolean;
  expires: number | null;
}

async function isOver(client: RawClient): Promise<boolean> {
  return (await client.ask("NOOP").catch(() => null))?.status !== "OK";
}

async function statusOf(client: WebClient, address: string): Promise<number> {
  const reply = await client.fetch(address);
  await reply.body?.cancel();
  return reply.status;
}

/** An FTP session with TLS that has sent `USER`. */
async function ftpUser(server: TestServer, user: string): Promise<FtpClient> {
  const ftp = await FtpClient.connect({ port: server.info.ftp!.port, caText: server.caText });
  await ftp.reply(220);
  await ftp.ask("AUTH TLS", 234);
  await ftp.startTls();
  await ftp.ask(`USER ${user}`, 331);
  return ftp;
}

async function ftpAs(server: TestServer, user: string): Promise<FtpClient> {
  const target = { port: server.info.ftp!.port, caText: server.caText };
  return await FtpClient.login(target, user, PASSWORD);
}

/** Makes a public link in the browser. @returns its path at the server */
async function linkTo(browser: WebClient, path: string): Promise<string> {
  const reply = await browser.fetch("/actions/link", { form: { path, hours: "24" } });
  const [, at] = /https:\/\/[^/"]+(\/s\/[^"<\s]+)/.exec(await reply.text())!;
  return at!;
}
