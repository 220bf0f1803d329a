// Runs one transfer as a command of its own and measures it.

import { delay } from "@std/async";
import { type Look, lookAtTree, reapedCpuSeconds, resetPeak } from "./proc.ts";

/** A command that transfers something, and how to prove that it did. */
export interface Transfer {
  command: string[];
  env?: Record<string, string>;
  /** @throws {Error} where what arrived is not what was sent */
  verify(stdout: string): void | Promise<void>;
  /** The seconds that the program itself says the transfer took. */
  ownSeconds?(stdout: string): number | undefined;
}

/** One measured run. CPU and memory are of whole process trees. */
export interface Measurement {
  /** Wall time of the whole command, its start included. */
  seconds: number;
  ownSeconds: number | undefined;
  serverCpuSeconds: number;
  clientCpuSeconds: number;
  serverPeakBytes: number;
  clientPeakBytes: number;
}

/**
 * Interval at which memory is sampled during a transfer. Rare, since each sample takes time from
 * it: the kernel keeps a peak until its process ends.
 */
const SAMPLE_MS = 100;

/**
 * Runs a transfer, then verifies it.
 *
 * @param serverPid the server that the transfer is with
 * @throws {Error} where the command fails, takes longer than `timeoutMs`, or moved the wrong bytes
 */
export async function measure(
  transfer: Transfer,
  serverPid: number,
  timeoutMs: number,
): Promise<Measurement> {
  await resetPeak(serverPid);
  const before = await lookAtTree(serverPid);
  const reapedCpu = await reapedCpuSeconds();
  const peak = { server: 0, client: 0, serverCpu: 0 };
  const [program, ...args] = transfer.command;

  const started = performance.now();
  const child = new Deno.Command(program!, {
    args,
    ...transfer.env ? { env: transfer.env, clearEnv: true } : {},
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const sample = async () => {
    const [client, server] = [await lookAtTree(child.pid), await lookAtTree(serverPid)];
    peak.client = Math.max(peak.client, client.peakBytes);
    peak.server = Math.max(peak.server, server.peakBytes);
    peak.serverCpu = Math.max(peak.serverCpu, server.cpuSeconds);
  };
  // One that fails while everything is being ended must not end this program before it has cleaned up.
  const sampled = () => sample().catch(() => {});
  sampled();
  const sampler = setInterval(sampled, SAMPLE_MS);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill("SIGKILL");
  }, timeoutMs);
  const { code, stdout, stderr } = await child.output();
  const seconds = (performance.now() - started) / 1000;
  clearInterval(sampler);
  clearTimeout(timer);

  if (late) throw new Error(`${program} took longer than ${timeoutMs / 1000} s`);
  const output = new TextDecoder().decode(stdout);
  if (code !== 0) {
    const said = new TextDecoder().decode(stderr).trim() || output.trim();
    throw new Error(`${program} ended with ${code}: ${said.slice(-1000)}`);
  }
  const after = await idle(serverPid, before.processes);
  peak.server = Math.max(peak.server, after.peakBytes);
  const measured = {
    seconds,
    ownSeconds: transfer.ownSeconds?.(output),
    // The CPU time of a process that was never waited for is known only from the samples.
    serverCpuSeconds: Math.max(after.cpuSeconds, peak.serverCpu) - before.cpuSeconds,
    clientCpuSeconds: await reapedCpuSeconds() - reapedCpu,
    serverPeakBytes: peak.server,
    clientPeakBytes: peak.client,
  };
  await transfer.verify(output);
  return measured;
}

/** Waits until the server has reaped what it started for the connection, so that all is counted. */
async function idle(serverPid: number, processes: number): Promise<Look> {
  const deadline = Date.now() + 3000;
  for (;;) {
    const look = await lookAtTree(serverPid);
    if (look.processes <= processes || Date.now() >= deadline) return look;
    await delay(10);
  }
}
