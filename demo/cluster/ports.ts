// Ports of 127.0.0.1 that are free.

/** Below the ports that systems give to outgoing connections. */
const [FIRST, LAST] = [20_000, 32_000];
const TRIES = 200;

/** Finds ports in a row that are free now. @returns the first of them */
export function freePorts(count: number): number {
  for (let tries = 0; tries < TRIES; tries++) {
    const first = FIRST + Math.floor(Math.random() * (LAST - FIRST - count));
    const ports = Array.from({ length: count }, (_, index) => first + index);
    if (ports.every(isFree)) return first;
  }
  throw new Error(`Cannot find ${count} free ports in a row`);
}

function isFree(port: number): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return true;
  } catch {
    return false;
  }
}
