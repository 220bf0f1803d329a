/**
 * The file server in the browser that this project grew out of, as a list of what its users do, line
 * by line: pages and forms of a real server, with their error cases, and curl for its scripts.
 */
import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { installed, run } from "../ftp/clients/programs.ts";
import { startServer } from "../support/server.ts";
import { WebClient, type WebRequest } from "../support/web.ts";
import { ask, done, rowsOf, unescaped } from "../web/pages/pages_support.ts";
import { sha256 } from "../support/raw_client.ts";

const PASSWORD = "a long password";
const NEW = "another long password";

/** Files as a form sends them. */
function formOf(files: Record<string, string>): FormData {
  const body = new FormData();
  for (const [name, content] of Object.entries(files)) {
    body.append("file", new File([content], name));
  }
  return body;
}

Deno.test("the web server's features, line by line", async (test) => {
  await using server = await startServer({ web: true, args: ["--allow-register"] });
  const { port } = server.info.web!;
  const clients: WebClient[] = [];
  const browser = () => {
    const client = new WebClient(port, server.caText);
    clients.push(client);
    return client;
  };
  const step = (name: string, body: () => Promise<void>) => test.step(name, body);
  const [alice, bob, admin] = [browser(), browser(), browser()];
  const signUp = async (client: WebClient, username: string) => {
    const form = { username, password: PASSWORD, again: PASSWORD, next: "/" };
    assertEquals((await ask(client, "/sign-up", { form })).status, 303);
    await client.page("/files/");
  };
  const status = async (client: WebClient, path: string, request: WebRequest = {}) =>
    (await ask(client, path, request)).status;
  const upload = async (client: WebClient, directory: string, files: Record<string, string>) => {
    const query = new URLSearchParams({ directory, csrf: client.csrfToken! });
    const sent = await ask(client, `/actions/upload?${query}`, {
      method: "POST",
      body: formOf(files),
    });
    assertEquals(sent.status, 303, sent.text);
  };

  try {
    await step(
      "sign-up: an account is made once, with a password that is long enough",
      async () => {
        const again = browser();
        await signUp(alice, "alice");
        await signUp(bob, "bob");
        const form = { username: "alice", password: PASSWORD, again: PASSWORD, next: "/" };
        assertEquals(await status(again, "/sign-up", { form }), 409);
        const short = { username: "carol", password: "short", again: "short", next: "/" };
        assertEquals(await status(again, "/sign-up", { form: short }), 400);
      },
    );

    await step(
      "sign-in: wrong passwords are refused alike, and pages lead there first",
      async () => {
        const stranger = browser();
        const sent = await ask(stranger, "/files/");
        assertEquals([sent.status, sent.location], [303, "/sign-in?next=%2Ffiles%2F"]);
        const wrong = { username: "alice", password: "a wrong password", next: "/" };
        const missing = { ...wrong, username: "missing" };
        const replies = [
          await ask(stranger, "/sign-in", { form: wrong }),
          await ask(stranger, "/sign-in", { form: missing }),
        ];
        assertEquals(replies.map((reply) => reply.status), [401, 401]);
        for (const { text } of replies) assertMatch(text, /The user name or password is wrong/);
        await admin.signIn("admin", server.password);
      },
    );

    await step(
      "files: sent by a form, listed with size and time, sorted and filtered",
      async () => {
        await upload(alice, "/", { "b.txt": "22", "A.txt": "333", "c.md": "1" });
        assertEquals(rowsOf(await alice.page("/files/")), ["A.txt", "b.txt", "c.md"]);
        const sorted = await alice.page("/files/?sort=size&order=desc");
        assertEquals(rowsOf(sorted), ["A.txt", "b.txt", "c.md"]);
        assertEquals(rowsOf(await alice.page("/files/?filter=TXT")), ["A.txt", "b.txt"]);
        assertMatch(sorted, /3 B/);
        assertMatch(sorted, /<time /);
      },
    );

    await step("versions: a name that is taken gets _v2, and both stay", async () => {
      await upload(alice, "/", { "b.txt": "second" });
      assertEquals(rowsOf(await alice.page("/files/?filter=b")).sort(), ["b.txt", "b_v2.txt"]);
      assertEquals((await ask(alice, "/raw/b.txt")).text, "22");
      assertEquals((await ask(alice, "/raw/b_v2.txt")).text, "second");
      assertMatch(await alice.page("/details/b_v2.txt"), new RegExp(sha256("second")));
    });

    await step("folders: made, opened by breadcrumbs, packed as ZIP", async () => {
      await done(alice, "/actions/mkdir", { directory: "/", name: "Papers 1" });
      await upload(alice, "/Papers 1", { "inner <i>.txt": "inner" });
      const page = await alice.page("/files/Papers%201");
      assertEquals(rowsOf(page).map(unescaped), ["inner <i>.txt"]);
      assertMatch(page, /href="\/files\/"/);
      const taken = { directory: "/", name: "Papers 1" };
      assertEquals(await status(alice, "/actions/mkdir", { form: taken }), 409);
      const zip = await alice.fetch("/zip/Papers%201");
      const archive = new TextDecoder("latin1").decode(await zip.arrayBuffer());
      assert(archive.startsWith("PK") && archive.includes("inner <i>.txt"));
    });

    await step("view and download: as text in the page, whole, and in ranges", async () => {
      assertMatch(await alice.page("/details/b_v2.txt"), /<pre[^>]*>second<\/pre>/);
      const reply = await ask(alice, "/raw/b_v2.txt", { headers: { range: "bytes=2-4" } });
      assertEquals([reply.status, reply.text], [206, "con"]);
      assertMatch(reply.headers.get("content-security-policy") ?? "", /sandbox/);
      assertEquals(await status(alice, "/raw/none"), 404);
    });

    await step(
      "rename, move, copy, delete: asked first, and refused where it cannot be",
      async () => {
        await done(alice, "/actions/rename", { path: "/c.md", name: "d.md" });
        const taken = { path: "/d.md", name: "A.txt" };
        assertEquals(await status(alice, "/actions/rename", { form: taken }), 409);
        await done(alice, "/actions/copy", { directory: "/", name: "d.md", to: "/Papers 1" });
        await done(alice, "/actions/move", { directory: "/", name: "A.txt", to: "/Papers 1" });
        const inside = rowsOf(await alice.page("/files/Papers%201")).map(unescaped);
        assertEquals(inside, ["A.txt", "d.md", "inner <i>.txt"]);
        const chosen = { directory: "/", name: "d.md" };
        assertMatch((await ask(alice, "/actions/delete", { form: chosen })).text, /Delete/);
        assertEquals(await status(alice, "/raw/d.md"), 200);
        await done(alice, "/actions/delete", chosen);
        assertEquals(await status(alice, "/raw/d.md"), 404);
      },
    );

    await step("private: no one sees another account's files, and no path leads out", async () => {
      for (const path of ["/raw/b.txt", "/details/b.txt", "/raw/shared/alice/b.txt"]) {
        assertEquals(await status(bob, path), 404, path);
      }
      for (const path of ["/raw/..%2f..%2fcatalog.db", "/raw/%2e%2e/x", "/files/..%5c"]) {
        assert(await status(bob, path) >= 400, path);
      }
      const forged = await ask(bob, "/actions/mkdir", {
        form: { directory: "/", name: "forged" },
        csrf: false,
      });
      assertEquals(forged.status, 403);
    });

    await step("share: with an account, seen under Shared with me, and ended", async () => {
      const share = { path: "/b.txt", guest: "bob", letter: "r" };
      await done(alice, "/actions/share", share);
      assertMatch(await bob.page("/shares"), /shared\/alice\/b\.txt/);
      assertEquals((await ask(bob, "/raw/shared/alice/b.txt")).text, "22");
      const chosen = { directory: "/shared/alice", name: "b.txt", confirmed: "yes" };
      assertEquals(await status(bob, "/actions/delete", { form: chosen }), 403);
      const missing = { ...share, guest: "missing" };
      assertEquals(await status(alice, "/actions/share", { form: missing }), 404);
      await done(alice, "/actions/unshare", { path: "/b.txt", guest: "bob" });
      assertEquals(await status(bob, "/raw/shared/alice/b.txt"), 404);
    });

    await step("link: for strangers, with a password and a number of downloads", async () => {
      const form = { path: "/b_v2.txt", password: "open sesame", most: "1" };
      const { text } = await ask(alice, "/actions/link", { form });
      const link = new URL(unescaped(/<code class="secret">([^<]*)</.exec(text)![1]!)).pathname;
      const stranger = browser();
      assertMatch(await stranger.page(link), /A password is needed/);
      const wrong = { password: "open something" };
      assertEquals(await status(stranger, `${link}/unlock`, { form: wrong }), 403);
      await done(stranger, `${link}/unlock`, { password: "open sesame" });
      assertEquals((await ask(stranger, `${link}/raw`)).text, "second");
      assertEquals(await status(stranger, `${link}/raw`), 404);
    });

    await step(
      "account: the password is changed with the old one, others are signed out",
      async () => {
        const other = browser();
        await other.signIn("alice", PASSWORD);
        const change = (old: string) => ({ form: { old, new: NEW, again: NEW } });
        await alice.page("/account");
        const wrong = await ask(alice, "/account/password", change("a wrong password"));
        assertMatch(wrong.text, /The user name or password is wrong/);
        assertEquals(await status(alice, "/account/password", change(PASSWORD)), 303);
        assertEquals(await status(other, "/account"), 303);
      },
    );

    await step("administration: accounts, permissions, quota, and refused to others", async () => {
      for (const page of ["accounts", "sessions", "uploads", "logs", "health"]) {
        assertEquals(await status(bob, `/admin/${page}`), 403, page);
        await admin.page(`/admin/${page}`);
      }
      const made = { name: "carol", password: PASSWORD, letter: "r", quota: "1 MiB" };
      await done(admin, "/admin/accounts", made);
      assertEquals(await status(admin, "/admin/accounts", { form: made }), 409);
      await done(admin, "/admin/accounts/bob/letters", { letter: "r" });
      const folder = { directory: "/", name: "no permission" };
      assertEquals(await status(bob, "/actions/mkdir", { form: folder }), 403);
      await done(admin, "/admin/accounts/bob/letters", { letter: "w" });
      await done(admin, "/admin/accounts/carol/remove", { confirm: "carol" });
      assertEquals(await status(admin, "/admin/accounts/carol"), 404);
      assertMatch(await admin.page("/admin/sessions"), /alice/);
    });

    await step("logs: filtered by type, level and text, and no secret in them", async () => {
      const audit = await admin.page("/admin/logs?name=audit");
      assertMatch(audit, /alice/);
      assert(!audit.includes(PASSWORD) && !audit.includes(NEW));
      const warnings = await admin.page("/admin/logs?name=audit&level=warning");
      assertMatch(warnings, /failed/);
      const searched = await admin.page("/admin/logs?name=audit&contains=Papers");
      assertMatch(searched, /Papers 1/);
      assertNotMatch(searched, /b_v2\.txt/);
    });

    await step("health and figures: for monitoring", async () => {
      assertEquals((await ask(browser(), "/healthz")).status, 200);
      assertMatch((await ask(browser(), "/metrics")).text, /^towpath_sessions/m);
    });

    if (installed("curl")) {
      await step("scripts: curl stores, continues, lists and removes", async () => {
        const home = await Deno.makeTempDir();
        await Deno.writeTextFile(`${home}/notes.txt`, "from a script");
        const api = `https://localhost:${port}/api/v1/files`;
        const curl = async (...args: string[]) => {
          const options = ["-sS", "--cacert", server.ca, "-u", `alice:${NEW}`];
          const { code, out, err } = await run(["curl", ...options, ...args], {
            env: { HOME: home },
          });
          assertEquals(code, 0, err);
          return out;
        };
        const code = ["-o", "/dev/null", "-w", "%{http_code}"];
        assertEquals(await curl(...code, "-T", `${home}/notes.txt`, `${api}/notes.txt`), "201");
        assertEquals(await curl(`${api}/notes.txt`), "from a script");
        assertEquals(await curl("-r", "5-", `${api}/notes.txt`), "a script");
        assertMatch(await curl(`${api}/`), /"notes\.txt"/);
        assertEquals(await curl(...code, "-X", "DELETE", `${api}/notes.txt`), "204");
        assertEquals(await curl(...code, `${api}/notes.txt`), "404");
        await Deno.remove(home, { recursive: true });
      });
    }

    await step("sign-out: the session ends", async () => {
      await alice.page("/account");
      await done(alice, "/sign-out", {});
      assertEquals(await status(alice, "/account"), 303);
    });
  } finally {
    for (const client of clients) client.close();
  }
});
