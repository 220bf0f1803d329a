/** Faults while the load runs: the server is killed or stopped, and the disk is slow. */
import { delay } from "@std/async";
import { programEnvironment } from "../demo/programs.ts";
import type { Random } from "./common/random.ts";
import type { Place } from "./common/place.ts";
import type { SmallDisk } from "./small_disk.ts";

/** Duration of one period with a slow disk. */
const SLOW_MS = 2500;
/** Delay of each write and sync while it is, µs. */
const SLOW_US = 12_000;

/** Duration of one period with an almost full disk, and the room left then, MiB. */
const FULL_MS = 2500;
const MAX_LEFT_MIB = 40;

/** Steps between which a worker fails. */
const STEPS = [
  ...["checkpoint: synced", "checkpoint: saved", "commit: intent noted", "commit: staged"],
  ...["commit: published", "commit: live", "commit: acknowledged", "remove: forgotten"],
  ...["rename: intent noted", "rename: renamed"],
];

/** Lets things go wrong, one after the other, until it is stopped. */
export class Chaos {
  readonly counts: Record<string, number> = {};
  /** Whether the server as a whole is ended too, and not only its workers. */
  mayEndServer = true;

  constructor(
    private readonly place: Place,
    private readonly random: Random,
    private readonly slowDisk: boolean,
    private readonly disk: SmallDisk | undefined,
  ) {}

  /** Does one thing to the server. */
  async strike(): Promise<void> {
    const kinds = [
      ...["worker fails", "worker fails", "worker fails at a step"],
      ...this.mayEndServer ? ["kill -9", "kill -9", "stop"] : [],
      ...this.slowDisk ? ["slow disk", "slow disk"] : [],
      ...this.disk ? ["full disk"] : [],
    ];
    const kind = this.random.pick(kinds);
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
    const { place, random } = this;
    if (kind === "kill -9") await place.restart("SIGKILL");
    else if (kind === "stop") await place.restart("SIGTERM");
    else if (kind === "slow disk") await this.#slow();
    else if (kind === "full disk") await this.#full();
    else if (kind === "worker fails") {
      await place.failWorker({ index: random.below(place.workers) });
    } else await place.failWorker({ step: random.pick(STEPS) });
  }

  /** Leaves little room on the disk for a while, and often kills the server meanwhile. */
  async #full(): Promise<void> {
    await this.disk!.fill(this.random.below(MAX_LEFT_MIB));
    try {
      await delay(FULL_MS);
      if (this.mayEndServer && this.random.chance(0.4)) await this.place.restart("SIGKILL");
    } finally {
      await this.disk!.empty();
    }
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
    await delay(SLOW_MS);
    if (this.mayEndServer && this.random.chance(0.4)) await this.place.restart("SIGKILL");
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
