/** Requests of one connection that wait for each other: what it sent last is what stays. */
import { assertEquals } from "@std/assert";
import { delay } from "@std/async";
import { ClusterEngine } from "../../storage/cluster/cluster_engine.ts";
import type { Engine } from "../../storage/contract/engine.ts";
import { DiskEngine } from "../../storage/disk/disk_engine.ts";
import { holds, is } from "../support/native.ts";
import { sha256 } from "../support/raw_client.ts";

/** How long the disk stalls at least, ms: a delay that matters. */
const STALL_MS = 300;

/** Changes of `/f` that the upload of `/f` behind them waits for. */
const BEFORE: Record<string, [command: string, data: Record<string, unknown>]> = {
  "a removal": ["DELE", { filename: "/f" }],
  "a rename to the name": ["RENAME", { from: "/g", to: "/f", overwrite: true }],
  "a copy to the name": ["COPY", { from: "/g", to: "/f", if_exists: "overwrite" }],
};

/** Delays each removal and rename once its place in the order is known, and the begin of an upload. */
function delayChanges(engine: Engine): void {
  const late = <T extends object, K extends keyof T>(target: T, name: K) => {
    const call = target[name] as (...args: unknown[]) => unknown;
    target[name] = (async (...args: unknown[]) => {
      await delay(STALL_MS);
      return await call.apply(target, args);
    }) as T[K];
  };
  if (engine instanceof DiskEngine) {
    for (const name of ["remove", "rename", "createPart"] as const) late(engine.store, name);
  } else {
    late(engine.parts, "begin");
    if (engine instanceof ClusterEngine) late(engine.database, "query");
  }
}

for (const [what, [command, data]] of Object.entries(BEFORE)) {
  for (const pipelined of [true, false]) {
    const how = pipelined ? "pipelined upload" : "upload";
    holds(
      `${how} sent right behind ${what} on a slow disk is there`,
      async ({ server, alice }) => {
        is(await alice.upload("/f", "old"), "OK", 226);
        is(await alice.upload("/g", "other"), "OK", 226);
        delayChanges(server.engine);
        const newer = new TextEncoder().encode("newer");
        const announced = { file_size: newer.length, file_hash: sha256(newer) };
        await alice.send(command, data);
        await alice.send("UPLOAD", {
          filename: "/f",
          if_exists: "overwrite",
          pipelined,
          ...announced,
        });
        if (pipelined) {
          await alice.data(newer);
          await alice.send("END");
        }
        is(await alice.reply(), "OK");
        if (!pipelined) {
          is(await alice.reply(), "OK", 150);
          await alice.data(newer);
        }
        is(await alice.reply(), "OK", 226);
        const { content } = await alice.download("/f");
        assertEquals(content && new TextDecoder().decode(content), "newer");
      },
    );
  }
}
