import { join } from "@std/path";
import { until } from "../native.ts";

/** Options of {@linkcode runUntilReady}. */
export interface RunOptions {
  /** How long the start may take. @default one minute */
  timeoutMs?: number;
  /** Called while the server runs. */
  onReady?: () => Promise<void>;
}

/** Whether a server has announced in its data directory that it is ready. */
export function isReady(data: string): boolean {
  try {
    return Deno.statSync(join(data, "server.json")).isFile;
  } catch {
    return false;
  }
}

/** Waits until a server is ready, or ends before that, and stops it with SIGTERM. */
export async function runUntilReady(
  server: Deno.ChildProcess,
  data: string,
  { timeoutMs = 60_000, onReady }: RunOptions = {},
): Promise<Deno.CommandOutput> {
  const output = server.output();
  let ended = false;
  output.then(() => ended = true);
  try {
    await until("the server is ready, or has ended", () => ended || isReady(data), timeoutMs);
    if (!ended) await onReady?.();
  } finally {
    if (!ended) server.kill("SIGTERM");
  }
  return await output;
}
