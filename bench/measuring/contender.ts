// Participants of the benchmark: Towpath, the ceiling, and other servers with their clients.

import { delay } from "@std/async";
import type { Transfer } from "./measure.ts";
import type { Material } from "./material.ts";

/** A contender's working directory and the material to transfer. */
export interface Bed {
  /** An empty directory of the contender's own, removed at the end. */
  dir: string;
  material: Material;
  /** PEM files for 127.0.0.1 and localhost: the chain's first certificate is the server's. */
  tls: { ca: string; cert: string; key: string };
}

/** A contender whose server runs. Each transfer comes from, or arrives at, a path of ours. */
export interface Contender {
  serverPid: number;
  upload(): Transfer;
  download(to: string): Transfer;
  /** Absent where many small files mean nothing to it. */
  uploadTree?(): Transfer;
  downloadTree?(to: string): Transfer;
  /** Number of the tree's files that it transfers, if it is too slow for all of them. */
  treeFiles?: number;
  /** Removes what was uploaded, to make room. */
  clear(): Promise<void>;
  stop(): Promise<void>;
}

/** Something that can take part. */
export interface Entry {
  name: string;
  /** One line on what it is, for the legend under the table. */
  about: string;
  /** Programs that have to be installed. */
  programs: string[];
  /** @throws {Error} where it cannot run here; the message says why */
  start(bed: Bed): Promise<Contender>;
}

/** Finds an installed program; servers are often in /usr/sbin, which is not on every PATH. */
export function installed(program: string): string | undefined {
  if (program.startsWith("/")) return program;
  const path = `${Deno.env.get("PATH") ?? ""}:/usr/local/sbin:/usr/sbin:/sbin`;
  for (const directory of path.split(":")) {
    try {
      const place = `${directory}/${program}`;
      if (Deno.statSync(place).isFile) return place;
    } catch {
      // Not in this directory.
    }
  }
  return undefined;
}

/** A port of 127.0.0.1 that is free now, for servers that cannot pick one themselves. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** A server program that runs until it is stopped. */
export interface Daemon {
  pid: number;
  stop(): Promise<void>;
}

/**
 * Starts a peer's server in the foreground and waits until it accepts connections.
 *
 * @throws {Error} with what it printed, where it does not
 */
export async function startDaemon(
  program: string,
  args: string[],
  port: number,
): Promise<Daemon> {
  const child = new Deno.Command(installed(program)!, {
    args,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const errors = new Response(child.stderr).text();
  let ended = false;
  const status = child.status.finally(() => ended = true);
  const stop = async () => {
    if (!ended) child.kill("SIGTERM");
    const force = setTimeout(() => ended || child.kill("SIGKILL"), 3000);
    await status;
    clearTimeout(force);
  };
  const deadline = Date.now() + 10_000;
  while (!(await accepts(port))) {
    if (ended || Date.now() > deadline) {
      await stop();
      throw new Error(`Cannot start ${program}: ${(await errors).trim() || "no reason given"}`);
    }
    await delay(20);
  }
  return { pid: child.pid, stop };
}

async function accepts(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}

/** Runs a helper program, such as ssh-keygen, to its end. */
export async function runTool(
  program: string,
  args: string[],
  env?: Record<string, string>,
): Promise<void> {
  const { code, stderr } = await new Deno.Command(installed(program) ?? program, {
    args,
    ...env ? { env, clearEnv: true } : {},
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (code !== 0) throw new Error(`${program}: ${new TextDecoder().decode(stderr).trim()}`);
}

/** Makes a directory empty. */
export async function freshDirectory(path: string): Promise<void> {
  await Deno.remove(path, { recursive: true }).catch(() => {});
  await Deno.mkdir(path, { recursive: true });
}
