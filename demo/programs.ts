// Starts Towpath's own programs the way `deno task` does, so that what is shown and measured is what
// a user runs: the command lines come from deno.json.

import { delay } from "@std/async";
import { fromFileUrl } from "@std/path";
import config from "../deno.json" with { type: "json" };

/** Root of the project. */
export const PROJECT = fromFileUrl(new URL("../", import.meta.url));

/** The command line of a task in deno.json, with this very Deno in place of `deno`. */
export function taskCommand(task: "serve" | "client" | "admin"): string[] {
  const words = config.tasks[task].command.split(" ");
  return words.map((word, index) => index === 0 ? Deno.execPath() : word);
}

/**
 * Environment variables that programs get: paths of files, packages and authorities, and nothing
 * that would configure Towpath. The tasks in deno.json grant these names.
 */
const KEPT = [
  ...["PATH", "HOME", "TMPDIR", "LANG", "NO_COLOR", "XDG_CACHE_HOME", "DENO_DIR", "DENO_CERT"],
  ...["DENO_TLS_CA_STORE", "NODE_EXTRA_CA_CERTS", "NPM_CONFIG_REGISTRY"],
  ...["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"],
];

/** The environment of a program that is started here: what is kept of this one's, and `extra`. */
export function programEnvironment(extra: Record<string, string>): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const name of KEPT) {
    const value = Deno.env.get(name);
    if (value !== undefined) environment[name] = value;
  }
  return { ...environment, ...extra };
}

/** Everything started here that has not ended. */
const running = new Set<Deno.ChildProcess>();
let closed = false;

/** Starts a program that {@linkcode killPrograms} ends. */
export function spawn(command: string[], options: Deno.CommandOptions): Deno.ChildProcess {
  if (closed) throw new Error("Everything is being ended");
  const child = new Deno.Command(command[0]!, { ...options, args: command.slice(1) }).spawn();
  running.add(child);
  child.status.finally(() => running.delete(child));
  return child;
}

/** Kills every program that was started here and still runs; no further one can be started. */
export async function killPrograms(): Promise<void> {
  closed = true;
  const children = [...running];
  for (const child of children) child.kill("SIGKILL");
  await Promise.all(children.map((child) => child.status));
}

/** Kills a program that still runs after `ms`. @returns function that cancels it */
export function killAfter(child: Deno.ChildProcess, ms: number): () => void {
  const timer = setTimeout(() => {
    try {
      child.kill("SIGKILL");
    } catch {
      // It has just ended.
    }
  }, ms);
  return () => clearTimeout(timer);
}

/** Content of the file that the server writes into its data directory once it listens. */
interface ServerInfo {
  pid: number;
  /** `null` where the server was given a certificate. */
  ca: string | null;
  native: { host: string; port: number };
}

/** A running server. */
export interface RunningServer {
  pid: number;
  port: number;
  ca: string;
  /** Sends a signal that it outlives. */
  send(signal: "SIGSTOP" | "SIGCONT"): void;
  /** Sends a signal and waits until the process is gone. */
  end(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
}

/**
 * Starts a server on a free port of 127.0.0.1 and waits until it listens.
 *
 * @param options.program runs in place of main.ts, from the project's root
 * @throws {Error} with what the server printed, where it ends or does not listen in time
 */
export async function startServer(
  dataDir: string,
  password: string,
  options: {
    args?: string[];
    /** Where the native door listens. @default 127.0.0.1, a free port */
    listen?: { host: string; port: number };
    timeoutMs?: number;
    program?: string;
    env?: Record<string, string>;
  } = {},
): Promise<RunningServer> {
  const { program = "main.ts", env = {} } = options;
  const { host, port } = options.listen ?? { host: "127.0.0.1", port: 0 };
  const listen = ["--data", dataDir, "--host", host, "--port", String(port)];
  const infoFile = `${dataDir}/server.json`;
  // One that a killed server left behind must not be taken for the new one's.
  await Deno.remove(infoFile).catch(() => {});
  const command = taskCommand("serve").map((word) => word === "main.ts" ? program : word);
  const child = spawn([...command, ...listen, ...options.args ?? []], {
    cwd: PROJECT,
    env: programEnvironment({ ...env, TOWPATH_ADMIN_PASSWORD: password }),
    clearEnv: true,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  });
  const log = collect(child.stderr);
  let ended = false;
  const status = child.status.finally(() => ended = true);

  const deadline = Date.now() + (options.timeoutMs ?? 30_000);
  let info: ServerInfo | undefined;
  while (!(info = await readInfo(infoFile))) {
    if (ended || Date.now() > deadline) {
      if (!ended) child.kill("SIGKILL");
      await status;
      throw new Error(`Cannot start the server: ${(await log).trim() || "it printed nothing"}`);
    }
    await delay(20);
  }
  return {
    pid: child.pid,
    port: info.native.port,
    ca: info.ca!,
    send: (signal) => child.kill(signal),
    async end(signal) {
      if (!ended) child.kill(signal);
      await status;
      await log;
    },
  };
}

/** Output and exit code of a client command. */
export interface ClientResult {
  code: number;
  seconds: number;
  /** The JSON lines of stdout. */
  events: ClientEvent[];
  stderr: string;
}

/** One line of `--json`; which members there are depends on `event`. */
export interface ClientEvent {
  event: "start" | "progress" | "retry" | "done" | "error";
  filename?: string;
  offset?: number;
  size?: number;
  hash?: string;
  seconds?: number;
  resumed_from?: number;
  message?: string;
  sessions?: { node?: string; transfer?: { direction: string } | null }[];
  parts?: { filename: string; offset: number; file_size: number | null }[];
}

/** The client's command line for a server, and its environment; without password, for a kept login. */
export function clientCommand(
  server: { port: number; ca: string },
  password: string | undefined,
  configDir: string,
  args: string[],
): { command: string[]; env: Record<string, string>; cwd: string } {
  const connection = ["--server", `127.0.0.1:${server.port}`, "--user", "admin"];
  return {
    command: [...taskCommand("client"), ...args, ...connection, "--ca", server.ca],
    env: programEnvironment({
      ...(password !== undefined && { TOWPATH_PASSWORD: password }),
      XDG_CONFIG_HOME: configDir,
    }),
    cwd: PROJECT,
  };
}

/**
 * Runs a client command with `--json` to its end, at most `timeoutMs`.
 *
 * @param seen called with each event as soon as it is printed
 */
export async function runClient(
  line: { command: string[]; env: Record<string, string>; cwd: string },
  timeoutMs = 60_000,
  seen: (event: ClientEvent) => void = () => {},
): Promise<ClientResult> {
  const started = performance.now();
  const child = spawn([...line.command, "--json"], {
    cwd: line.cwd,
    env: line.env,
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
  const spare = killAfter(child, timeoutMs);
  const stderr = new Response(child.stderr).text();
  const events: ClientEvent[] = [];
  let text = "";
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream() as never)) {
    text += part;
    const whole = text.lastIndexOf("\n") + 1;
    const come = jsonLines(text.slice(0, whole));
    text = text.slice(whole);
    events.push(...come);
    come.forEach(seen);
  }
  const { code } = await child.status;
  spare();
  return {
    code,
    seconds: (performance.now() - started) / 1000,
    events,
    stderr: await stderr,
  };
}

/** The events of a `--json` output. */
export function jsonLines(text: string): ClientEvent[] {
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

async function readInfo(file: string): Promise<ServerInfo | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(file));
  } catch (error) {
    // Not there yet, or only half of it.
    if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The last part of a stream, as text, once it ends. */
async function collect(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  for await (const part of stream.pipeThrough(new TextDecoderStream() as never)) {
    text = (text + part).slice(-8192);
  }
  return text;
}
