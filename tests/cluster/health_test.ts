/** `/healthz` of a node whose database or object store does not answer. */
import { assertMatch } from "@std/assert";
import { until } from "../support/native.ts";
import type { TestServer } from "../support/server.ts";
import { startPostgres, withoutPostgres } from "./engines.ts";
import { withNodes } from "./nodes.ts";

/** The nodes of the tests have a certificate without its issuer's. */
const READY = /^200 (ok|degraded\ncertificate: .*)\n/;

Deno.test({
  name: "nodes: a node without its database or its store is failing, and ready again by itself",
  ignore: withoutPostgres,
  fn: () =>
    withNodes(async (node, { caText, s3 }) => {
      const server = await node("one");
      using client = Deno.createHttpClient({ caCerts: [caText] });
      const state = async (headers: Record<string, string> = {}) => {
        const url = `https://localhost:${server.info.web!.port}/healthz`;
        const reply = await fetch(url, { client, headers });
        return `${reply.status} ${await reply.text()}`;
      };
      const reaches = (wanted: RegExp) =>
        until(`the state is ${wanted}`, async () => wanted.test(await state()));
      assertMatch(await state(), READY);
      const postgres = await startPostgres();
      await postgres.kill();
      await reaches(/^503 failing\ndatabase: The database does not answer \(.+\): check that/);
      const shown = await state({ "x-forwarded-for": "203.0.113.5" });
      assertMatch(shown, /^503 failing\ndatabase: it does not answer\n/);
      await postgres.start();
      await reaches(READY);
      s3.isDown = true;
      await reaches(/^503 failing\nobject store: .*s3:\/\/bucket.*status 503/);
      s3.isDown = false;
      await reaches(READY);
      postgres.freeze();
      try {
        await reaches(/^503 failing\ndatabase: The database does not answer/);
      } finally {
        postgres.thaw();
      }
      await reaches(READY);
      assertLogged(server);
    }),
});

function assertLogged({ stderr }: TestServer): void {
  assertMatch(stderr, /The database does not answer: .+/);
  assertMatch(stderr, /The database answers again/);
  assertMatch(stderr, /The object store answers again/);
}
