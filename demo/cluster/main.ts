// deno task demo:cluster: two nodes behind HAProxy share PostgreSQL and radosgw. One node is killed in
// the middle of an upload, and the other one finishes it. Nothing is left behind.

import { withCleanup } from "../cleanup.ts";
import { installLine, missingPackages } from "./packages.ts";
import {
  choosePorts,
  endEngines,
  makeSecrets,
  nodeArgs,
  NODES,
  startHaproxy,
  startPostgres,
  startRadosgw,
} from "./shared.ts";
import { sha256 } from "../hash.ts";
import { done, lost, show, showParts } from "../outcomes.ts";
import {
  clientCommand,
  type ClientEvent,
  killPrograms,
  runClient,
  type RunningServer,
  startServer,
} from "../programs.ts";
import { bold, bytes, fact, green, rate, red, step } from "../story.ts";

const REMOTE = "/deno";
/** Part of the file after which the node is killed. */
const KILLED_AT = 0.4;

async function demo(stack: AsyncDisposableStack): Promise<boolean> {
  const dir = await Deno.makeTempDir({ prefix: "towpath-demo-" });
  stack.defer(() => Deno.remove(dir, { recursive: true }));
  stack.defer(killPrograms);
  stack.defer(endEngines);
  const file = Deno.execPath();
  const size = (await Deno.stat(file)).size;
  const original = await sha256(file);

  console.log(bold("Towpath demo: two nodes, one of them killed, the same file"));
  fact("file", `${file}, ${bytes(size)}`);
  fact("SHA-256", original);

  step("Start what the nodes share, in a temporary directory");
  await makeSecrets(dir);
  const ports = choosePorts();
  await Promise.all([startPostgres(dir, ports), startRadosgw(dir, ports)]);
  fact("PostgreSQL", `127.0.0.1:${ports.postgres}, names, accounts and unfinished uploads`);
  fact("radosgw", `127.0.0.1:${ports.store}, content, in the bucket "towpath"`);

  step("Start two nodes, and HAProxy in front of them");
  const password = await Deno.readTextFile(`${dir}/admin.password`);
  const names = NODES.map((_, index) => `node-${index + 1}`);
  const nodes: RunningServer[] = [];
  for (const [index, host] of NODES.entries()) {
    const listen = { host, port: ports.native };
    const args = nodeArgs(dir, ports, index);
    const node = await startServer(`${dir}/${names[index]}`, password, {
      listen,
      args,
      timeoutMs: 120_000,
    });
    nodes.push(node);
    fact(names[index]!, `process ${node.pid}, ${host}:${ports.native}`);
  }
  startHaproxy(dir, ports);
  fact("HAProxy", `127.0.0.1:${ports.native}, where the client connects to`);
  const server = { port: ports.native, ca: `${dir}/ca.pem` };
  // Retries are switched off so that the interruption can be seen; by default the client resumes by
  // itself.
  const client = (args: string[], seen?: (event: ClientEvent) => void) => {
    const line = [...args, "--retries", "0"];
    return runClient(clientCommand(server, password, `${dir}/config`, line), 120_000, seen);
  };
  // With retries, as HAProxy is still starting.
  done(await runClient(clientCommand(server, password, `${dir}/config`, ["whoami"]), 120_000));

  step("Upload, and kill -9 the node in the middle of it");
  fact("rate", "6 MiB/s, so that there is a middle");
  const enough = Math.round(KILLED_AT * size);
  const middle = Promise.withResolvers<number>();
  const upload = client(
    ["upload", file, "--to", REMOTE, "--limit-rate", "6M"],
    ({ offset = 0 }) => {
      if (offset >= enough) middle.resolve(offset);
    },
  );
  const ended = upload.then(() => {
    throw new Error("The upload ended before its node could be killed");
  });
  ended.catch(() => {}); // it is awaited below
  const until = <T>(find: () => Promise<T | undefined>) => found(find, ended);
  const name = await until(async () => {
    const { sessions = [] } = done(await client(["admin", "who"]));
    return sessions.find(({ transfer }) => transfer?.direction === "upload")?.node;
  });
  const sent = await Promise.race([middle.promise, ended]);
  await until(async () => done(await client(["parts"])).parts?.find(({ offset }) => offset > 0));
  const serving = nodes[names.indexOf(name)]!;
  await serving.end("SIGKILL");
  fact("killed", `${name}, process ${serving.pid}, after ${bytes(sent, size)}`);
  lost(await upload);

  step("Ask HAProxy's address again: the other node answers");
  showParts(await client(["parts"]), size);
  fact("", "that is up to the last checkpoint: kill -9 of a node costs at most 64 MiB");

  step("Resume to the end");
  const uploaded = done(await client(["resume", file]));
  show(uploaded, size);

  step("Download, and compare");
  const copy = `${dir}/copy`;
  const { seconds = NaN } = done(await client(["download", REMOTE, "--to", copy]));
  fact("received", `${bytes(size)} in ${rate(size, seconds)}`);
  const arrived = await sha256(copy);
  fact("original", original);
  fact("downloaded", `${arrived} ${arrived === original ? green("same") : red("DIFFERENT")}`);
  return arrived === original && (uploaded.resumed_from ?? 0) > 0;
}

/** Tries until something is found, or fails once the upload has ended. */
async function found<T>(find: () => Promise<T | undefined>, ended: Promise<never>): Promise<T> {
  while (true) {
    const result = await Promise.race([find(), ended]);
    if (result !== undefined) return result;
  }
}

const started = performance.now();
try {
  const missing = missingPackages();
  if (missing.length > 0) {
    throw new Error(`Programs are missing; install them with: ${installLine(missing)}`);
  }
  const same = await withCleanup(demo);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    same
      ? `\n${green("The file survived the node.")} ${seconds} s in all.`
      : `\n${red("The demo failed: see above.")}`,
  );
  Deno.exit(same ? 0 : 1);
} catch (error) {
  console.error(`\n${red("The demo failed:")} ${(error as Error).message}`);
  Deno.exit(1);
}
