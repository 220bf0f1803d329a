/** Memory of the real server's connections that have transferred something and are idle now. */
import { delay } from "@std/async";
import { fail } from "@std/assert";
import type { TestServer } from "../server.ts";

const SETTLE_MS = 10_000;
/** Memory of each connection shows in every round; the program's heap grows once, in one. */
const ROUNDS = 3;

function residentKib(server: TestServer): number {
  const status = Deno.readTextFileSync(`/proc/${server.pid}/status`);
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)![1]);
}

/**
 * Fails where idle connections hold more memory than they may.
 *
 * @param use opens so many connections, has each move something, and keeps them open
 */
export async function assertIdleMemory(
  server: TestServer,
  limit: { connections: number; maxKibEach: number },
  use: (count: number) => Promise<void>,
): Promise<void> {
  await use(15); // the program's own memory has grown then
  const seen: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = residentKib(server);
    await use(limit.connections);
    const each = () => (residentKib(server) - before) / limit.connections;
    const deadline = performance.now() + SETTLE_MS;
    while (each() > limit.maxKibEach && performance.now() < deadline) {
      await delay(200);
    }
    if (each() <= limit.maxKibEach) return;
    seen.push(each().toFixed(1));
  }
  fail(`${seen.join(", ")} KiB for each idle connection, in rounds one after the other`);
}
