/** A writer whose last bytes cannot be made safe any more: it is notified, and others are not held up. */
import { assert, assertEquals } from "@std/assert";
import type { StoreError } from "../../storage/contract/error.ts";
import type { Upload } from "../../storage/transfer/upload.ts";
import { Workers } from "../support/workers.ts";
import { STEPS } from "../support/engine.ts";

const SIZE = 2 * 1024 * 1024;

Deno.test("what cannot be made safe ends its own upload alone when a worker closes", async () => {
  await using workers = new Workers();
  let failures = 1;
  const { vault, view } = await workers.open({
    step(name) {
      const fails = name === STEPS.checkpoint && failures-- > 0;
      return fails ? Promise.reject(new Error("The disk failed")) : Promise.resolve();
    },
  });
  const reported = new Map<string, StoreError>();
  const ids: string[] = [];
  for (const path of ["/first", "/second"]) {
    const opening = await view.transfers.upload({ path, sizeBytes: SIZE });
    assert("upload" in opening);
    const upload = opening.upload as Upload;
    await upload.write(new Uint8Array(1000));
    upload.onTaken = (why) => reported.set(upload.id, why);
    ids.push(upload.id);
  }
  await vault.close();
  const offsets = ids.map((id) => reported.get(id)?.details?.offset);
  assertEquals(offsets.sort(), [0, 1000]);
  assertEquals([...reported.values()].map(({ kind }) => kind), ["shutting-down", "shutting-down"]);
  const { view: after } = await workers.open();
  const kept: number[] = [];
  for await (const { record } of await after.transfers.unfinished()) {
    assertEquals(record.holder, null);
    kept.push(record.offsetBytes);
  }
  assertEquals(kept.sort(), [0, 1000]);
});
