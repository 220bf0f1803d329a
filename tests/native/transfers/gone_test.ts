/** Clients that are gone before the server has begun what they asked for. */
import { assert, fail } from "@std/assert";
import { is, until } from "../../support/native.ts";
import { jsonFrame, RawClient } from "../../support/raw_client.ts";
import { startServer, type TestServer } from "../../support/server.ts";

/** Files of the accounts that the server has open. */
function openFiles({ pid, data }: TestServer): string[] {
  const directory = `/proc/${pid}/fd`;
  return [...Deno.readDirSync(directory)].flatMap(({ name }) => {
    try {
      return [Deno.readLinkSync(`${directory}/${name}`)];
    } catch {
      return []; // it was just closed
    }
  }).filter((place) => place.startsWith(data) && /\.part|\/kept$/.test(place));
}

const REQUESTS = [
  { command: "UPLOAD", data: { file_size: 1_000_000 } },
  { command: "UPLOAD", data: {} },
  { command: "APPE", data: {} },
  { command: "DOWNLOAD", data: { filename: "kept" } },
];

Deno.test({
  name: "a client that is gone at once keeps no file open",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using server = await startServer();
    using client = await RawClient.login(server, "admin", server.password);
    is(await client.upload("kept", "x".repeat(2_000_000)), "OK", 226);
    const { token } = is(await client.ask("TOKEN"), "OK", 200);
    for (let i = 0; i < 32; i++) {
      const { command, data } = REQUESTS[i % REQUESTS.length]!;
      const gone = await RawClient.connect(server);
      is(await gone.ask("AUTH", { token }), "AUTH_SUCCESS", 230);
      await gone.connection.write(jsonFrame({ command, data: { filename: `f${i}`, ...data } }));
      gone.connection.close();
    }
    let open: string[] = [];
    await until("all files are closed", () => (open = openFiles(server)).length === 0)
      .catch((error) => fail(`${open.length} files are open: ${error}`));
    // The begun upload is kept, and has no writer.
    const { parts } = is(await client.ask("PARTS"), "OK");
    const kept = parts as { active: boolean }[];
    assert(kept.length > 0 && kept.every(({ active }) => !active));
  },
});
