/** Groups: permissions of members and shares with groups, at every door, changed while sessions are open. */
import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { FtpClient } from "../support/ftp_client.ts";
import { is, until } from "../support/native.ts";
import { RawClient } from "../support/raw_client.ts";
import { startServer } from "../support/server.ts";
import { adminBeside } from "../support/server_admin.ts";
import { WebClient } from "../support/web.ts";
import { basic, WebProgram } from "../support/web_program.ts";

const PASSWORD = "correct horse";
const PLANS = "/shared/alice/plans";

Deno.test("groups", async (t) => {
  await using server = await startServer({ web: true, ftp: true, args: ["--workers", "2"] });
  const newBrowser = () => new WebClient(server.info.web!.port, server.caText);
  using root = await RawClient.login(server, "admin", server.password);
  for (const [username, permissions] of [["alice", "rwcd"], ["bob", "r"], ["carol", "r"]]) {
    is(await root.ask("ADDU", { username, password: PASSWORD, permissions }), "OK");
  }
  using alice = await RawClient.login(server, "alice", PASSWORD);
  is(await alice.ask("MKD", { path: "plans" }), "OK");
  is(await alice.upload("plans/a.txt", "text"), "OK", 226);
  using bob = await RawClient.login(server, "bob", PASSWORD);
  using carol = await RawClient.login(server, "carol", PASSWORD);
  const ftp = await FtpClient.login(
    { port: server.info.ftp!.port, caText: server.caText },
    "bob",
    PASSWORD,
  );
  const web = newBrowser();
  const program = new WebProgram(web, basic("bob", PASSWORD));
  const rootProgram = new WebProgram(web, basic("admin", server.password));
  let count = 0;
  /** What Bob's open sessions may do at each door: in an own directory, and in what is shared. */
  const may = async () => ({
    native: (await bob.ask("MKD", { path: `x${count}` })).status,
    ftp: (await ftp.ask(`MKD y${count}`)).code,
    web: (await program.ask("/directories", { method: "POST", json: { path: `/z${++count}` } }))
      .status,
  });
  const sees = async () => ({
    native: (await bob.ask("LIST", { path: PLANS })).status,
    ftp: (await ftp.ask(`CWD ${PLANS}`)).code,
    web: (await program.ask(`/files${PLANS}/a.txt`)).status,
  });

  await t.step("its permissions add to those of its members, in open sessions", async () => {
    assertEquals((await may()).native, "PERMISSION_DENIED");
    is(await root.ask("ADDG", { group: "@staff", permissions: "cw" }), "OK");
    is(await root.ask("ADDG", { group: "staff" }), "ALREADY_EXISTS");
    is(await root.ask("ADDG", { group: "Staff" }), "BAD_NAME");
    is(await root.ask("ADDG", { group: "admins", permissions: "t" }), "BAD_REQUEST");
    is(await root.ask("JOIN", { group: "staff", username: "bob" }), "OK");
    is(await root.ask("JOIN", { group: "staff", username: "missing" }), "FILE_NOT_FOUND");
    is(await root.ask("JOIN", { group: "missing", username: "bob" }), "FILE_NOT_FOUND");
    const now = await may();
    assertEquals([now.native, now.ftp], ["OK", 257]);
    assert(now.web < 300, String(now.web));
    const { letters } = is(await bob.ask("WHY", { path: "/new" }), "OK") as { letters: Rule[] };
    const rule = letters.find(({ letter }) => letter === "c")!;
    assertEquals(rule.rule, "the account bob has the permission c by its group @staff");
    const { users } = is(await root.ask("USERS"), "OK") as { users: Record<string, unknown>[] };
    assertEquals(users.find(({ username }) => username === "bob")!.groups, ["staff"]);
  });

  await t.step("an upload ends once the group may not write any more, and is kept", async () => {
    is(await bob.ask("UPLOAD", { filename: "long", file_size: 4096 }), "OK", 150);
    await bob.data("x");
    is(await root.ask("PERMG", { group: "staff", permissions: "" }), "OK");
    assertEquals((await bob.reply())?.status, "PERMISSION_DENIED");
    const { letters } = is(await bob.ask("WHY", { path: "/new" }), "OK") as { letters: Rule[] };
    assertMatch(letters.find(({ letter }) => letter === "w")!.rule, /lacks.*and so do its groups/);
    const now = await may();
    assertEquals([now.native, now.ftp, now.web], ["PERMISSION_DENIED", 550, 403]);
  });

  await t.step("a share with a group is with its members, at every door", async () => {
    is(await alice.ask("SHAR", { filename: "plans", username: "@missing" }), "FILE_NOT_FOUND");
    is(await alice.ask("SHAR", { filename: "plans", username: "@staff" }), "OK");
    assertEquals(await sees(), { native: "OK", ftp: 250, web: 200 });
    is(await carol.ask("LIST", { path: PLANS }), "FILE_NOT_FOUND");
    const { shares } = is(await bob.ask("SHWM"), "OK") as { shares: Record<string, unknown>[] };
    assertEquals(shares.map(({ owner, group, path }) => [owner, group, path]), [
      ["alice", "@staff", PLANS],
    ]);
    assertMatch((await ftp.ask("SHWM", 211)).text, /plans r \(from alice with @staff\)/);
    assertMatch((await ftp.ask("SITE SHARED", 211)).text, /from alice with @staff/);
    const listed = (await program.ask("/shares")).json.withMe;
    assertEquals(listed[0].guest, "@staff");
    const { letters } = is(await bob.ask("WHY", { path: PLANS }), "OK") as { letters: Rule[] };
    assertEquals(
      letters.find(({ letter }) => letter === "r")!.rule,
      'the share of "/plans" by alice with the group @staff allows r',
    );
    const browser = newBrowser();
    await browser.signIn("bob", PASSWORD);
    assertMatch(await browser.page("/shares"), /alice \(with @staff\)/);
    browser.close();
  });

  await t.step("who leaves loses it at once, a download that runs too", async () => {
    is(await alice.upload("plans/large", new Uint8Array(24 * 1024 * 1024)), "OK", 226);
    using second = await RawClient.login(server, "bob", PASSWORD);
    is(await second.ask("DOWNLOAD", { filename: `${PLANS}/large` }), "OK", 150);
    is(await root.ask("LEAVE", { group: "staff", username: "bob" }), "OK");
    const last = await second.untilReply(() => {});
    assertEquals(last.status, "PERMISSION_DENIED");
    assertEquals(await sees(), { native: "FILE_NOT_FOUND", ftp: 550, web: 404 });
    is(await root.ask("LEAVE", { group: "staff", username: "bob" }), "FILE_NOT_FOUND");
  });

  await t.step("FTP, API and browser share with groups; admin joins and removes them", async () => {
    await adminBeside(server, "group", "join", "@staff", "bob");
    assertEquals(await adminBeside(server, "group", "list", "staff"), "bob\n");
    assertMatch(await adminBeside(server, "group", "list"), /^staff +none +1$/m);
    await until("the workers know", async () => (await sees()).native === "OK");
    const owner = await FtpClient.login(
      { port: server.info.ftp!.port, caText: server.caText },
      "alice",
      PASSWORD,
    );
    await owner.ask("SHAR plans @staff rw", 200);
    await owner.ask("UNSH plans @staff", 200);
    owner.close();
    assertEquals((await sees()).native, "FILE_NOT_FOUND");
    const aliceProgram = new WebProgram(web, basic("alice", PASSWORD));
    const made = await aliceProgram.ask("/shares", {
      method: "POST",
      json: { path: "/plans", guest: "@staff", letters: "r" },
    });
    assertEquals([made.status, made.json.guest], [201, "@staff"]);
    assertEquals((await sees()).native, "OK");
    const browser = newBrowser();
    await browser.signIn("alice", PASSWORD);
    const form = { path: "/plans", guest: "@staff", letter: "r", hours: "0" };
    const shared = await browser.fetch("/actions/share", { form });
    await shared.body?.cancel();
    assertEquals(shared.status, 303);
    assertMatch(await browser.page("/details/plans"), /@staff/);
    browser.close();
    is(await root.ask("DELG", { group: "staff" }), "OK");
    assertEquals(await sees(), { native: "FILE_NOT_FOUND", ftp: 550, web: 404 });
    is(await root.ask("ADDG", { group: "staff" }), "OK");
    is(await root.ask("JOIN", { group: "staff", username: "bob" }), "OK");
    assertEquals((await sees()).native, "FILE_NOT_FOUND");
    const { shares } = is(await alice.ask("SHBY"), "OK");
    assertEquals(shares, []);
  });

  await t.step("API and browser administer groups", async () => {
    const put = await rootProgram.ask("/admin/groups/staff", {
      method: "PUT",
      json: { letters: "rw", join: ["carol"], leave: ["bob"] },
    });
    assertEquals([put.status, put.json.letters, put.json.members], [200, "rw", 1]);
    const read = await rootProgram.ask("/admin/groups/staff");
    assertEquals(read.json.members, ["carol"]);
    assertEquals((await program.ask("/admin/groups")).status, 403);
    const browser = newBrowser();
    await browser.signIn("admin", server.password);
    const post = async (address: string, form: Record<string, string>) => {
      const reply = await browser.fetch(address, { form });
      await reply.body?.cancel();
      return reply.status;
    };
    assertEquals(await post("/admin/groups", { name: "guests", letter: "r" }), 303);
    assertEquals(await post("/admin/groups", { name: "guests", letter: "r" }), 409);
    assertEquals(await post("/admin/groups/guests/join", { account: "bob" }), 303);
    assertMatch(await browser.page("/admin/groups"), /guests/);
    assertMatch(await browser.page("/admin/groups/guests"), /Take bob out of the group/);
    assertEquals(await post("/admin/groups/guests/leave", { account: "bob" }), 303);
    assertNotMatch(await browser.page("/admin/groups/guests"), /Take bob out/);
    const asked = await browser.fetch("/admin/groups/guests/remove", { form: {} });
    assertMatch(await asked.text(), /Remove the group guests\?/);
    browser.close();
    const groups = (await rootProgram.ask("/admin/groups")).json.groups;
    assertEquals(groups.map(({ name }: { name: string }) => name), ["guests", "staff"]);
    assertEquals((await rootProgram.ask("/admin/groups/guests", { method: "DELETE" })).status, 204);
  });
  ftp.close();
  web.close();
});

interface Rule {
  letter: string;
  rule: string;
}
