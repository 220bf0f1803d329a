/** Mounts at every door of a real server, made and ended while it runs. */
import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { join } from "@std/path";
import { FtpClient } from "../support/ftp_client.ts";
import { is, until } from "../support/native.ts";
import { runClient } from "../support/client/client.ts";
import { RawClient } from "../support/raw_client.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { adminBeside as admin } from "../support/server_admin.ts";
import { WebClient } from "../support/web.ts";
import { basic, WebProgram } from "../support/web_program.ts";

function login(server: TestServer): Promise<RawClient> {
  return RawClient.login(server, "admin", server.password);
}

function names(entries: unknown): string[] {
  return (entries as { name: string }[]).map(({ name }) => name);
}

Deno.test("directories of the host are mounted at every door while the server runs", async (t) => {
  const top = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "towpath-mounts-" }));
  const [docs, inbox] = [join(top, "docs"), join(top, "inbox")];
  for (const directory of [join(docs, "a"), inbox]) {
    Deno.mkdirSync(directory, { recursive: true });
  }
  Deno.writeTextFileSync(join(docs, "a/x.txt"), "content");
  await using server = await startServer({
    web: true,
    ftp: true,
    args: ["--mount-root", top, "--anonymous", "admin:/docs/a"],
  });
  const web = new WebClient(server.info.web!.port, server.caText);
  const program = new WebProgram(web, basic("admin", server.password));
  const ftp = () =>
    FtpClient.login(
      { port: server.info.ftp!.port, caText: server.caText },
      "admin",
      server.password,
    );
  try {
    using before = await login(server);

    await t.step("admin mounts one, and the server's worker is exchanged for another", async () => {
      const said = await admin(server, "mount", "add", "docs", docs);
      assertMatch(said, /is mounted as "\/docs"; the server follows/);
      assertMatch(await admin(server, "mount", "list"), /docs +\S+docs +r +\* +0 B +none/);
      assertEquals((await before.reply())?.status ?? "SHUTTING_DOWN", "SHUTTING_DOWN");
      using client = await login(server);
      assertEquals(names(is(await client.ask("LIST", { path: "/" }), "OK").entries), ["docs"]);
      const listed = is(await client.ask("LIST", { path: "/docs", recursive: true }), "OK");
      assertEquals(names(listed.entries), ["a", "a/x.txt"]);
      is(await client.ask("DELE", { filename: "/docs/a/x.txt" }), "PERMISSION_DENIED", 550);
      is(await client.ask("RMD", { path: "/docs" }), "PERMISSION_DENIED", 550);
    });

    await t.step("a directory in a mount is published with --anonymous", async () => {
      using client = await RawClient.connect(server);
      is(await client.ask("AUTH", { username: "anonymous" }), "AUTH_SUCCESS");
      assertEquals(names(is(await client.ask("LIST", { path: "/" }), "OK").entries), ["x.txt"]);
      const { content } = await client.download("/x.txt");
      assertEquals(new TextDecoder().decode(content), "content");
      const { message } = is(await client.ask("SIZE", { filename: "/none" }), "FILE_NOT_FOUND");
      assertEquals(message, `"/none" does not exist`);
      is(await client.ask("DELE", { filename: "/x.txt" }), "PERMISSION_DENIED");
    });

    await t.step("an administrator mounts one over the network, below --mount-root", async () => {
      using client = await login(server);
      const refused = { name: "etc", directory: "/etc" };
      const reply = is(await client.ask("MOUNT", refused), "PERMISSION_DENIED", 550);
      assertMatch(String(reply.message), /--mount-root/);
      const outside = await program.ask("/admin/mounts", { method: "POST", json: refused });
      assertEquals([outside.status, outside.json.kind], [403, "denied"]);
      const made = await program.ask("/admin/mounts", {
        method: "POST",
        json: { name: "in", directory: inbox, letters: "rwcd", quotaBytes: 1_000_000 },
      });
      assertEquals([made.status, made.json.letters, made.json.accounts], [201, "rwcd", ["*"]]);
      await until(
        "the worker is exchanged",
        async () =>
          await program.ask("/files/in/?limit=1").then(
            ({ status }) => status === 200,
            () => false, // by a connection of the worker that ends
          ),
      );
    });

    await t.step("the HTTP API and ZIP archives have them as the account's own tree", async () => {
      assertEquals((await program.ask("/files/docs/a/x.txt")).text, "content");
      assertEquals((await program.ask("/info/docs/a/x.txt")).json.hash.length, 64);
      const put = () => program.ask("/files/in/new.txt", { method: "PUT", body: "new" });
      assertEquals((await put()).status, 201);
      const second = await program.ask("/files/in/new.txt?ifExists=version", {
        method: "PUT",
        body: "newer",
      });
      assertEquals(second.json.path, "/in/new_v2.txt");
      assertEquals(Deno.readTextFileSync(join(inbox, "new_v2.txt")), "newer");
      const denied = await program.ask("/files/docs/x.txt", { method: "PUT", body: "x" });
      assertEquals([denied.status, denied.json.kind], [403, "denied"]);
      const move = { from: "/in/new.txt", to: "/new.txt" };
      const rename = await program.ask("/rename", { method: "POST", json: move });
      assertEquals([rename.status, rename.json.kind], [403, "denied"]);
      assertMatch(rename.json.detail, /copy it, then remove the original/);
      assertEquals((await program.ask("/copy", { method: "POST", json: move })).status, 201);
      const why = await program.ask("/why/docs/a");
      assertMatch(JSON.stringify(why.json), /the mount \\"docs\\" is read-only/);
      await web.signIn("admin", server.password);
      assertMatch(await web.page("/admin/mounts"), /docs<\/td>|\/docs/);
      const details = await web.page("/details/docs/a/x.txt");
      assertMatch(details, /Copy…/);
      assertNotMatch(details, /Share with|Create a public link/, "nothing in a mount is shared");
      const form = { name: "etc", directory: "/etc", accounts: "*", letter: "r", quota: "" };
      const refused = await web.fetch("/admin/mounts", { form });
      assertMatch(await refused.text(), /is below no directory that --mount-root names/);
      const zip = new Uint8Array(await (await web.fetch("/zip/")).arrayBuffer());
      const text = new TextDecoder("latin1").decode(zip);
      for (const name of ["docs/a/x.txt", "in/new_v2.txt", "new.txt"]) {
        assert(text.includes(name), name);
      }
      assertMatch(await web.page("/files/"), /href="\/files\/docs\/?"/);
    });

    await t.step("FTP lists and stores in them, and renames from one to another fail", async () => {
      const client = await ftp();
      try {
        assertMatch((await client.lines("MLSD /")).join("\n"), /type=dir;.* docs(\n|$)/i);
        assertEquals((await client.retrieve("RETR /docs/a/x.txt")).content.toString(), "content");
        await client.store("STOR /in/ftp.txt", "by ftp");
        assertEquals(Deno.readTextFileSync(join(inbox, "ftp.txt")), "by ftp");
        await client.ask("RNFR /in/ftp.txt", 350);
        assertMatch((await client.ask("RNTO /ftp.txt", 550)).text, /copy it/);
        await client.ask("RMD /in", 550);
      } finally {
        client.close();
      }
    });

    await t.step("a client that synchronises loses nothing while a directory is away", async () => {
      const local = join(top, "local");
      const env = { TOWPATH_PASSWORD: server.password, HOME: top };
      const sync = () =>
        runClient([
          ...["sync", "--down", "/docs", local, "--delete", "--server", `localhost:${server.port}`],
          ...["--user", "admin", "--ca", server.ca],
        ], { env });
      const first = await sync();
      assertEquals(first.code, 0, first.stderr);
      assertEquals(Deno.readTextFileSync(join(local, "a/x.txt")), "content");
      Deno.renameSync(docs, `${docs}.away`);
      Deno.mkdirSync(docs); // as the place of a disk that is not mounted
      const second = await sync();
      assert(second.code !== 0);
      assertMatch(second.stderr, /The mount "docs" cannot be reached/);
      assertEquals(Deno.readTextFileSync(join(local, "a/x.txt")), "content");
      const client = await ftp();
      try {
        assertMatch((await client.lines("NLST /")).join("\n"), /docs/);
        assertMatch((await client.ask("CWD /docs", 451)).text, /cannot be reached/);
      } finally {
        client.close();
      }
      const list = await program.ask("/admin/mounts");
      assertEquals(list.json.mounts.map((one: { away: boolean }) => one.away), [true, false]);
      Deno.removeSync(docs);
      Deno.renameSync(`${docs}.away`, docs);
    });

    await t.step("a restart serves them, and one that ends is gone", async () => {
      assertEquals(await server.stop(), 0);
      await server.start();
      const again = new WebClient(server.info.web!.port, server.caText);
      const other = new WebProgram(again, basic("admin", server.password));
      try {
        assertEquals((await other.ask("/files/docs/a/x.txt")).text, "content");
        assertMatch(await admin(server, "backup", join(top, "backup.tar")), /files of 2 mounts/);
        assertMatch(await admin(server, "verify"), /Files: 5, .* damaged: 0; left out: 0/);
        const ended = await other.ask("/admin/mounts/in", { method: "DELETE" });
        assertEquals(ended.status, 204);
        await until(
          "the mount is gone",
          async () => await other.ask("/info/in").then(({ status }) => status === 404, () => false),
        );
        assertEquals([...Deno.readDirSync(inbox)].map(({ name }) => name).sort(), [
          "ftp.txt",
          "new.txt",
          "new_v2.txt",
        ]);
        await until(
          "the end is in the audit log",
          async () => (await admin(server, "logs", "audit")).includes('"unmount"'),
        );
      } finally {
        again.close();
      }
    });
  } finally {
    web.close();
    Deno.removeSync(top, { recursive: true });
  }
});
