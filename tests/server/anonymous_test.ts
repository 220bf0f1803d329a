/** `--anonymous`: anyone reads one directory, at every door, and can do nothing else. */
import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { FtpClient } from "../support/ftp_client.ts";
import { is, until } from "../support/native.ts";
import { RawClient } from "../support/raw_client.ts";
import { runServer, startServer } from "../support/server.ts";
import { WebClient } from "../support/web.ts";

const PASSWORD = "correct horse";

Deno.test("--anonymous publishes a directory for reading", async (t) => {
  const limits = await Deno.makeTempFile();
  await Deno.writeTextFile(limits, "{}");
  await using server = await startServer({
    web: true,
    ftp: true,
    args: [
      ...["--workers", "2", "--anonymous", "alice:/public", "--ftp-allow-plain"],
      ...["--limits", limits],
    ],
  });
  using root = await RawClient.login(server, "admin", server.password);
  is(await root.ask("ADDU", { username: "alice", password: PASSWORD }), "OK");
  is(await root.ask("ADDU", { username: "anonymous", password: PASSWORD }), "BAD_NAME");
  using alice = await RawClient.login(server, "alice", PASSWORD);
  is(await alice.upload("secret.txt", "secret"), "OK", 226);
  is(await alice.ask("MKD", { path: "public/shared", make_dirs: true }), "OK");
  is(await alice.upload("public/a.txt", "hello"), "OK", 226);
  is(await alice.upload("public/shared/b.txt", "below"), "OK", 226);
  // What is shared with every account is with accounts.
  is(await alice.ask("SHAR", { filename: "secret.txt", username: "*" }), "OK");
  const caFile = await Deno.makeTempFile();
  await Deno.writeTextFile(caFile, server.caText);

  await t.step("native: AUTH with or without a password, USER and PASS", async () => {
    using client = await RawClient.connect(server);
    const entered = is(await client.ask("AUTH", { username: "anonymous" }), "AUTH_SUCCESS");
    assertEquals([entered.username, entered.permissions], ["anonymous", "r"]);
    is(await client.ask("USER", { username: "anonymous" }), "NEED_PASSWORD");
    is(await client.ask("PASS", { password: "x@example.org" }), "AUTH_SUCCESS");
    is(await client.ask("AUTH", { username: "anonymous", password: "any" }), "AUTH_SUCCESS");
    const names = async (path: string, recursive = false) =>
      (is(await client.ask("LIST", { path, recursive }), "OK").entries as { name: string }[])
        .map(({ name }) => name);
    assertEquals(await names("/"), ["a.txt", "shared"]);
    assertEquals(await names("/", true), ["a.txt", "shared", "shared/b.txt"]);
    assertEquals(await names("/shared"), ["b.txt"]);
    const { content } = await client.download("/shared/b.txt");
    assertEquals(new TextDecoder().decode(content), "below");
    assertEquals((await client.ask("STAT", { filename: "a.txt" })).status, "OK");
    // Locks name accounts, and directories outside.
    is(await alice.ask("LOCK", { filename: "public" }), "OK");
    const seen = is(await client.ask("STAT", { filename: "a.txt" }), "OK");
    assertEquals(seen.lock, undefined);
    assertNotMatch(JSON.stringify(is(await client.ask("LIST"), "OK")), /alice/);
    const of = is(await client.ask("UNLOCK", { filename: "a.txt", force: true }), "FILE_NOT_FOUND");
    assertNotMatch(String(of.message), /alice|public/);
    is(await alice.ask("UNLOCK", { filename: "public" }), "OK");
    const gone = await client.ask("SIZE", { filename: "/secret.txt" });
    assertEquals(gone.status, "FILE_NOT_FOUND");
    assertNotMatch(String(gone.data.message), /public/);
    is(await client.ask("LIST", { path: "/../" }), "PERMISSION_DENIED");
    const { shares } = is(await client.ask("SHWM"), "OK");
    assertEquals(shares, []);
    const refused: [string, object][] = [
      ["UPLOAD", { filename: "n" }],
      ["APPE", { filename: "a.txt" }],
      ["MKD", { path: "n" }],
      ["DELE", { filename: "a.txt" }],
      ["RENAME", { from: "a.txt", to: "b.txt" }],
      ["COPY", { from: "a.txt", to: "b.txt" }],
      ["MFMT", { filename: "a.txt", mtime: 0 }],
      ["LOCK", { filename: "a.txt" }],
      ["SHAR", { filename: "a.txt", username: "*" }],
      ["UNSH", { filename: "a.txt" }],
      ["TOKEN", {}],
      ["REVOKE", { token_id: "x" }],
      ["PASSWD", { password: "correct horse", new_password: "another password" }],
      ["PARTS", {}],
      ["USERS", {}],
      ["WHO", {}],
    ];
    for (const [command, data] of refused) {
      assertEquals((await client.ask(command, data)).status, "PERMISSION_DENIED", command);
    }
    const who = is(await root.ask("WHO"), "OK").sessions as { username: string; address: string }[];
    assert(who.some(({ username, address }) => username === "anonymous" && address !== ""));
    const { users } = is(await root.ask("USERS"), "OK") as { users: { username: string }[] };
    assertEquals(users.map(({ username }) => username), ["admin", "alice"]);
  });

  await t.step("FTP: curl, lftp and ftp as the name, as RFC 1635 has it", async () => {
    const port = server.info.ftp!.port;
    const run = async (command: string, ...args: string[]) => {
      const { code, stdout, stderr } = await new Deno.Command(command, { args }).output();
      const text = new TextDecoder();
      return { code, out: text.decode(stdout), err: text.decode(stderr) };
    };
    // Without --user, curl logs in as anonymous with ftp@example.com.
    const fetched = await run("curl", "-q", "-sS", `ftp://127.0.0.1:${port}/a.txt`);
    assertEquals([fetched.code, fetched.out], [0, "hello"], fetched.err);
    const sent = await run("curl", "-q", "-sS", "-T", caFile, `ftp://127.0.0.1:${port}/new`);
    assert(sent.code !== 0);
    const script = [
      "set ssl:ca-file " + caFile,
      "set cmd:fail-exit yes",
      "set net:max-retries 1",
      "set ftp:ssl-force yes",
      `open ftp://localhost:${port}`,
      "cls -1",
      "cat shared/b.txt",
    ].join("; ");
    const listed = await run("lftp", "--norc", "-c", script);
    assertEquals(listed.code, 0, listed.err);
    assertMatch(listed.out, /^a\.txt\nshared\/\nbelow/);
    const ftp = await FtpClient.connect({ port, caText: server.caText });
    await ftp.reply(220);
    await ftp.ask("AUTH TLS", 234);
    await ftp.startTls();
    await ftp.ask("USER ftp", 331);
    await ftp.ask("PASS guest", 230);
    await ftp.ask("CWD /shared", 250);
    await ftp.ask("CWD /../..", 550);
    for (const line of ["DELE b.txt", "MKD x", "SHAR b.txt", "SITE LOCK b.txt"]) {
      await ftp.ask(line, 550);
    }
    ftp.close();
  });

  await t.step("browser: pages without signing in, and a link to sign in", async () => {
    const stranger = new WebClient(server.info.web!.port, server.caText);
    const text = async (address: string) => {
      const reply = await stranger.fetch(address);
      return { status: reply.status, body: await reply.text() };
    };
    assertEquals((await text("/")).status, 303);
    const files = await text("/files/");
    assertEquals(files.status, 200);
    assertMatch(files.body, /a\.txt/);
    assertMatch(files.body, /href="\/sign-in"[^>]*>.*Sign in/s);
    assertNotMatch(files.body, /Sign out|<input[^>]* type="file"|secret|Copy…|B used|lacks the/);
    const details = await text("/details/a.txt");
    assertEquals(details.status, 200);
    assertNotMatch(details.body, /Share with|Create a public link|Copy…|public\/a/);
    assertEquals((await text("/raw/a.txt")).body, "hello");
    const zip = await stranger.fetch("/zip/");
    assertEquals(zip.status, 200);
    await zip.body?.cancel();
    for (const address of ["/shares", "/account", "/admin"]) {
      assertEquals((await text(address)).status, 303, address);
    }
    assertEquals((await text("/files/missing")).status, 404);
    const post = await stranger.fetch("/actions/mkdir", { form: { path: "/", name: "x" } });
    await post.body?.cancel();
    assert(post.status >= 400, String(post.status));
    await stranger.signIn("alice", PASSWORD);
    assertMatch(await stranger.page("/files/"), /secret\.txt/);
    stranger.close();
  });

  await t.step("API: reads without credentials, and asks for them for all else", async () => {
    const client = new WebClient(server.info.web!.port, server.caText);
    const ask = async (path: string, method = "GET") => {
      const reply = await client.fetch(`/api/v1${path}`, {
        method,
        ...(method === "PUT" ? { body: "x" } : {}),
      });
      return { status: reply.status, body: await reply.text() };
    };
    assertEquals(await ask("/files/a.txt"), { status: 200, body: "hello" });
    assertEquals((await ask("/files/secret.txt")).status, 404);
    assertEquals((await ask("/files/new", "PUT")).status, 401);
    assertEquals((await ask("/files/a.txt", "DELETE")).status, 401);
    assertEquals((await ask("/admin/users")).status, 403);
    const wrong = await client.fetch("/api/v1/files/a.txt", {
      headers: { authorization: "Bearer nonsense" },
    });
    await wrong.body?.cancel();
    assertEquals(wrong.status, 401);
    const ofAll = { accounts: { anonymous: { doors: ["native", "ftp", "web"] } } };
    await Deno.writeTextFile(limits, JSON.stringify(ofAll));
    server.kill("SIGHUP");
    await until("the API is closed", async () => (await ask("/files/a.txt")).status === 401);
    const page = await client.fetch("/raw/a.txt");
    await page.body?.cancel();
    assertEquals(page.status, 200);
    client.close();
  });

  await t.step(
    "the audit log names anonymous, the door and the address",
    async () => {
      await until("the audit log has it", async () => {
        const { lines } = is(await root.ask("LOGS", { name: "audit" }), "OK") as {
          lines: string[];
        };
        return ["native", "ftp", "web"].every((door) =>
          lines.some((line) =>
            /"action":"login","result":"ok"/.test(line) && /"account":"anonymous"/.test(line) &&
            line.includes(`"door":"${door}"`) && /"address":"[0-9.:]+"/.test(line)
          )
        );
      });
    },
  );

  await t.step("it ends with the account, at once", async () => {
    using client = await RawClient.connect(server);
    is(await client.ask("AUTH", { username: "anonymous" }), "AUTH_SUCCESS");
    is(await root.ask("VALID", { username: "alice", disabled: true }), "OK");
    assert((await client.ask("LIST").catch(() => null))?.status !== "OK");
    using again = await RawClient.connect(server);
    is(await again.ask("AUTH", { username: "anonymous" }), "AUTH_FAILED");
    const web = new WebClient(server.info.web!.port, server.caText);
    const reply = await web.fetch("/files/");
    await reply.body?.cancel();
    assertEquals(reply.status, 303);
    web.close();
  });
  for (const file of [caFile, limits]) await Deno.remove(file);
});

Deno.test("without --anonymous there is no login without an account; a wrong value is refused", async () => {
  await using server = await startServer({ web: true });
  using client = await RawClient.connect(server);
  const refused = await client.ask("AUTH", { username: "anonymous", password: "x@example.org" });
  assertEquals(refused.status, "AUTH_FAILED");
  is(await client.ask("AUTH", { username: "anonymous" }), "BAD_REQUEST");
  for (const value of ["public", "alice", "Alice:/x", "alice:/a/../b", "alice:x"]) {
    const { code, stderr } = await runServer(["--anonymous", value]);
    assertEquals(code, 2, value);
    assertMatch(stderr, /a directory of an account, such as alice:\/public/);
  }
});
