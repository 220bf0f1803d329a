/**
 * A worker that fails when a test asks it to: the file `crash-<index>` in its data directory says
 * how, and is removed once it was seen. `crash-<index>-start` fails every start while it is there.
 */
import { join } from "node:path";
import "../../../server/worker.ts";
import type { WorkerRequest } from "../../../server/worker_messages.ts";

const POLL_MS = 5;

addEventListener("message", (event) => {
  const request = (event as MessageEvent<WorkerRequest>).data;
  if (request.type !== "start") return;
  const { data, index } = request.settings;
  const file = join(data, `crash-${index}`);
  if (exists(`${file}-start`)) throw new Error("A test fails this start");
  setInterval(() => {
    if (!exists(file)) return;
    const how = Deno.readTextFileSync(file);
    Deno.removeSync(file);
    if (how === "throw") throw new Error("A test fails this worker");
  }, POLL_MS);
});

function exists(file: string): boolean {
  try {
    Deno.lstatSync(file);
    return true;
  } catch {
    return false;
  }
}
