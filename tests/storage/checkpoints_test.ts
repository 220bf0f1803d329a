/** When checkpoints of an upload are begun, by a clock of the test's own. */
import { assert, assertEquals } from "@std/assert";
import type { PartContent } from "../../storage/contract/parts.ts";
import { MemoryEngine } from "../../storage/memory/memory_engine.ts";
import { Checkpoints } from "../../storage/transfer/checkpoints.ts";
import { Part } from "../../storage/transfer/part.ts";
import { account, newUpload } from "./suites/engine_samples.ts";

const MIB = 1024 * 1024;

/** Times, in seconds, at which an upload of 1,000 bytes a second has a checkpoint. */
async function checkpointsOf(leastCheckpointBytes?: number): Promise<number[]> {
  const engine = new MemoryEngine();
  await engine.addAccount(account("alice"));
  const content: PartContent = await engine.parts.begin(newUpload("/f"));
  await content.keep();
  if (leastCheckpointBytes !== undefined) Object.assign(content, { leastCheckpointBytes });
  const part = new Part(content);
  let seconds = 0;
  const checkpoints = new Checkpoints(part, undefined, () => seconds * 1000);
  const times: number[] = [];
  checkpoints.onProgress = () => times.push(seconds);
  while (seconds < 40) {
    seconds++;
    await part.append(new Uint8Array(1000));
    await checkpoints.take();
    await checkpoints.settled();
  }
  await checkpoints.end();
  return times;
}

Deno.test("a checkpoint is begun each second, and of few bytes where they are not worth it each 15", async () => {
  assertEquals((await checkpointsOf()).length, 40);
  assertEquals(await checkpointsOf(5000), [5, 10, 15, 20, 25, 30, 35, 40]);
  assertEquals(await checkpointsOf(256 * 1024), [15, 30]);
});

Deno.test("an engine may take several checkpoints at once; the sender waits for the first of them only", async () => {
  const engine = new MemoryEngine();
  await engine.addAccount(account("alice"));
  const content: PartContent = await engine.parts.begin(newUpload("/f"));
  await content.keep();
  const begun: { offset: number; end: () => void }[] = [];
  Object.assign(content, {
    parallelCheckpoints: 2,
    maxUnsafeBytes: 48 * MIB,
    checkpoint: ({ offset }: { offset: number }) =>
      new Promise<void>((end) => begun.push({ offset, end })),
  });
  const part = new Part(content);
  const checkpoints = new Checkpoints(part, undefined, () => 0);
  const safe: number[] = [];
  checkpoints.onProgress = (offset) => safe.push(offset / MIB);
  const send = async () => {
    await part.append(new Uint8Array(16 * MIB));
    return { waits: checkpoints.take() };
  };
  const offsets = async () => {
    await part.settled();
    return begun.map(({ offset }) => offset / MIB);
  };
  for (let sent = 1; sent <= 3; sent++) assertEquals((await send()).waits, undefined);
  assertEquals(await offsets(), [16, 32]);
  const { waits } = await send();
  begun[0]!.end();
  await waits;
  assertEquals(safe, [16]);
  // All that came since the last one that was begun is in the next one.
  await send();
  assertEquals(await offsets(), [16, 32, 80]);
  for (const { end } of begun) end();
  await checkpoints.end();
  assertEquals(safe, [16, 32, 80]);
});

Deno.test("bytes of a sender that falls silent become safe, also of an upload without a record", async () => {
  const engine = new MemoryEngine();
  await engine.addAccount(account("alice"));
  for (const isRecorded of [true, false]) {
    const content: PartContent = await engine.parts.begin(newUpload("/f"));
    if (isRecorded) await content.keep();
    Object.assign(content, { leastCheckpointBytes: 5000 });
    const part = new Part(content);
    const checkpoints = new Checkpoints(part, async () => void await content.keep());
    const { promise, resolve } = Promise.withResolvers<number>();
    checkpoints.onProgress = resolve;
    await part.append(new Uint8Array(5000));
    await checkpoints.take();
    assertEquals(await promise, 5000);
    assertEquals((await engine.parts.get(content.record.id))?.offsetBytes, 5000);
    await checkpoints.end();
  }
});

Deno.test("bytes of a sender that falls silent are waited for no longer than so many are worth", async () => {
  const engine = new MemoryEngine();
  await engine.addAccount(account("alice"));
  const content: PartContent = await engine.parts.begin(newUpload("/f"));
  await content.keep();
  Object.assign(content, { leastCheckpointBytes: 5000 });
  const part = new Part(content);
  const checkpoints = new Checkpoints(part);
  const timed = globalThis.setTimeout;
  const waits: number[] = [];
  globalThis.setTimeout = ((run: () => void, ms: number) => {
    waits.push(ms);
    return timed(run, ms);
  }) as typeof globalThis.setTimeout;
  try {
    for (const bytes of [1000, 4000, 1000]) {
      await part.append(new Uint8Array(bytes));
      await checkpoints.take();
    }
  } finally {
    globalThis.setTimeout = timed;
  }
  const [first, second, ...rest] = waits;
  assert(first! > 1000 && second! <= 1000, `${waits}`);
  assertEquals(rest, []); // it is not set anew for each piece
  await checkpoints.end();
});
