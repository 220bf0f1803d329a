/** Requests that one client sends at once share few connections, and wait instead of being refused. */
import { join } from "@std/path";
import { assert, assertEquals } from "@std/assert";
import { Client, ConnectionLost } from "../../client/lib/mod.ts";
import { FakeServer } from "../support/client/client_fake_server.ts";
import { until } from "../support/native.ts";
import { startServer } from "../support/server.ts";

/** Places that the server has, and connections that the client may have of them. */
const PLACES = [{ places: 100, most: 8 }, { places: 2, most: 2 }];

for (const { places, most } of PLACES) {
  Deno.test(`2,000 requests at once are answered by a server with ${places} places`, async () => {
    await using server = await startServer({ args: ["--max-connections", String(places)] });
    const credentials = { username: "admin", password: server.password };
    const options = { server: `localhost:${server.port}`, caFile: server.ca, credentials };
    const client = await Client.connect(options);
    const requests = Array.from({ length: 2000 }, (_, index) => {
      if (index % 100 === 0) return client.ask("MKD", { path: `/d${index}` });
      return client.ask("STAT", { filename: "/" }, { slow: index % 100 === 1 });
    });
    for (const reply of await Promise.all(requests)) assertEquals(reply.status, "OK");
    const sessions = (await client.ask("WHO")).data.sessions as unknown[];
    assert(sessions.length <= most, `${sessions.length} connections`);
    const { entries } = (await client.ask("LIST", { path: "/" })).data;
    assertEquals((entries as unknown[]).length, 20);
    await client.close();
    await until("the server has noticed that the places are free", async () => {
      const another = await Client.connect(options).catch(() => undefined);
      await another?.close();
      return another !== undefined;
    });
    assertEquals(await server.stop(), 0);
  });
}

Deno.test("a connection that is lost ends only the requests that were sent over it", async () => {
  using fake = await FakeServer.start(({ data }) =>
    data.filename === "/cut" ? undefined : [{ status: "OK", data: {} }]
  );
  const directory = Deno.makeTempDirSync();
  const caFile = join(directory, "ca.pem");
  Deno.writeTextFileSync(caFile, fake.ca);
  const credentials = { username: "u", password: "password" };
  const client = await Client.connect({ server: `localhost:${fake.port}`, caFile, credentials });
  const names = Array.from({ length: 1000 }, (_, index) => index === 10 ? "/cut" : `/${index}`);
  const results = await Promise.allSettled(
    names.map((filename) => client.ask("STAT", { filename })),
  );
  const lost = results.filter((result) => result.status === "rejected");
  for (const { reason } of lost) assert(reason instanceof ConnectionLost, String(reason));
  assert(lost.length > 0 && lost.length <= 64, `${lost.length} requests were lost`);
  const logins = fake.requests.filter(({ command }) => command === "AUTH").length;
  assert(logins <= 5, `${logins} connections were opened`);
  await client.close();
  Deno.removeSync(directory, { recursive: true });
});
