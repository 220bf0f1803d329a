/** A directory in which the commands of a page run as they are written, against a real server. */
import { dirname, join, resolve } from "@std/path";
import { assert, assertEquals, fail } from "@std/assert";
import { ROOT } from "../import_graph.ts";
import { until } from "../native.ts";

/** Parts of the project that a page's commands need, if it is copied. */
const PROJECT = [
  ...["deno.json", "deno.lock", "import_map.json", "README.md"],
  ...["main.ts", "admin.ts", "client.ts"],
  ...["buffers", "client", "common", "protocol", "server", "std", "storage", "web"],
];
/** Ports that pages name; each run has free ones in their place. */
const PAGE_PORTS = [443, 9000, 9443, 2121, 2990, 8443, 14000, 15000, 5002];
/** Passive ports that pages name, `50000-50003`: as many free ones that follow each other. */
const PASSIVE = { first: 50000, last: 50003 };
/** The public address of the pages, and the name that has it: a second one of this machine. */
const PUBLIC_NAMES = ["files.example.org", "198.51.100.7", "0.0.0.0"];
const PUBLIC_ADDRESS = "127.0.0.2";

/** A program that still runs after this time is ended; pages take a few seconds. */
const MAX_PAGE_MS = 180_000;

/** How a place is made. */
export interface PlaceOptions {
  /** Copy the project's files, as an installation does; otherwise its tasks run where they are. */
  copy: boolean;
}

/** A program that runs in the background. */
interface Background {
  process: Deno.ChildProcess;
  output: Promise<Deno.CommandOutput>;
}

/** A directory to work in, with the server and other programs that were started in it. */
export class Place implements AsyncDisposable {
  readonly directory = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "towpath-page-" }));
  readonly #ports = new Map(PAGE_PORTS.map((port) => [port, freePort(PUBLIC_ADDRESS)]));
  readonly #firstPassive = freeRange(PASSIVE.last - PASSIVE.first + 1);
  readonly #started: Background[] = [];
  #server: Background & { data: string } | undefined;

  constructor({ copy }: PlaceOptions) {
    for (const name of copy ? PROJECT : ["README.md"]) {
      const copied = new Deno.Command("cp", {
        args: ["-a", join(ROOT, name), this.directory],
      }).outputSync();
      assert(copied.success, name);
    }
    Deno.mkdirSync(join(this.directory, "share/ca-certificates"), { recursive: true });
    const bin = join(this.directory, "bin");
    Deno.mkdirSync(bin);
    if (copy) Deno.symlinkSync(Deno.execPath(), join(bin, "deno"));
    else this.#program("deno", TASK_OF_PROJECT);
    this.#program("systemctl", SYSTEMCTL);
    this.#program("update-ca-certificates", UPDATE_CA_CERTIFICATES);
  }

  /** Runs commands. @returns their standard output */
  async run(text: string, exitCode = 0): Promise<string> {
    const { code, stdout, stderr } = await this.#shell(text).output();
    const output = new TextDecoder().decode(stdout);
    assertEquals(code, exitCode, `${text}\n${output}\n${new TextDecoder().decode(stderr)}`);
    return output;
  }

  /** Writes a file; what runs as root refuses files that others can write to. */
  write(path: string, text: string): void {
    const place = join(this.directory, path);
    Deno.mkdirSync(dirname(place), { recursive: true });
    Deno.writeTextFileSync(place, this.#ownText(text), { mode: 0o600 });
  }

  /** Starts the server and waits until it is ready. */
  async serve(text: string): Promise<void> {
    // In place of the shell, so that a signal reaches the server.
    const started = this.#spawn(text.replace("deno task", "exec deno task"));
    const data = /--data (\S+)/.exec(this.#ownText(text))?.[1] ?? "data";
    this.#server = { ...started, data };
    let ended = false;
    started.output.then(() => ended = true);
    await until(
      "the server is ready, or has ended",
      () => ended || this.#pid() !== undefined,
      60_000,
    );
    if (!ended) return;
    fail(`${text}\n${new TextDecoder().decode((await started.output).stderr)}`);
  }

  /** Stops the server. */
  async stop(): Promise<void> {
    const pid = this.#pid();
    if (pid !== undefined) Deno.kill(pid, "SIGTERM");
    else end(this.#server?.process);
    await this.#server?.output;
    this.#server = undefined;
  }

  /** Starts another program; with a port it waits until the port accepts connections. */
  async start(text: string, pagePort: number | undefined): Promise<void> {
    const started = this.#spawn(`exec ${text}`);
    this.#started.push(started);
    if (pagePort === undefined) return;
    const port = this.#ports.get(pagePort)!;
    let ended = false;
    started.output.then(() => ended = true);
    await until("the program listens", async () => ended || await listens(port), 30_000);
    if (!ended) return;
    fail(`${text}\n${new TextDecoder().decode((await started.output).stderr)}`);
  }

  /** Ends the programs that {@linkcode start} started. */
  async end(): Promise<void> {
    for (const { process, output } of this.#started.splice(0)) {
      end(process);
      await output;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
    if (this.#server !== undefined) await this.stop();
    Deno.removeSync(this.directory, { recursive: true });
  }

  #pid(): number | undefined {
    try {
      const path = resolve(this.directory, this.#server!.data, "server.json");
      return JSON.parse(Deno.readTextFileSync(path)).pid;
    } catch {
      return undefined;
    }
  }

  /** A page's text with ports, names and places of this run. */
  #ownText(text: string): string {
    let own = text.replaceAll("/var/lib/towpath", join(this.directory, "data"))
      .replaceAll("/opt/towpath", this.directory)
      .replaceAll("/usr/local/share/", `${this.directory}/share/`)
      .replaceAll("/etc/", `${this.directory}/etc/`);
    for (const name of PUBLIC_NAMES) own = own.replaceAll(name, PUBLIC_ADDRESS);
    return own.replace(/\b\d{3,5}\b/g, (digits) => String(this.#ownPort(Number(digits)) ?? digits));
  }

  #ownPort(port: number): number | undefined {
    if (port < PASSIVE.first || port > PASSIVE.last) return this.#ports.get(port);
    return this.#firstPassive + port - PASSIVE.first;
  }

  #program(name: string, text: string): void {
    Deno.writeTextFileSync(join(this.directory, "bin", name), text, { mode: 0o755 });
  }

  #spawn(text: string): Background {
    const process = this.#shell(text).spawn();
    return { process, output: process.output() };
  }

  #shell(text: string): Deno.Command {
    const native = this.#ports.get(9000)!;
    const denoDirectory = Deno.env.get("DENO_DIR") ??
      join(Deno.env.get("HOME") ?? "", ".cache/deno");
    return new Deno.Command("bash", {
      args: ["-euo", "pipefail", "-c", this.#ownText(text)],
      cwd: this.directory,
      clearEnv: true,
      env: {
        PATH: `${this.directory}/bin:${Deno.env.get("PATH")}:/usr/sbin`,
        HOME: this.directory,
        DENO_DIR: denoDirectory,
        TOWPATH_TEST_DENO: Deno.execPath(),
        TOWPATH_TEST_ROOT: ROOT,
        NO_COLOR: "1",
        TOWPATH_PORT: String(native),
        TOWPATH_SERVER: `localhost:${native}`,
      },
      stdin: "null",
      // A client that waits without end fails its block here, rather than the whole run.
      signal: AbortSignal.timeout(MAX_PAGE_MS),
      stdout: "piped",
      stderr: "piped",
    });
  }
}

/** `deno task` of the project, from another directory; relative paths start at that directory. */
const TASK_OF_PROJECT = `#!/bin/sh
[ "$1" = task ] || exec "$TOWPATH_TEST_DENO" "$@"
shift
exec "$TOWPATH_TEST_DENO" task --quiet --config "$TOWPATH_TEST_ROOT/deno.json" "$@"
`;

/** As much of \`systemctl\` as hooks use, for the server of this directory. */
const SYSTEMCTL = `#!/bin/sh
place=$HOME/data/server.json
case "$1" in
try-reload-or-restart)
  [ -e "$place" ] || exit 0
  kill -HUP "$(sed -nE 's/.*"pid": *([0-9]+).*/\\1/p' "$place")" ;;
*) echo "systemctl $*: not in this test" >&2; exit 1 ;;
esac
`;

/** The system's own command, with stores of this directory. */
const UPDATE_CA_CERTIFICATES = `#!/bin/sh
mkdir -p "$HOME/etc/ssl/certs" "$HOME/share/ca-certificates" "$HOME/etc/hooks"
exec /usr/sbin/update-ca-certificates "$@" --etccertsdir "$HOME/etc/ssl/certs" \\
  --localcertsdir "$HOME/share/ca-certificates" --hooksdir "$HOME/etc/hooks"
`;

function end(process: Deno.ChildProcess | undefined): void {
  try {
    process?.kill("SIGTERM");
  } catch {
    // It has ended.
  }
}

function freePort(hostname: string): number {
  using listener = Deno.listen({ hostname, port: 0 });
  return listener.addr.port;
}

/** The first of some free ports that follow each other. */
function freeRange(count: number): number {
  for (let tries = 0; tries < 100; tries++) {
    const first = freePort(PUBLIC_ADDRESS);
    if (first + count > 65_535) continue;
    try {
      for (let port = first; port < first + count; port++) {
        Deno.listen({ hostname: PUBLIC_ADDRESS, port }).close();
      }
      return first;
    } catch {
      continue;
    }
  }
  throw new Error("There are no free ports that follow each other");
}

async function listens(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: PUBLIC_ADDRESS, port })).close();
    return true;
  } catch {
    return false;
  }
}
