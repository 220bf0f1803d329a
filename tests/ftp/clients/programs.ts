/** Runs other people's FTP clients, as Debian's packages install them. */
import { isLeftOut } from "../../support/engine.ts";

/** How long one command may take on a machine that is busy with other tests. */
const COMMAND_MS = 90_000;

/** Result of a command. */
export interface Ran {
  code: number;
  /** Its standard output, and its standard error. */
  out: string;
  err: string;
}

/** How to run a command. */
export interface RunOptions {
  /** @default COMMAND_MS */
  limitMs?: number;
  env?: Record<string, string>;
  cwd?: string;
  stdin?: string;
}

/** Whether programs are all on the PATH. */
export function installed(...programs: string[]): boolean {
  return programs.every((program) =>
    (Deno.env.get("PATH") ?? "").split(":").some((directory) => isFile(`${directory}/${program}`))
  );
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/**
 * Registers a test that needs programs. Without them it is skipped, with a line that says so; in CI
 * it fails, since a test that silently skips itself holds nothing.
 *
 * @param options `disk`: it is about files on the disk
 */
export function testWith(
  programs: string[],
  name: string,
  fn: (t: Deno.TestContext) => Promise<void>,
  { disk = false }: { disk?: boolean } = {},
): void {
  const missing = programs.filter((program) => !installed(program));
  const ignore = missing.length > 0 && !Deno.env.get("CI");
  if (ignore) console.log(`Not tested, as ${missing.join(", ")} is not installed: ${name}`);
  Deno.test({ name, ignore: ignore || (disk && isLeftOut("files on the disk")), fn });
}

/** Starts a command with an environment of its own. */
export function start(command: string[], options: RunOptions = {}): Deno.ChildProcess {
  const [program, ...args] = command;
  return new Deno.Command(program!, {
    args,
    clearEnv: true,
    env: { PATH: Deno.env.get("PATH") ?? "", LC_ALL: "C.UTF-8", TERM: "dumb", ...options.env },
    ...options.cwd === undefined ? {} : { cwd: options.cwd },
    stdin: options.stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs a command to its end; one that takes too long is killed. */
export async function run(command: string[], options: RunOptions = {}): Promise<Ran> {
  const child = start(command, options);
  const timer = setTimeout(() => child.kill("SIGKILL"), options.limitMs ?? COMMAND_MS);
  try {
    const [{ code, stdout, stderr }] = await Promise.all([
      child.output(),
      options.stdin === undefined ? undefined : feed(child, options.stdin),
    ]);
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, out: decode(stdout), err: decode(stderr) };
  } finally {
    clearTimeout(timer);
  }
}

async function feed(child: Deno.ChildProcess, text: string): Promise<void> {
  const writer = child.stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(text));
    await writer.close();
  } catch {
    // It ended before it had read all.
  }
}
