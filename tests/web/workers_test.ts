// Two workers on one port are one web door: sessions, uploads, figures.

import { assertEquals, assertMatch } from "@std/assert";
import { MIB, randomBytes } from "../support/native.ts";
import { RawClient, sha256 } from "../support/raw_client.ts";
import { startServer } from "../support/server.ts";
import { Tus } from "../support/tus.ts";
import { WebClient } from "../support/web.ts";
import { basic, WebProgram } from "../support/web_program.ts";

/** Connections enough that no worker has none. */
const MANY = 10;

Deno.test("two workers are one web door", async (t) => {
  await using server = await startServer({ args: ["--workers", "2", "--web-port", "0"] });
  const { port } = server.info.web!;
  /** A connection of its own, which either worker may accept. */
  const fresh = async <T>(use: (client: WebClient) => Promise<T>): Promise<T> => {
    const client = new WebClient(port, server.caText);
    try {
      return await use(client);
    } finally {
      client.close();
    }
  };
  const asAdmin = basic("admin", server.password);
  const ask = (path: string, request = {}) =>
    fresh((client) => new WebProgram(client, asAdmin).ask(path, request));

  await t.step("a session is one in both, and ends in both", async () => {
    const cookies = await fresh(async (client) => {
      await client.signIn("admin", server.password);
      return new Map(client.cookies);
    });
    const statuses = async () => {
      const all: number[] = [];
      for (let i = 0; i < MANY; i++) {
        all.push(
          await fresh(async (client) => {
            for (const [name, value] of cookies) client.cookies.set(name, value);
            const reply = await client.fetch("/account");
            await reply.body?.cancel();
            return reply.status;
          }),
        );
      }
      return new Set(all);
    };
    assertEquals(await statuses(), new Set([200]));
    using native = await RawClient.login(server, "admin", server.password);
    const { sessions } = (await native.ask("WHO")).data as { sessions: { session_id: string }[] };
    const ids = sessions.map(({ session_id }) => session_id);
    assertEquals(new Set(ids).size, ids.length);
    await fresh(async (client) => {
      for (const [name, value] of cookies) client.cookies.set(name, value);
      await client.page("/account");
      const out = await client.fetch("/sign-out", { form: {} });
      assertEquals(out.status, 303);
    });
    assertEquals(await statuses(), new Set([303]));
  });

  await t.step("an upload goes on whichever worker its pieces come to", async () => {
    const content = randomBytes(MANY * MIB / 4);
    const tus = <T>(use: (tus: Tus) => Promise<T>) =>
      fresh((client) => use(new Tus(new WebProgram(client, asAdmin))));
    const location = await tus((tus) => tus.create(content.length, { path: "/a" }));
    for (let at = 0; at < content.length; at += MIB / 4) {
      const piece = content.slice(at, at + MIB / 4);
      const { status } = await tus((tus) => tus.patch(location, at, piece));
      assertEquals(status, 204);
    }
    assertEquals((await ask("/info/a")).json.hash, sha256(content));
  });

  await t.step("figures are summed", async () => {
    for (let i = 0; i < MANY; i++) assertEquals((await ask("/info/nothing")).status, 404);
    const text = await fresh(async (client) => await (await client.fetch("/metrics")).text());
    assertMatch(text, /^towpath_http_requests_total\{method="GET",status="404"\} 10$/m);
    assertMatch(text, /^towpath_hashing\{state="waiting"\} 0$/m);
  });

  assertEquals(await server.stop(), 0);
  const log = await Deno.readTextFile(`${server.data}/logs/web.log`);
  assertEquals(
    log.trimEnd().split("\n").filter((line) => line.includes('"status":404')).length,
    10,
  );
});
