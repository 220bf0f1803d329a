/**
 * A worker that sends `NOOP` after `NOOP` in a session of its own, and measures how long each
 * waits. Beside the wait it records the processor time of the server's thread: on a busy machine
 * the wait alone is meaningless.
 */
import { delay } from "@std/async";
import { Client, type ClientOptions } from "../../client/lib/mod.ts";

/** How to begin. */
export interface ProberStart {
  options: ClientOptions;
  /** The server's process. */
  pid: number;
}

/** Measurements between `begin` and `end`. */
export interface Delays {
  /** Longest wait, ms. */
  wallMs: number;
  /** Most processor time that the server's thread used while one `NOOP` waited, ms. */
  cpuMs: number;
  /** Number of `NOOP`s. */
  count: number;
  /** Processor time of the server's thread in all, ms. */
  totalCpuMs: number;
}

/** Number of `NOOP`s that identify the server's threads. */
const CALIBRATION = 400;

/** Types of workers are not among those that the project is checked with. */
const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<ProberStart | "begin" | "end">) => Promise<void>;
  postMessage(message: Delays | "ready"): void;
};

let client: Client;
let thread = "";
let measured: Delays | undefined;
let beganNs = 0;

function cpuNs(file: string): number {
  return Number(Deno.readTextFileSync(file).split(" ", 1)[0]);
}

/**
 * Lets this thread run before all others, where that is allowed: else the time in which it waits for
 * a processor counts as the server's.
 */
async function goFirst(): Promise<void> {
  const thread = Deno.readLinkSync("/proc/thread-self").split("/").at(-1)!;
  const chrt = new Deno.Command("chrt", { args: ["--rr", "--pid", "1", thread] });
  await chrt.output().catch(() => {});
}

/** The thread that carries out requests is the one that works while they are sent. */
async function findThread(pid: number): Promise<string> {
  const files = [...Deno.readDirSync(`/proc/${pid}/task`)]
    .map(({ name }) => `/proc/${pid}/task/${name}/schedstat`);
  const before = files.map(cpuNs);
  for (let i = 0; i < CALIBRATION; i++) await client.ask("NOOP");
  const used = files.map((file, index) => cpuNs(file) - before[index]!);
  return files[used.indexOf(Math.max(...used))]!;
}

async function probe(): Promise<never> {
  while (true) {
    const [startMs, startNs] = [performance.now(), cpuNs(thread)];
    await client.ask("NOOP");
    const [wallMs, cpuMs] = [performance.now() - startMs, (cpuNs(thread) - startNs) / 1e6];
    if (measured !== undefined) {
      measured.wallMs = Math.max(measured.wallMs, wallMs);
      measured.cpuMs = Math.max(measured.cpuMs, cpuMs);
      measured.count++;
    }
    await delay(1);
  }
}

scope.onmessage = async ({ data }) => {
  if (data === "begin") {
    beganNs = cpuNs(thread);
    measured = { wallMs: 0, cpuMs: 0, count: 0, totalCpuMs: 0 };
  } else if (data === "end") {
    if (measured === undefined) return;
    scope.postMessage({ ...measured, totalCpuMs: (cpuNs(thread) - beganNs) / 1e6 });
    measured = undefined;
  } else {
    client = await Client.connect(data.options);
    await goFirst();
    thread = await findThread(data.pid);
    scope.postMessage("ready");
    await probe();
  }
};
