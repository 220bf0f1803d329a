/** What goes wrong while the load runs: the server is killed or stopped, and the disk is slow. */
import { programEnvironment } from "../demo/programs.ts";
import type { Random } from "./content.ts";
import { pause } from "./door.ts";
import type { Place } from "./place.ts";

/** How long the disk is slow at a time. */
const SLOW_MS = 2500;
/** Delay of each write and sync while it is, µs. */
const SLOW_US = 12_000;

/** See the head of the module. */
export class Chaos {
  readonly counts: Record<string, number> = {};

  constructor(
    private readonly place: Place,
    private readonly random: Random,
    private readonly slowDisk: boolean,
  ) {}

  /** Does one thing to the server. */
  async strike(): Promise<void> {
    const kinds = [
      "kill -9",
      "kill -9",
      "stop",
      ...this.slowDisk ? ["slow disk", "slow disk"] : [],
    ];
    const kind = this.random.pick(kinds);
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
    if (kind === "kill -9") await this.place.restart("SIGKILL");
    else if (kind === "stop") await this.place.restart("SIGTERM");
    else await this.#slow();
  }

  /** Delays the server's writes and syncs for a while, and often kills it meanwhile. */
  async #slow(): Promise<void> {
    const calls = "write,pwrite64,writev,fsync,fdatasync";
    const strace = new Deno.Command("strace", {
      args: [
        ...["-f", "-qq", "-o", "/dev/null", "-p", String(this.place.pid), "-e", `trace=${calls}`],
        ...["-e", `inject=${calls}:delay_exit=${SLOW_US}`],
      ],
      env: programEnvironment({}),
      clearEnv: true,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    await pause(SLOW_MS);
    if (this.random.chance(0.4)) await this.place.restart("SIGKILL");
    try {
      strace.kill("SIGINT");
    } catch {
      // It ended with the server.
    }
    await strace.status;
  }
}

/** Whether writes of a running program can be delayed; the reason where they cannot. */
export async function mayDelayWrites(): Promise<string | undefined> {
  try {
    const { success, stderr } = await new Deno.Command("strace", {
      args: ["-qq", "-o", "/dev/null", "-e", "trace=fsync", "true"],
      env: programEnvironment({}),
      clearEnv: true,
      stdout: "null",
    }).output();
    return success ? undefined : new TextDecoder().decode(stderr).trim().split("\n")[0];
  } catch {
    return "strace is not installed";
  }
}
