// The example's scripts as children of this program: secrets, PostgreSQL, radosgw and HAProxy.

import { programEnvironment, PROJECT, spawn } from "../programs.ts";
import { freePorts } from "./ports.ts";

const SCRIPTS = `${PROJECT}examples/cluster`;
/** Addresses of the nodes: each node has the ports that HAProxy has at 127.0.0.1. */
export const NODES = ["127.0.0.2", "127.0.0.3"] as const;
const BALANCER = "127.0.0.1";
/** Passive ports of each node. */
const PASSIVE = 4;
/** How long an engine may take to start, ms. */
const START_MS = 120_000;

/** Ports of everything. */
export interface Ports {
  native: number;
  web: number;
  ftp: number;
  /** First and last passive port of each node. */
  passive: string[];
  postgres: number;
  store: number;
  monitor: number;
}

/** Finds free ports. */
export function choosePorts(): Ports {
  const first = freePorts(6 + NODES.length * PASSIVE);
  const [native, web, ftp, postgres, store, monitor] = Array.from(
    Array(6).keys(),
    (n) => first + n,
  );
  const passive = NODES.map((_, index) => {
    const from = first + 6 + index * PASSIVE;
    return `${from}-${from + PASSIVE - 1}`;
  });
  return {
    native: native!,
    web: web!,
    ftp: ftp!,
    passive,
    postgres: postgres!,
    store: store!,
    monitor: monitor!,
  };
}

/** Scripts that have not ended. They end the programs that they started. */
const scripts = new Set<Deno.ChildProcess>();
let closed = false;

/** Ends PostgreSQL and radosgw, and waits until they are gone; none can be started any more. */
export async function endEngines(): Promise<void> {
  closed = true;
  const children = [...scripts];
  for (const child of children) child.kill("SIGTERM");
  await Promise.all(children.map((child) => child.status));
}

/** Makes certificates, passwords and keys in a directory. */
export async function makeSecrets(dir: string): Promise<void> {
  const { code, stderr } = await script("secrets.sh", [dir, ...NODES]).output();
  if (code !== 0) throw new Error(`Cannot make certificates: ${text(stderr)}`);
}

/** Starts PostgreSQL, which keeps its data in the directory. */
export function startPostgres(dir: string, { postgres }: Ports): Promise<void> {
  return startScript("PostgreSQL", "postgres.sh", [dir, String(postgres)]);
}

/** Starts radosgw, which keeps its objects in memory. */
export function startRadosgw(dir: string, { store, monitor }: Ports): Promise<void> {
  const args = [dir, String(store), String(monitor)];
  return startScript("radosgw", "radosgw.sh", args, { OSD: "memstore" });
}

/** Starts HAProxy in front of the nodes. */
export function startHaproxy(dir: string, ports: Ports): void {
  const env = {
    BALANCER,
    NODE_1: NODES[0],
    NODE_2: NODES[1],
    NATIVE_PORT: String(ports.native),
    WEB_PORT: String(ports.web),
    FTP_PORT: String(ports.ftp),
    PASSIVE_1: ports.passive[0]!,
    PASSIVE_2: ports.passive[1]!,
    CA: `${dir}/ca.pem`,
    NAME: "localhost",
  };
  spawn(["/usr/sbin/haproxy", "-db", "-f", `${SCRIPTS}/haproxy.cfg`], {
    cwd: dir,
    env: programEnvironment(env),
    clearEnv: true,
    ...{ stdin: "null", stdout: "null", stderr: "null" },
  });
}

/** Options of a node, but for its directory, address and native port. */
export function nodeArgs(
  dir: string,
  { web, ftp, passive, postgres, store }: Ports,
  index: number,
) {
  return [
    `--node=node-${index + 1}`,
    `--catalog=postgres://towpath@localhost:${postgres}/towpath`,
    ...[`--catalog-password-file=${dir}/catalog.password`, `--catalog-ca=${dir}/ca.pem`],
    ...["--store=s3://towpath/demo", `--store-endpoint=http://127.0.0.1:${store}`],
    `--store-credentials=${dir}/store.credentials`,
    ...[`--cert=${dir}/node.pem`, `--key=${dir}/node.key`],
    ...[`--trusted-proxy=${BALANCER}`, `--web-port=${web}`, `--ftp-port=${ftp}`],
    ...[`--ftp-passive-ports=${passive[index]}`, `--ftp-public-address=${BALANCER}`],
  ];
}

/** Runs a script until it prints "ready". */
async function startScript(
  name: string,
  file: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<void> {
  const child = script(file, args, env);
  const timer = setTimeout(() => child.kill("SIGTERM"), START_MS);
  const errors = new Response(child.stderr).text();
  const reader = child.stdout.pipeThrough(new TextDecoderStream() as never).getReader();
  let printed = "";
  while (!printed.includes("ready\n")) {
    const { done, value } = await reader.read() as { done: boolean; value?: string };
    if (done) break;
    printed += value;
  }
  clearTimeout(timer);
  if (!printed.includes("ready\n")) {
    throw new Error(`Cannot start ${name}: ${(await errors).trim() || "it printed nothing"}`);
  }
}

function script(
  file: string,
  args: string[],
  env: Record<string, string> = {},
): Deno.ChildProcess {
  if (closed) throw new Error("Everything is being ended");
  const child = spawn([`${SCRIPTS}/${file}`, ...args], {
    env: programEnvironment(env),
    clearEnv: true,
    ...{ stdin: "null", stdout: "piped", stderr: "piped" },
  });
  scripts.add(child);
  child.status.finally(() => scripts.delete(child));
  return child;
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).trim();
}
