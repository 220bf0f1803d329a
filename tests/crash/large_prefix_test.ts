import { delay } from "@std/async";
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { existsSync } from "node:fs";
import { until } from "../support/native.ts";
import { RawClient } from "../support/raw_client.ts";
import { startServer } from "../support/server.ts";

const MIB = 1024 * 1024;
const SIZE = 5 * 1024 * MIB;
/** Bytes hashed in 50 ms at 1,700 MB/s, the maximum of one core. */
const MAX_BETWEEN_REPLIES = 85 * MIB;

/** SHA-256 of that many zeros, as `head -c 5G /dev/zero | sha256sum` has it. */
const HASH_OF_ZEROS = "7f06c62352aebd8125b2a1841e2b9e1ffcbed602f381c3dcb3200200e383d1d5";

/** The `quantile` of sorted numbers. */
function quantile(sorted: number[], quantile: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * quantile))]!;
}

Deno.test("after a restart, others are answered while a prefix of 5 GiB is hashed", async () => {
  await using server = await startServer();
  let id: string;
  {
    using client = await RawClient.login(server, "admin", server.password);
    const ready = await client.ask("UPLOAD", { filename: "large.bin", file_size: SIZE + 3 });
    id = ready.data.temp_id as string;
    await client.data(new Uint8Array(8));
  }
  const part = `${server.data}/users/a/admin/parts/${id}`;
  await until("the upload is suspended", () => existsSync(`${part}.json`));
  await server.kill9();
  // A part of 5 GiB without their time and space: a sparse file, and the checkpoint that fits it.
  Deno.truncateSync(`${part}.part`, SIZE);
  const checkpoint = JSON.parse(Deno.readTextFileSync(`${part}.json`));
  checkpoint.safe = [{ offset: SIZE, hash: HASH_OF_ZEROS }];
  Deno.writeTextFileSync(`${part}.json`, JSON.stringify(checkpoint));
  await server.start();

  using other = await RawClient.login(server, "admin", server.password);
  using client = await RawClient.login(server, "admin", server.password);
  client.maxWaitMs = 600_000; // 5 GiB are hashed
  let resumed = false;
  const resuming = client.ask("RESUME", { temp_id: id }).finally(() => resumed = true);
  const times: number[] = [];
  while (!resumed) {
    const begun = performance.now();
    assertEquals((await other.ask("NOOP")).code, 200);
    times.push(performance.now() - begun);
    await delay(2); // a client, not a flood
  }
  const ready = await resuming;
  assertStrictEquals(ready.data.offset, SIZE, JSON.stringify(ready));
  assertEquals(ready.data.prefix_hash, checkpoint.safe[0].hash);
  times.sort((a, b) => a - b);
  console.log(
    `  ${times.length} replies meanwhile: median ${quantile(times, 0.5).toFixed(1)} ms, ` +
      `99 % within ${quantile(times, 0.99).toFixed(1)} ms, all within ${
        times.at(-1)!.toFixed(1)
      } ms`,
  );
  // Counted against the work, not the clock: a busy machine slows both alike.
  assert(times.length > SIZE / MAX_BETWEEN_REPLIES, `only ${times.length} replies meanwhile`);

  await client.data("end");
  await client.send("END");
  assertEquals((await client.reply())!.code, 226);
});
