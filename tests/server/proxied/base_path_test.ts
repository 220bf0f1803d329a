/** `--web-base-path` behind nginx, HAProxy and Caddy, with the lines of the guide, and at the start. */
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { basePath } from "../../../server/options/kinds.ts";
import { testWith } from "../../ftp/clients/programs.ts";
import { ON_CLUSTER } from "../../support/engine.ts";
import { until } from "../../support/certificate.ts";
import { runServer, startServer } from "../../support/server.ts";
import { BASE_PATH, startWebProxy } from "../../support/peers/web_proxy.ts";

const PROXIES = ["nginx", "haproxy", "caddy"] as const;

testWith([...PROXIES], "proxies pass on what is below the base path", async (test) => {
  await using server = await startServer({ web: true, args: ["--web-base-path", `${BASE_PATH}/`] });
  // The authority of given certificates has no page.
  const printed = ON_CLUSTER
    ? /https:\/\/localhost:\d+\/files-and-more\/ /
    : /https:\/\/localhost:\d+\/files-and-more\/ [^]*\/files-and-more\/trust\n/;
  await until(() => printed.test(server.stdout), "the addresses that the start prints");
  for (const name of PROXIES) {
    await test.step(name, async () => {
      await using proxy = await startWebProxy(name, server);
      const authorization = `Basic ${btoa(`admin:${server.password}`)}`;
      const send = (path: string, options: RequestInit = {}) =>
        fetch(proxy.origin + path, {
          redirect: "manual",
          ...options,
          client: proxy.http,
          headers: { authorization, ...options.headers },
        } as RequestInit);
      const ask = async (path: string, options: RequestInit = {}) => {
        const reply = await send(path, options);
        return { status: reply.status, headers: reply.headers, text: await reply.text() };
      };
      assertEquals((await ask("/")).status, 418);
      assertEquals((await ask("/files-and-morex")).status, 418);

      const content = "x".repeat(3_000_000);
      const at = `${BASE_PATH}/api/v1/files/large-by-${name}`;
      assertEquals((await ask(at, { method: "PUT", body: content })).status, 201);
      assertEquals((await ask(at)).text, content);

      const tus = { "tus-resumable": "1.0.0", "upload-offset": "0" };
      const created = await ask(`${BASE_PATH}/tus/`, {
        method: "POST",
        headers: {
          ...tus,
          "upload-length": "9",
          "upload-metadata": `path ${btoa(`/by tus and ${name}`)}`,
        },
      });
      assertEquals(created.status, 201);
      const patched = await ask(created.headers.get("location")!, {
        method: "PATCH",
        headers: { ...tus, "content-type": "application/offset+octet-stream" },
        body: "by chunks",
      });
      assertEquals(patched.status, 204);
      assertEquals(
        (await ask(`${BASE_PATH}/api/v1/files/by%20tus%20and%20${name}`)).text,
        "by chunks",
      );

      const signedIn = await ask(`${BASE_PATH}/sign-in`, {
        method: "POST",
        headers: { authorization: "", origin: proxy.origin },
        body: new URLSearchParams({ username: "admin", password: server.password }),
      });
      assertEquals(signedIn.status, 303);
      assertEquals(signedIn.headers.get("location"), `${BASE_PATH}/`);
      const [cookie] = signedIn.headers.getSetCookie();
      assertMatch(cookie!, /^__Secure-towpath=.*; Path=\/files-and-more;/);
      const bare = await ask(BASE_PATH);
      assert(bare.status >= 301 && bare.status <= 308, String(bare.status));
      assertMatch(bare.headers.get("location")!, /\/files-and-more\//);
    });
  }
});

Deno.test("a base path that is none is refused at the start", async () => {
  const args = ["--data", "/nonexistent", "--web-port", "0", "--web-base-path", "files"];
  const { code, stderr } = await runServer(args);
  assertEquals(code, 2);
  assertMatch(stderr, /^[^\n]*"files" but must be a path such as \/files-and-more[^\n]*\n$/);
  for (const path of ["a", "/a//b", "/a/../b", "/a b", "/a?b", "/%61", "//", "https://a/b", ""]) {
    assertThrows(() => basePath.read(path), TypeError, "a path such as", path);
  }
  assertEquals(["/", "/a", "/a/b.c/"].map((path) => basePath.read(path)), ["", "/a", "/a/b.c"]);
});
