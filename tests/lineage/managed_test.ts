/**
 * The managed file server that this project grew out of, as a list of what its administrators do,
 * line by line: groups, limits, bans, directories of the host, locks and logs, set while it runs,
 * with the error cases that their users see.
 */
import { join } from "@std/path";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { World } from "../client/world.ts";
import { FtpClient } from "../support/ftp_client.ts";
import { runAdmin } from "../../server/admin/run.ts";
import { terminalWith } from "../support/admin.ts";
import { until } from "../support/certificate.ts";

const PASSWORD = "a long password";

Deno.test("the managed server's features, line by line", async (test) => {
  const directory = await Deno.makeTempDir({ prefix: "towpath-managed-" });
  const published = join(directory, "published");
  const inbox = join(directory, "inbox");
  for (const path of [published, inbox]) await Deno.mkdir(path);
  await Deno.writeTextFile(join(published, "catalogue.txt"), "there already");
  const limits = join(directory, "limits.json");
  await Deno.writeTextFile(limits, "{}");
  const args = ["--limits", limits, "--anonymous", "alice:/public"];
  await using world = await World.start(args, { web: true, ftp: true });
  const { server } = world;
  world.write("note.txt", "a note\n");

  const step = (name: string, run: () => Promise<void>) => test.step(name, run);
  /** A command of an account's that must end with an exit code. @returns its output */
  const as = async (username: string, code: number, ...args: string[]) => {
    const env = username === "admin" ? {} : { TOWPATH_USER: username, TOWPATH_PASSWORD: PASSWORD };
    const done = await world.run(args, { env });
    assertEquals(done.code, code, `${args.join(" ")}: ${done.stdout}${done.stderr}`);
    return done.stdout + done.stderr;
  };
  /** Limits hold in all workers within a second. */
  const becomes = async (username: string, code: number, ...args: string[]) => {
    const env = { TOWPATH_USER: username, TOWPATH_PASSWORD: PASSWORD };
    const isSo = async () => (await world.run(args, { env })).code === code;
    await until(isSo, `${args.join(" ")} of ${username} to end with ${code}`);
  };
  const admin = (...args: string[]) => as("admin", 0, "admin", ...args);
  /** A command of the administrator's on the server's machine. */
  const beside = async (code: number, ...words: string[]) => {
    const args = [...words, "--data", server.data];
    const done = await runAdmin(
      { args, variable: () => undefined, directory: "/" },
      terminalWith(""),
    );
    assertEquals(done.exitCode, code, done.stdout);
    return done;
  };
  const get = async (path: string, username?: string) => {
    using client = Deno.createHttpClient({ caCerts: [server.caText] });
    const login = btoa(`${username}:${PASSWORD}`);
    const reply = await fetch(`https://localhost:${server.info.web!.port}${path}`, {
      client,
      redirect: "manual",
      headers: username === undefined ? {} : { authorization: `Basic ${login}` },
    });
    return { status: reply.status, text: await reply.text() };
  };
  const ftpLogin = (username: string, password = PASSWORD) =>
    FtpClient.login({ port: server.info.ftp!.port, caText: server.caText }, username, password);

  try {
    await step("user import: each line of a file is an account, or named as refused", async () => {
      const lines = ["# accounts", ...["alice", "bob", "carol"].map((one) => `${one}:${PASSWORD}`)];
      const file = world.write("accounts", [...lines, "dave:short", "no/name:x", ""].join("\n"));
      const { stdout } = await beside(10, "user", "import", file);
      for (const name of ["alice", "bob", "carol"]) assertMatch(stdout, new RegExp(name));
      assertMatch(stdout, /dave/);
      await as("alice", 0, "upload", "note.txt", "--to", "/public/note.txt");
    });

    await step("user disable, enable, expire: at once, and its files stay", async () => {
      await admin("user", "disable", "bob");
      assertMatch(await as("bob", 3, "list"), /This account is disabled/);
      await admin("user", "enable", "bob");
      await as("bob", 0, "list");
      await admin("user", "expire", "bob", "2020-01-31");
      assertMatch(await as("bob", 3, "list"), /has expired/);
      await admin("user", "expire", "bob", "never");
      await as("admin", 5, "admin", "user", "disable", "admin"); // the last administrator
    });

    await step("groups: permissions and shares of their members", async () => {
      await admin("user", "permit", "carol", "r");
      await admin("group", "add", "editors", "--permissions", "rwcd");
      await as("carol", 5, "mkdir", "/made");
      await admin("group", "join", "editors", "carol");
      await as("carol", 0, "mkdir", "/made");
      await as("alice", 0, "mkdir", "/team");
      await as("alice", 0, "share", "/team", "@editors", "--permissions", "rwc");
      await as("carol", 0, "upload", "note.txt", "--to", "/shared/alice/team/note.txt");
      await as("bob", 4, "list", "/shared/alice/team");
      assertMatch(await as("carol", 0, "why", "/shared/alice/team/note.txt"), /editors/);
      await admin("group", "leave", "editors", "carol");
      await as("carol", 4, "list", "/shared/alice/team");
      await as("alice", 4, "share", "/team", "@missing");
    });

    await step("limits of an account: rate, sessions, requests, networks, doors", async () => {
      await admin("user", "limit", "bob", "--doors", "web,api");
      await becomes("bob", 3, "list");
      assertEquals((await get("/api/v1/files/", "bob")).status, 200);
      await admin("user", "limit", "bob", "--doors", "default", "--allow-ip", "192.0.2.0/24");
      await becomes("bob", 3, "list");
      await admin("user", "limit", "bob", "--allow-ip", "default", "--rate-down", "1M");
      assertMatch(await admin("user", "limit", "bob"), /1\.0 MiB/);
      await becomes("bob", 0, "list");
    });

    await step("limits file: read again on SIGHUP; a wrong one changes nothing", async () => {
      await Deno.writeTextFile(limits, `{"accounts": {"carol": {"doors": ["ftp"]}}}`);
      server.kill("SIGHUP");
      await becomes("carol", 3, "list");
      await Deno.writeTextFile(limits, `{"accounts": {"carol": {"nonsense": 1}}}`);
      server.kill("SIGHUP");
      await until(() => Promise.resolve(/nonsense/.test(server.stderr)), "the mistake's report");
      await as("carol", 3, "list");
    });

    await step("bans: with reason and end, lifted again", async () => {
      await admin("ban", "192.0.2.7", "--for", "1h", "--reason", "guessing");
      assertMatch(await admin("bans"), /192\.0\.2\.7.*guessing/);
      await admin("unban", "192.0.2.7");
      assert(!(await admin("bans")).includes("192.0.2.7"));
    });

    await step("directories of the host: served at once, with permissions and quota", async () => {
      await beside(0, "mount", "add", "published", published);
      await beside(0, "mount", "add", "inbox", inbox, "--permissions", "rwcd", "--quota", "1M");
      const seen = async () => (await as("alice", 0, "list")).includes("published");
      await until(seen, "the mount to be seen");
      assertEquals(await as("alice", 0, "view", "/published/catalogue.txt"), "there already");
      await as("alice", 5, "upload", "note.txt", "--to", "/published/note.txt");
      await as("alice", 0, "upload", "note.txt", "--to", "/inbox/note.txt");
      assertEquals(await Deno.readTextFile(join(inbox, "note.txt")), "a note\n");
      await as("alice", 5, "mv", "/inbox/note.txt", "/note.txt"); // across mounts
      await as("alice", 0, "cp", "/inbox/note.txt", "/copied.txt");
      world.write("large", new Uint8Array(2 * 1024 * 1024));
      await as("alice", 9, "upload", "large", "--to", "/inbox/large");
      using ftp = await ftpLogin("alice");
      assertEquals(await ftp.lines("NLST published"), ["catalogue.txt"]);
    });

    await step("anonymous: reads what is published, at every door, and nothing else", async () => {
      assertEquals((await get("/api/v1/files/note.txt")).text, "a note\n");
      using ftp = await ftpLogin("anonymous", "someone@example.org");
      assertEquals(await ftp.lines("NLST"), ["note.txt"]);
      await ftp.ask("MKD x", 550);
    });

    await step("locks: others change nothing meanwhile; an administrator breaks them", async () => {
      await as("alice", 0, "share", "/public", "bob", "--permissions", "rwcd");
      await as("alice", 0, "lock", "/public/note.txt", "--for", "1h", "--note", "being edited");
      const path = "/shared/alice/public/note.txt";
      assertMatch(await as("bob", 8, "rm", path), /alice/);
      await as("bob", 0, "view", path);
      assertMatch(await as("alice", 0, "locks"), /being edited/);
      await admin("locks", "break", "alice", "/public/note.txt");
      await as("bob", 0, "rm", path);
    });

    await step("logs: audit of all of it, and the state of the catalog", async () => {
      const audit = await admin("logs", "audit", "--lines", "500");
      for (const action of ["disable", "group", "ban", "limit", "lock"]) {
        assertMatch(audit, new RegExp(action), action);
      }
      assert(!audit.includes(PASSWORD));
      assertMatch(await admin("logs", "database"), /schema/i);
    });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
