/** The real client as a subprocess, for tests. */
import project from "../../../deno.json" with { type: "json" };

const ROOT = new URL("../../../", import.meta.url).pathname;
const decoder = new TextDecoder();

/** One JSON line of the client's. */
export type ClientEvent = Record<string, unknown> & { event: string };

/** Result of a run of the client. */
export interface ClientRun {
  code: number;
  stdout: string;
  stderr: string;
  /** The JSON lines of stdout; empty without `--json`. */
  events: ClientEvent[];
}

/** How to run the client. */
export interface ClientRunOptions {
  /** Replaces the environment, but for PATH, HOME and Deno's own. */
  env?: Record<string, string>;
  /** The user's working directory. */
  cwd?: string;
  stdin?: string | Uint8Array<ArrayBuffer>;
  /** Deno's flags in place of those of the task. */
  flags?: string[];
}

/** Deno's flags of the task `client`. */
export function clientFlags(): string[] {
  return taskFlags("client");
}

/** Deno's flags of a task that runs a program. */
export function taskFlags(task: "client" | "admin" | "serve"): string[] {
  const words = project.tasks[task].command.split(" ");
  const flags = words.slice(2, -1); // `deno run … client.ts`
  // The program runs in other directories than the task.
  return flags.map((flag) => flag.replace("--lock=", `--lock=${ROOT}`));
}

/** The arguments of Deno that run a command. */
export function clientCommand(args: string[], flags = clientFlags()): string[] {
  return ["run", "--no-prompt", ...flags, `${ROOT}client.ts`, ...args];
}

/** Begins a run; `.run` resolves when it is over. */
export function startClient(args: string[], options: ClientRunOptions = {}): StartedClient {
  const { cwd = ROOT, flags = clientFlags() } = options;
  const child = new Deno.Command(Deno.execPath(), {
    args: clientCommand(args, flags),
    cwd,
    clearEnv: true,
    env: {
      PATH: Deno.env.get("PATH") ?? "",
      HOME: "/nonexistent",
      DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`,
      ...options.env,
    },
    stdin: options.stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  return new StartedClient(child, options.stdin);
}

/** Runs the client to its end. */
export async function runClient(
  args: string[],
  options: ClientRunOptions = {},
): Promise<ClientRun> {
  return await startClient(args, options).run;
}

/** A client that runs. */
export class StartedClient {
  stdout = "";
  stderr = "";
  readonly run: Promise<ClientRun>;

  constructor(
    readonly child: Deno.ChildProcess,
    stdin: string | Uint8Array<ArrayBuffer> | undefined,
  ) {
    this.run = this.#finish(stdin);
  }

  /** Sends a signal. */
  kill(signal: Deno.Signal): void {
    this.child.kill(signal);
  }

  async #finish(stdin: string | Uint8Array<ArrayBuffer> | undefined): Promise<ClientRun> {
    const { child } = this;
    const feeding = stdin === undefined ? undefined : feed(child, stdin);
    await Promise.all([
      collect(child.stdout, (text) => this.stdout += text),
      collect(child.stderr, (text) => this.stderr += text),
      feeding,
    ]);
    const { code } = await child.status;
    const { stdout, stderr } = this;
    return { code, stdout, stderr, events: parseEvents(stdout) };
  }
}

async function feed(
  child: Deno.ChildProcess,
  stdin: string | Uint8Array<ArrayBuffer>,
): Promise<void> {
  const writer = child.stdin.getWriter();
  try {
    await writer.write(typeof stdin === "string" ? new TextEncoder().encode(stdin) : stdin);
    await writer.close();
  } catch {
    // It needed no more.
  }
}

async function collect(
  stream: ReadableStream<Uint8Array>,
  add: (text: string) => void,
): Promise<void> {
  for await (const chunk of stream) add(decoder.decode(chunk, { stream: true }));
}

function parseEvents(stdout: string): ClientEvent[] {
  const events: ClientEvent[] = [];
  for (const line of stdout.split("\n")) {
    if (!line.startsWith(`{"event":`)) continue;
    events.push(JSON.parse(line));
  }
  return events;
}
