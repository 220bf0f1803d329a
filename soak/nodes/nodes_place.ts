/** Nodes under load: killed, frozen and started again, over PostgreSQL and radosgw. */
import { delay } from "@std/async";
import {
  endEngines,
  makeSecrets,
  type Ports as EnginePorts,
  startPostgres,
  startRadosgw,
} from "../../demo/cluster/shared.ts";
import { choosePorts } from "../../demo/cluster/shared.ts";
import { type RunningServer, startServer } from "../../demo/programs.ts";
import type { Random } from "../common/random.ts";
import type { Ports, Site } from "../common/site.ts";
import { OverApi } from "./over_api.ts";

/** Time after a failure during which work begun before it is not relied upon, ms. */
const FAILING_MS = 5000;
/** How long a node may take to start, ms. */
const START_MS = 120_000;

interface Node {
  readonly name: string;
  server: RunningServer | undefined;
  ports: Ports | undefined;
}

/** Several nodes; a client is at another one each time. */
export class NodesPlace implements Site {
  readonly stored: OverApi;
  readonly #nodes: Node[];
  readonly #engines: EnginePorts = choosePorts();
  #failingUntilMs = 0;
  #strikes = 0;

  constructor(
    private readonly dir: string,
    private readonly password: string,
    count: number,
    private readonly random: Random,
  ) {
    this.#nodes = Array.from({ length: count }, (_, index) => ({
      name: `node-${index + 1}`,
      server: undefined,
      ports: undefined,
    }));
    this.stored = new OverApi(() => this.#nodes.map(({ name }) => `${dir}/${name}/logs/audit.log`));
  }

  get ca(): string {
    return `${this.dir}/ca.pem`;
  }

  get names(): string[] {
    return this.#nodes.map(({ name }) => name);
  }

  /** Starts the engines, and all nodes. */
  async start(stack: AsyncDisposableStack): Promise<void> {
    stack.defer(endEngines);
    await makeSecrets(this.dir);
    await Promise.all([
      startPostgres(this.dir, this.#engines),
      startRadosgw(this.dir, this.#engines),
    ]);
    for (const node of this.#nodes) await this.#start(node);
  }

  /** Makes a data directory for commands of `admin` on what the nodes share. @returns its path */
  async makeAdminData(): Promise<string> {
    const data = `${this.dir}/admin`;
    await Deno.mkdir(data);
    const config = Object.fromEntries(this.#shared.map((arg) => arg.slice(2).split(/=(.*)/s)));
    await Deno.writeTextFile(`${data}/config.json`, JSON.stringify(config));
    return data;
  }

  /** Options that lead to what the nodes share. */
  get #shared(): string[] {
    const { dir } = this;
    const { postgres, store } = this.#engines;
    return [
      `--catalog=postgres://towpath@localhost:${postgres}/towpath`,
      ...[`--catalog-password-file=${dir}/catalog.password`, `--catalog-ca=${dir}/ca.pem`],
      ...["--store=s3://towpath/soak", `--store-endpoint=http://127.0.0.1:${store}`],
      `--store-credentials=${dir}/store.credentials`,
    ];
  }

  async #start(node: Node): Promise<void> {
    const { dir } = this;
    const own = [`--node=${node.name}`, `--cert=${dir}/node.pem`, `--key=${dir}/node.key`];
    const doors = ["--web-port=0", "--ftp-port=0", "--workers=2"];
    const data = `${dir}/${node.name}`;
    const args = [...this.#shared, ...own, ...doors];
    node.server = await startServer(data, this.password, { args, timeoutMs: START_MS });
    const { native, ftp, web } = JSON.parse(await Deno.readTextFile(`${data}/server.json`));
    node.ports = { native: native.port, ftp: ftp.port, web: web.port };
  }

  async ports(): Promise<Ports> {
    while (true) {
      const up = this.#nodes.flatMap(({ ports }) => ports ?? []);
      if (up.length > 0) return this.random.pick(up);
      await delay(50);
    }
  }

  watch(): () => boolean {
    const strikes = this.#strikes;
    const wasFailing = performance.now() < this.#failingUntilMs;
    return () => !wasFailing && strikes === this.#strikes;
  }

  /** Ends a node with a signal, and starts it again after a while. */
  async restart(name: string, signal: "SIGTERM" | "SIGKILL", downMs: number): Promise<void> {
    await this.#fail(async () => {
      const node = this.#node(name);
      node.ports = undefined;
      await node.server!.end(signal);
      await delay(downMs);
      await this.#start(node);
    });
  }

  /** Stops a node where it is; its connections stay open. */
  async freeze(name: string, ms: number): Promise<void> {
    await this.#fail(async () => {
      const { server } = this.#node(name);
      server!.send("SIGSTOP");
      await delay(ms);
      server!.send("SIGCONT");
    });
  }

  /** Ends PostgreSQL as a crash does, in the middle of what it commits, and starts it again. */
  async restartPostgres(): Promise<void> {
    await this.#fail(async () => {
      const file = `${this.dir}/postgres/postmaster.pid`;
      const [pid] = Deno.readTextFileSync(file).split("\n");
      await new Deno.Command("kill", { args: ["-QUIT", pid!] }).output();
      while (isThere(file)) await delay(50);
      await startPostgres(this.dir, this.#engines);
    });
  }

  async stop(): Promise<void> {
    for (const { server } of this.#nodes) await server?.end("SIGTERM");
  }

  async #fail(work: () => Promise<void>): Promise<void> {
    this.#strikes++;
    this.#failingUntilMs = Infinity;
    await work();
    this.#failingUntilMs = performance.now() + FAILING_MS;
  }

  #node(name: string): Node {
    return this.#nodes.find((node) => node.name === name)!;
  }
}

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
