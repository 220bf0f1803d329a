// `--timeout` limits each silence; a server that reports that it works is not silent.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { Client, type ClientOptions } from "../../client/lib/connection/client.ts";
import { ConnectionLost } from "../../client/lib/common/error.ts";
import { type Answer, FakeServer } from "../support/client/client_fake_server.ts";

const TIMEOUT_MS = 1000;

/** A client of a server that a test controls. */
async function withServer(
  reportsProgress: boolean,
  answers: Answer[],
  run: (client: Client, fake: FakeServer) => Promise<void>,
): Promise<void> {
  using fake = await FakeServer.start(() => answers);
  fake.reportsProgress = reportsProgress;
  const directory = Deno.makeTempDirSync();
  const caFile = join(directory, "ca.pem");
  Deno.writeTextFileSync(caFile, fake.ca);
  const options: ClientOptions = {
    server: `localhost:${fake.port}`,
    caFile,
    credentials: { username: "u", password: "password" },
    timeoutMs: TIMEOUT_MS,
    retries: 0,
  };
  try {
    const client = await Client.connect(options);
    await run(client, fake);
    await client.close();
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

const verify = (client: Client) => client.request("VERIFY", {}, "Cannot verify", { slow: true });

Deno.test("a slow request asks a server that can for four reports in each timeout", async () => {
  const reports: Answer[] = [
    { status: "PROGRESS", code: 110, data: { message: "The server works" } },
    { status: "PROGRESS", code: 110, data: { message: "The server works" } },
    { status: "OK", data: { files: 7, bytes: 0, damaged: [] } },
  ];
  await withServer(true, reports, async (client, fake) => {
    assertEquals((await verify(client)).files, 7);
    assertEquals(fake.requests.at(-1)!.progress, TIMEOUT_MS / 4);
    await client.request("NOOP", {}, "Cannot wait");
    assertEquals(fake.requests.at(-1)!.progress, undefined);
  });
  await withServer(
    false,
    [{ status: "OK", data: { files: 7, bytes: 0, damaged: [] } }],
    async (client, fake) => {
      assertEquals((await verify(client)).files, 7);
      assertEquals(fake.requests.at(-1)!.progress, undefined);
    },
  );
});

Deno.test("silence during a slow request is a lost connection after one timeout", async () => {
  await withServer(true, [], async (client, fake) => {
    fake.silent.add("VERIFY");
    const lost = await assertRejects(() => verify(client), ConnectionLost);
    const [, seconds] = /silent for ([\d.]+) s/.exec(lost.message)!;
    assert(Number(seconds) < 20 * TIMEOUT_MS / 1000, lost.message);
  });
});
