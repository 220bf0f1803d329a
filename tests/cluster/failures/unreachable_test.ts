/**
 * A node that is frozen, and a database or store that falls silent or ends: the documented replies,
 * nothing acknowledged is lost, and no node is started again.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { testsAtOnce } from "../../support/at_once.ts";
import { is, KIB, MIB, randomBytes, until } from "../../support/native.ts";
import { RawClient, sha256 } from "../../support/raw_client.ts";
import type { TestServer } from "../../support/server.ts";
import { withoutPostgres } from "../engines.ts";
import { login, type Shared, withNodes } from "../nodes.ts";
import { DroppedPort, withoutFirewall } from "./firewall.ts";
import { SwallowingProxy } from "./swallowing_proxy.ts";

const test = testsAtOnce();
const ignore = withoutPostgres;
/** How long `/healthz` may take to have an engine as failing or ready, ms. */
const PATIENCE_MS = 60_000;

/** Begins an upload of `content` and sends its first half. @returns its id */
async function beginHalf(client: RawClient, filename: string, content: Uint8Array) {
  const announced = { filename, file_size: content.length, file_hash: sha256(content) };
  const { temp_id } = is(await client.ask("UPLOAD", announced), "OK", 150);
  await client.data(content.subarray(0, content.length / 2));
  return temp_id;
}

/** Resumes an upload and sends the rest. */
async function finish(client: RawClient, temp_id: unknown, content: Uint8Array): Promise<void> {
  const ready = is(await client.ask("RESUME", { temp_id }), "OK", 150);
  const offset = ready.offset as number;
  assertEquals(ready.prefix_hash, sha256(content.subarray(0, offset)));
  await client.data(content.subarray(offset));
  await client.send("END", {});
  is(await client.reply(), "OK", 226);
}

async function assertContent(client: RawClient, name: string, content: Uint8Array) {
  assertEquals(sha256((await client.download(name)).content), sha256(content), name);
}

/** Status of a request of the HTTP API. */
async function statusOf(server: TestServer, { caText }: Shared, path: string): Promise<number> {
  using client = Deno.createHttpClient({ caCerts: [caText] });
  const authorization = `Basic ${btoa("admin:correct horse battery")}`;
  const reply = await fetch(`https://localhost:${server.info.web!.port}/api/v1${path}`, {
    client,
    headers: { authorization },
  });
  await reply.body?.cancel();
  return reply.status;
}

/** A relay, and an option with a URL by which a node reaches its port through it. */
function through(args: readonly string[], option: string): [SwallowingProxy, string] {
  const found = args.find((arg) => arg.startsWith(`--${option}=`))!;
  const port = /:(\d+)/.exec(found)![1]!;
  const relay = new SwallowingProxy(Number(port));
  return [relay, found.replace(`:${port}`, `:${relay.port}`)];
}

test(
  "a frozen writer wakes up after its upload was taken and finished: it is refused",
  () =>
    withNodes(async (node, shared) => {
      const [one, other] = [await node("one"), await node("other")];
      const content = randomBytes(4 * MIB);
      using first = await login(one, shared);
      using second = await login(other, shared);
      const temp_id = await beginHalf(first, "f", content);
      using third = await login(one, shared);
      const dropped = await beginHalf(third, "g", content);
      await until("both are noted", async () => {
        const parts = is(await second.ask("PARTS"), "OK").parts as unknown[];
        return parts.length === 2;
      });
      one.kill("SIGSTOP");
      await finish(second, temp_id, content);
      is(await second.ask("ABOR", { temp_id: dropped, discard: true }), "OK");
      one.kill("SIGCONT");
      await first.data(content.subarray(content.length / 2)).catch(() => {});
      const reply = await first.reply();
      assert(reply?.status === "ABORTED" || reply?.status === "ERROR", JSON.stringify(reply));
      await assertContent(second, "f", content);
      using again = await login(one, shared);
      await assertContent(again, "f", content);
      assertEquals(is(await again.ask("NLST"), "OK").names, ["f"]);
      const { used, reserved } = is(await again.ask("STAT"), "OK");
      assertEquals([used, reserved], [content.length, 0]);
    }),
  { ignore },
);

test(
  "a database that falls silent: replies of failure in time, and all goes on after it",
  () =>
    withNodes(async (node, shared) => {
      const [relay, option] = through(shared.args, "catalog");
      using silent = relay;
      const one = await node("one", option);
      const content = randomBytes(2 * MIB);
      using client = await login(one, shared);
      is(await client.upload("acknowledged", content), "OK", 226);
      using uploading = await login(one, shared);
      const temp_id = await beginHalf(uploading, "f", content);
      await until("something of it is safe", async () => {
        await uploading.data(randomBytes(0));
        const parts = is(await client.ask("PARTS"), "OK").parts as { offset: number }[];
        return parts[0]!.offset > 0;
      });
      silent.fallSilent();
      const [listed, made, web] = await Promise.all([
        client.ask("LIST"),
        login(one, shared).then(() => "in", (error) => String(error)),
        statusOf(one, shared, "/account"),
      ]);
      const { message } = is(listed, "ERROR", 451);
      assertMatch(String(message), /database does not answer; try again later/);
      assertMatch(made, /451|ERROR|did not answer|does not answer/);
      assertEquals(web, 503);
      silent.speak();
      using again = await login(one, shared);
      await assertContent(again, "acknowledged", content);
      is(await again.upload("g", content), "OK", 226);
      await finish(again, temp_id, content);
      await assertContent(again, "f", content);
    }),
  { ignore },
);

test(
  "a store that falls silent for a while: requests wait, and are carried out",
  () =>
    withNodes(async (node, shared) => {
      const [relay, option] = through(shared.args, "store-endpoint");
      using silent = relay;
      const one = await node("one", option);
      const content = randomBytes(20 * MIB);
      using client = await login(one, shared);
      using other = await login(one, shared);
      is(await client.upload("acknowledged", content), "OK", 226);
      silent.fallSilent();
      const upload = client.upload("large", content);
      const small = other.upload("small", content.subarray(0, KIB));
      // Names are in the database: they are seen meanwhile.
      using looking = await login(one, shared);
      assertEquals(is(await looking.ask("NLST"), "OK").names, ["acknowledged"]);
      silent.speak();
      is(await upload, "OK", 226);
      is(await small, "OK", 226);
      for (const name of ["acknowledged", "large"]) await assertContent(looking, name, content);
      await assertContent(looking, "small", content.subarray(0, KIB));
    }),
  { ignore },
);

test(
  "the firewall drops every packet to the database, and then to the store: all goes on after it",
  () =>
    withNodes(async (node, shared) => {
      // Ports of this test alone: others use the same servers.
      const [toDatabase, catalog] = through(shared.args, "catalog");
      using _database = toDatabase;
      const [toStore, endpoint] = through(shared.args, "store-endpoint");
      using _store = toStore;
      const one = await node("one", catalog, endpoint);
      using http = Deno.createHttpClient({ caCerts: [shared.caText] });
      const reaches = (wanted: RegExp) =>
        until(`the state is ${wanted}`, async () => {
          const url = `https://localhost:${one.info.web!.port}/healthz`;
          const reply = await fetch(url, { client: http });
          return wanted.test(`${reply.status} ${await reply.text()}`);
        }, PATIENCE_MS);
      const content = randomBytes(20 * MIB);
      using client = await login(one, shared);
      is(await client.upload("acknowledged", content), "OK", 226);
      using uploading = await login(one, shared);
      const temp_id = await beginHalf(uploading, "f", content);
      await until("something of it is safe", async () => {
        const parts = is(await client.ask("PARTS"), "OK").parts as { offset: number }[];
        return parts[0]!.offset > 0;
      });

      await using database = new DroppedPort(toDatabase.port);
      await database.drop();
      const listed = client.ask("LIST");
      const entering = login(one, shared).then(() => "in", (error) => String(error));
      await reaches(/^503 failing\ndatabase: /);
      assertMatch(String(is(await listed, "ERROR", 451).message), /database does not answer/);
      assertMatch(await entering, /database does not answer/);
      await database.pass();
      await reaches(/^200 /);
      using again = await login(one, shared);
      await assertContent(again, "acknowledged", content);
      await finish(again, temp_id, content);

      await using store = new DroppedPort(toStore.port);
      using other = await login(one, shared);
      await store.drop();
      const large = again.upload("large", content);
      const packed = other.upload("small", content.subarray(0, KIB));
      await reaches(/^503 failing\nobject store: /);
      using looking = await login(one, shared);
      assertEquals(is(await looking.ask("NLST"), "OK").names, ["acknowledged", "f"]);
      await store.pass();
      is(await large, "OK", 226);
      is(await packed, "OK", 226);
      await reaches(/^200 /);
      for (const name of ["acknowledged", "f", "large"]) {
        await assertContent(looking, name, content);
      }
      await assertContent(looking, "small", content.subarray(0, KIB));
    }),
  { ignore: ignore || withoutFirewall !== undefined },
);
