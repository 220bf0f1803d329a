/** When checkpoints of an upload are begun, by a clock of the test's own. */
import { assertEquals } from "@std/assert";
import type { PartContent } from "../../storage/contract/parts.ts";
import { MemoryEngine } from "../../storage/memory/memory_engine.ts";
import { Checkpoints } from "../../storage/transfer/checkpoints.ts";
import { Part } from "../../storage/transfer/part.ts";
import { account, newUpload } from "./suites/engine_samples.ts";

/** Times, in seconds, at which an upload of 1,000 bytes a second has a checkpoint. */
async function checkpointsOf(leastCheckpointBytes?: number): Promise<number[]> {
  const engine = new MemoryEngine();
  await engine.addAccount(account("alice"));
  const content: PartContent = await engine.parts.begin(newUpload("/f"));
  await content.keep();
  if (leastCheckpointBytes !== undefined) Object.assign(content, { leastCheckpointBytes });
  const part = new Part(content);
  let seconds = 0;
  const checkpoints = new Checkpoints(part, () => seconds * 1000);
  const times: number[] = [];
  checkpoints.onProgress = () => times.push(seconds);
  while (seconds < 40) {
    seconds++;
    await part.append(new Uint8Array(1000));
    await checkpoints.take();
    await checkpoints.settled();
  }
  return times;
}

Deno.test("a checkpoint is begun each second, and of few bytes where they are not worth it each 15", async () => {
  assertEquals((await checkpointsOf()).length, 40);
  assertEquals(await checkpointsOf(5000), [5, 10, 15, 20, 25, 30, 35, 40]);
  assertEquals(await checkpointsOf(256 * 1024), [15, 30]);
});
