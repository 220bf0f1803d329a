// PostgreSQL, a store and servers for the benchmark of a cluster, in one directory.

import { taskCommand } from "../../demo/programs.ts";
import { programEnvironment, PROJECT, type RunningServer, spawn } from "../../demo/programs.ts";
import { startServer } from "../../demo/programs.ts";
import {
  choosePorts,
  makeSecrets,
  nodeArgs,
  startPostgres,
  startRadosgw,
} from "../../demo/cluster/shared.ts";
import { freePorts } from "../../demo/cluster/ports.ts";
import type { Options } from "./options.ts";

/** Password of `admin` at all servers. */
export const PASSWORD = "bench-password";

/** State that the nodes share. */
export interface Places {
  readonly dir: string;
  /** URL of the bucket. */
  readonly bucket: string;
  readonly keys: { readonly ACCESS_KEY: string; readonly SECRET_KEY: string };
  /** Starts a node, with a number from 1 on. */
  node(number: number, args?: string[]): Promise<RunningServer>;
  /** Starts a server on its own disk. */
  single(): Promise<RunningServer>;
}

/** Starts PostgreSQL and the store. */
export async function startPlaces(dir: string, store: Options["store"]): Promise<Places> {
  await makeSecrets(dir);
  const ports = choosePorts();
  const starting = store === "radosgw" ? startRadosgw(dir, ports) : startLight();
  const [port] = await Promise.all([starting, startPostgres(dir, ports)]);
  if (port !== undefined) ports.store = port;
  const credentials = await Deno.readTextFile(`${dir}/store.credentials`);
  const value = (name: string) => new RegExp(`^${name} = (.*)$`, "m").exec(credentials)![1]!;
  return {
    dir,
    bucket: `http://127.0.0.1:${ports.store}/towpath`,
    keys: { ACCESS_KEY: value("aws_access_key_id"), SECRET_KEY: value("aws_secret_access_key") },
    async node(number, args = []) {
      const own = nodeArgs(dir, ports, 0)
        .filter((arg) => !/^--(node|trusted-proxy|web-port|ftp-)/.test(arg));
      const listen = { host: "127.0.0.1", port: freePorts(1) };
      const all = [...own, `--node=node-${number}`, ...args];
      const server = await startServer(`${dir}/node-${number}`, PASSWORD, {
        listen,
        args: all,
        timeoutMs: 120_000,
      });
      return { ...server, ca: `${dir}/ca.pem`, end: server.end };
    },
    single: () => startServer(`${dir}/single`, PASSWORD, { timeoutMs: 120_000 }),
  };
}

/** @returns its port */
async function startLight(): Promise<number> {
  const program = `${PROJECT}bench/cluster/light_store.ts`;
  const child = spawn([Deno.execPath(), "run", "--quiet", "--allow-net=127.0.0.1", program], {
    env: programEnvironment({}),
    clearEnv: true,
    ...{ stdin: "null", stdout: "piped", stderr: "inherit" },
  });
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  return Number(new TextDecoder().decode(value));
}

/** Command of the program that moves a file by plain requests. */
export function plainCommand(
  places: Places,
  direction: "put" | "get",
  path: string,
  bytes: number,
): { command: string[]; env: Record<string, string> } {
  const program = `${PROJECT}bench/cluster/plain_store.ts`;
  const lock = taskCommand("client").filter((word) => /^--(lock|frozen)/.test(word))
    .map((word) => word === "--lock=deno.lock" ? `--lock=${PROJECT}deno.lock` : word);
  const allowed = ["--allow-net=127.0.0.1", "--allow-env=ACCESS_KEY,SECRET_KEY"];
  const files = ["--allow-read", "--allow-write"];
  return {
    command: [
      ...[Deno.execPath(), "run", "--quiet", ...lock, ...allowed, ...files, program],
      ...[direction, places.bucket, path, String(bytes)],
    ],
    env: programEnvironment(places.keys),
  };
}
