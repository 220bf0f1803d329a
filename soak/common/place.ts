/** The server under load: started, killed, and started again. */
import { OnDisk } from "./on_disk.ts";
import type { Ports, Site } from "./site.ts";
import { programEnvironment, type RunningServer, startServer } from "../../demo/programs.ts";

/** Time after a failure during which work begun before it is not relied upon. */
const FAILING_MS = 5000;

/**
 * The C library gives freed memory back at once. Else each thread keeps what it once used, 20 to
 * 50 MiB, and a worker that starts again has another thread: that is bounded, and looks like a leak.
 */
const ALLOCATOR = {
  MALLOC_ARENA_MAX: "1",
  MALLOC_MMAP_THRESHOLD_: "65536",
  MALLOC_TRIM_THRESHOLD_: "65536",
};

/** One server of the load with its data directory. */
export class Place implements Site {
  readonly stored: OnDisk;
  /** Resident memory of every life of the server, measured now and then, bytes. */
  readonly memory: number[][] = [];
  starts = 0;
  /** Workers that failed, over all starts. */
  failures = 0;
  /** Workers of the running server. */
  workers = 0;
  #failingUntilMs = 0;
  #server: RunningServer | undefined;
  #ports: Ports | undefined;
  #up = Promise.withResolvers<void>();

  /** @param chooseWorkers returns the number of workers of the next start */
  constructor(
    readonly data: string,
    readonly password: string,
    private readonly chooseWorkers: () => number,
  ) {
    this.stored = new OnDisk(data);
  }

  /** The running server's ports, once it is up. */
  async ports(): Promise<Ports> {
    await this.#up.promise;
    return this.#ports!;
  }

  get ca(): string {
    return `${this.data}/tls/ca.pem`;
  }

  get pid(): number {
    return this.#server!.pid;
  }

  async start(): Promise<void> {
    this.workers = this.chooseWorkers();
    const args = ["--ftp-port", "0", "--web-port", "0", "--workers", String(this.workers)];
    const program = "soak/failing/server.ts";
    const options = { args, program, timeoutMs: 120_000, env: ALLOCATOR };
    this.#server = await startServer(this.data, this.password, options);
    const { native, ftp, web } = JSON.parse(await Deno.readTextFile(`${this.data}/server.json`));
    this.#ports = { native: native.port, ftp: ftp.port, web: web.port };
    this.starts++;
    this.memory.push([]);
    this.#up.resolve();
  }

  /** Ends the server with a signal and starts it again. */
  async restart(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    await this.measure();
    this.#up = Promise.withResolvers<void>();
    await this.#server!.end(signal);
    await this.start();
  }

  /** @returns whether since this call neither server nor worker has failed, nor is about to */
  watch(): () => boolean {
    const { starts, failures } = this;
    const wasPending = this.#isFailing();
    return () => {
      if (wasPending || this.#isFailing()) return false;
      return starts === this.starts && failures === this.failures;
    };
  }

  /** Whether a worker is to fail at a step that none has come to, or has just failed. */
  #isFailing(): boolean {
    const now = performance.now();
    try {
      Deno.lstatSync(`${this.data}/crash-step`);
      this.#failingUntilMs = now + FAILING_MS;
    } catch {
      // No worker is to fail.
    }
    return now < this.#failingUntilMs;
  }

  /**
   * Makes a worker fail, or the next one that comes to a step of the storage.
   *
   * @see file://./failing/worker.ts
   */
  async failWorker(where: { index: number } | { step: string }): Promise<void> {
    this.failures++;
    this.#failingUntilMs = performance.now() + FAILING_MS;
    const [name, how] = "step" in where ? ["step", where.step] : [`${where.index}`, "throw"];
    const file = `${this.data}/crash-${name}`;
    await Deno.writeTextFile(`${file}.new`, how);
    await Deno.rename(`${file}.new`, file);
  }

  async stop(): Promise<void> {
    await this.measure();
    await this.#server?.end("SIGTERM");
  }

  /** Records the server's memory. @returns bytes; 0 where `ps` cannot determine it */
  async measure(): Promise<number> {
    const bytes = await this.#residentBytes();
    this.memory.at(-1)!.push(bytes);
    return bytes;
  }

  async #residentBytes(): Promise<number> {
    try {
      const { stdout } = await new Deno.Command("ps", {
        args: ["-o", "rss=", "-p", String(this.pid)],
        env: programEnvironment({}),
        clearEnv: true,
        stderr: "null",
      }).output();
      return Number(new TextDecoder().decode(stdout)) * 1024;
    } catch {
      return 0;
    }
  }
}
