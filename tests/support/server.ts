/** The real server as a subprocess, for tests: `await using server = await startServer()`. */
import { join } from "@std/path";
import project from "../../deno.json" with { type: "json" };
import type { ServerJson } from "../../server/process/server_json.ts";
import { clusterAuthority, clusterEnvironment } from "./cluster/shared.ts";
import { ON_CLUSTER } from "./engine.ts";
import type { OtherUser } from "./machine/other_user.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
/** How long a start or a stop may take on a machine that is busy with other tests. */
const PATIENCE_MS = 60_000;

/** Options of {@linkcode startServer}. */
export interface TestServerOptions {
  /** Further flags. */
  args?: string[];
  /** Further environment; `TOWPATH_ADMIN_PASSWORD: ""` has the server make a password up. */
  env?: Record<string, string>;
  /** Opens the web door too. @default false */
  web?: boolean;
  /** Opens the FTP door too, with explicit and implicit TLS. */
  ftp?: boolean;
  /** Writes to files are late, and a buffer that changes meanwhile ends the server. */
  slowWrites?: boolean;
  /** The program in place of main.ts, from the project's root. */
  program?: string;
  /** A data directory to use and leave behind, in place of a temporary one. */
  data?: string;
  /** File descriptors that it may have. @default as many as the tests themselves */
  maxDescriptors?: number;
  /** Ports of its doors. @default free ones */
  ports?: { native: number; web: number; ftp: number };
  /** How long its start may take. @default one minute */
  patienceMs?: number;
  /** A user to run it as. @default the tests' own */
  user?: OtherUser;
}

/** Command and flags of the task `serve`, as deno.json has them. */
export function serveCommand(): string[] {
  const [deno, ...rest] = project.tasks.serve.command.split(" ");
  if (deno !== "deno") throw new Error("The task `serve` is expected to begin with `deno`");
  return rest;
}

/** Runs `main.ts` to its end: for starts that are refused, `--help` and the like. */
export async function runServer(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...serveCommand(), ...args],
    cwd: ROOT,
    env: { ...cleanEnvironment(), ...env },
    clearEnv: true,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** The environment without any setting of Towpath's. */
function cleanEnvironment(): Record<string, string> {
  const all = Object.entries(Deno.env.toObject());
  return Object.fromEntries(
    all.filter(([name]) => !name.startsWith("TOWPATH_") && name !== "INIT_CWD"),
  );
}

/** Starts a server and waits until it can be used. */
export async function startServer(options: TestServerOptions = {}): Promise<TestServer> {
  const temporary = options.data === undefined;
  const data = options.data ?? join(Deno.makeTempDirSync({ prefix: "towpath-" }), "data");
  const server = new TestServer(data, temporary, options);
  try {
    await server.start();
    return server;
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

/** A running server. */
export class TestServer {
  /** Password of `admin`, unless `env` set another. */
  readonly password: string;
  /** The server's `server.json`. */
  info!: ServerJson;
  child!: Deno.ChildProcess;
  /** Output on stdout and stderr, over all starts. */
  stdout = "";
  stderr = "";
  #running = false;
  #outputs: Promise<void>[] = [];
  readonly #options: TestServerOptions;

  constructor(readonly data: string, readonly temporary: boolean, options: TestServerOptions) {
    this.#options = options;
    this.password = options.env?.TOWPATH_ADMIN_PASSWORD ?? "correct horse battery";
  }

  get port(): number {
    return this.info.native!.port;
  }
  /** File of the authority that clients trust. */
  get ca(): string {
    return this.#isNode ? clusterAuthority() : join(this.data, "tls", "ca.pem");
  }
  /** Its content. */
  get caText(): string {
    return Deno.readTextFileSync(this.ca);
  }
  get pid(): number {
    return this.child.pid;
  }
  /** Whether the engine of the run is that of several nodes, and the test names none itself. */
  get #isNode(): boolean {
    const { args = [], env = {} } = this.#options;
    return ON_CLUSTER && env.TOWPATH_CATALOG === undefined &&
      !args.some((arg) => /^--(catalog|cert)\b/.test(arg));
  }

  /** The environment that leads to its database and store, where the engine of the run has them. */
  async environment(): Promise<Record<string, string>> {
    return this.#isNode ? await clusterEnvironment(this.data) : {};
  }

  /** Starts the process; a later start takes the same ports again. */
  async start(): Promise<void> {
    const { ports } = this.#options;
    const port = this.info?.native?.port ?? ports?.native ?? 0;
    const { args = [], env = {}, web = false, ftp = false, slowWrites = false } = this.#options;
    const { program = slowWrites ? "tests/support/slow/slow_main.ts" : "main.ts" } = this.#options;
    const command = serveCommand().map((part) => part === "main.ts" ? program : part);
    const webPort = web ? ["--web-port", String(this.info?.web?.port ?? ports?.web ?? 0)] : [];
    const ftpPort = ["--ftp-port", String(this.info?.ftp?.port ?? ports?.ftp ?? 0)];
    const ftpsPort = ["--ftps-port", String(this.info?.ftps?.port ?? 0)];
    const doors = [...webPort, ...ftp ? [...ftpPort, ...ftpsPort] : []];
    const before = this.stderr.length;
    const { user, maxDescriptors } = this.#options;
    const flags = [...command, "--data", this.data, "--port", String(port), ...doors, ...args];
    const [executable, all] = user?.command(Deno.execPath(), flags) ??
      (maxDescriptors === undefined
        ? [Deno.execPath(), flags]
        : ["sh", ["-c", `ulimit -n ${maxDescriptors}; exec "$0" "$@"`, Deno.execPath(), ...flags]]);
    const password = { TOWPATH_ADMIN_PASSWORD: this.password };
    const node = await this.environment();
    this.child = new Deno.Command(executable, {
      args: all,
      cwd: user?.project ?? ROOT,
      env: { ...cleanEnvironment(), ...user?.env, ...node, ...password, ...env },
      clearEnv: true,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#running = true;
    this.#outputs = [
      collect(this.child.stdout, (text) => this.stdout += text),
      collect(this.child.stderr, (text) => this.stderr += text),
    ];
    const ended = this.child.status.then(({ code }) => code);
    const { pid } = this.child;
    const deadline = performance.now() + (this.#options.patienceMs ?? PATIENCE_MS);
    while (true) {
      const info = readInfo(join(this.data, "server.json"));
      if (info?.pid === pid) {
        this.info = info;
        return;
      }
      const code = await Promise.race([ended, pause(10)]);
      if (code !== undefined) {
        this.#running = false;
        await Promise.all(this.#outputs);
        throw new Error(`The server ended with ${code}: ${this.stderr.slice(before)}`);
      }
      if (performance.now() > deadline) {
        throw new Error(`The server did not start: ${this.stderr.slice(before)}`);
      }
    }
  }

  /** Sends a signal. */
  kill(signal: Deno.Signal): void {
    this.child.kill(signal);
  }

  /** Ends it as a crash would; resolves once the process is gone. */
  async kill9(): Promise<void> {
    if (this.#running) this.kill("SIGKILL");
    await this.ended();
  }

  /** Asks it to stop. @returns its exit code */
  async stop(): Promise<number> {
    if (this.#running) this.kill("SIGTERM");
    return await this.ended();
  }

  /** Resolves with the exit code when the process has ended. */
  async ended(): Promise<number> {
    const { code } = await this.child.status;
    this.#running = false;
    await Promise.all(this.#outputs);
    return code;
  }

  /** Stops it where it runs, and starts it on the same data and port. */
  async restart(): Promise<void> {
    if (this.#running) await this.stop();
    await this.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child) await this.kill9();
    if (this.temporary) await Deno.remove(join(this.data, ".."), { recursive: true });
  }
}

function readInfo(file: string): ServerJson | undefined {
  try {
    return JSON.parse(Deno.readTextFileSync(file));
  } catch {
    return undefined;
  }
}

async function collect(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  add: (text: string) => void,
): Promise<void> {
  for await (const text of stream.pipeThrough(new TextDecoderStream())) add(text);
}

function pause(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), ms));
}
