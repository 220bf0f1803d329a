/** The server under load: started, killed, and started again. */
import { programEnvironment, type RunningServer, startServer } from "../demo/programs.ts";

/** Ports of the doors. */
export interface Ports {
  native: number;
  ftp: number;
  web: number;
}

/** See the head of the module. */
export class Place {
  /** Resident memory, largest of every life of the server, bytes. */
  readonly memory: number[] = [];
  starts = 0;
  #server: RunningServer | undefined;
  #ports: Ports | undefined;
  #up = Promise.withResolvers<void>();

  constructor(readonly data: string, readonly password: string, readonly args: string[]) {}

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
    const args = ["--ftp-port", "0", "--web-port", "0", ...this.args];
    this.#server = await startServer(this.data, this.password, { args, timeoutMs: 120_000 });
    const { native, ftp, web } = JSON.parse(await Deno.readTextFile(`${this.data}/server.json`));
    this.#ports = { native: native.port, ftp: ftp.port, web: web.port };
    this.starts++;
    this.memory.push(await this.#residentBytes());
    this.#up.resolve();
  }

  /** Ends the server with a signal and starts it anew. */
  async restart(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    await this.measure();
    this.#up = Promise.withResolvers<void>();
    await this.#server!.end(signal);
    await this.start();
  }

  async stop(): Promise<void> {
    await this.measure();
    await this.#server?.end("SIGTERM");
  }

  /** Notes how much memory the server has now. @returns bytes; 0 where `ps` cannot tell */
  async measure(): Promise<number> {
    const bytes = await this.#residentBytes();
    this.memory[this.memory.length - 1] = Math.max(bytes, this.memory.at(-1) ?? 0);
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
