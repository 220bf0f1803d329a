/**
 * A worker that fails when a test asks it to: the file `crash-<index>` in its data directory says
 * how (`throw`, `hang`, `fill` its memory), and is removed once it was seen. `crash-<index>-start`
 * fails every start while it is there; where it says `hang`, the next one hangs, and it is removed.
 * The first worker that comes to the step of the storage that the file `crash-step` names, fails.
 */
import { join } from "@std/path";
import { getHeapStatistics } from "node:v8";
import "../../server/process/worker.ts";
import type { WorkerRequest } from "../../server/process/worker_messages.ts";
import { Vault } from "../../storage/vault.ts";

const POLL_MS = 5;

let dataDirectory: string;

addEventListener("message", (event) => {
  const request = (event as MessageEvent<WorkerRequest>).data;
  if (request.type !== "start") return;
  const { data, index } = request.settings;
  dataDirectory = data;
  const file = join(data, `crash-${index}`);
  if (exists(`${file}-start`)) {
    if (Deno.readTextFileSync(`${file}-start`) !== "hang") {
      throw new Error("A test fails this start");
    }
    Deno.removeSync(`${file}-start`);
    hang();
  }
  setInterval(() => {
    if (!exists(file)) return;
    const how = Deno.readTextFileSync(file);
    Deno.removeSync(file);
    if (how === "throw") throw new Error("A test fails this worker");
    if (how === "hang") hang();
    if (how === "fill") fill();
  }, POLL_MS);
});

/** Never comes back to its events. */
function hang(): never {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  while (true) Atomics.wait(cell, 0, 0, 50);
}

/** Takes nearly all memory that it may have, step by step. */
function fill(): void {
  const held: object[][] = [];
  const timer = setInterval(() => {
    const { used_heap_size, heap_size_limit } = getHeapStatistics();
    if (used_heap_size > 0.9 * heap_size_limit) return clearInterval(timer);
    held.push(Array.from({ length: 20_000 }, (_, index) => ({ index })));
  }, 2);
  kept.push(held);
}
const kept: unknown[] = [];

const { open } = Vault;
Vault.open = (parts) =>
  open({
    ...parts,
    async step(name) {
      const step = join(dataDirectory, "crash-step");
      if (!exists(step) || Deno.readTextFileSync(step) !== name) return;
      Deno.removeSync(step);
      setTimeout(() => {
        throw new Error("A test fails this worker");
      });
      await new Promise(() => {}); // it does nothing more
    },
  });

function exists(file: string): boolean {
  try {
    Deno.lstatSync(file);
    return true;
  } catch {
    return false;
  }
}
