// deno task bench:cluster: a node against plain requests to its store, and against a server on its own
// disk. docs/benchmarks.md#several-nodes

import { withCleanup } from "../../demo/cleanup.ts";
import { installLine, missingPackages } from "../../demo/cluster/packages.ts";
import { endEngines } from "../../demo/cluster/shared.ts";
import { killPrograms, type RunningServer } from "../../demo/programs.ts";
import { makeMaterial, type Material } from "../measuring/material.ts";
import { HELP, type Options, parseOptions } from "./options.ts";
import { type Places, startPlaces } from "./places.ts";
import { type Latencies, probe, REQUESTS, uploadsAtOnce } from "./requests.ts";
import { type Large, logIn, moveLarge, Transfers } from "./transfers.ts";

/** Bytes of each of many uploads at once. */
const EACH_BYTES = 8 * 1024 * 1024;
/** Turns of the requests whose latency is measured, in each round. */
const TURNS = 4;
/** Files of the directory that is listed, which is one page. */
const MAX_LISTED = 100;

/** Results go to stdout; what is going on, to stderr. */
const progress = (text: string) => console.error(`  ${text}`);

/** Prints a figure, with the one that is wanted. */
function figure(name: string, value: string, wanted = ""): void {
  console.log(`  ${name.padEnd(46)} ${value.padStart(12)}  ${wanted}`.trimEnd());
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

/** Everything that a part of the benchmark uses. */
interface Bench {
  readonly options: Options;
  readonly places: Places;
  readonly material: Material;
  readonly node: RunningServer;
  readonly single: RunningServer;
  readonly cluster: Transfers;
  readonly disk: Transfers;
}

async function large({ options, places, material, cluster, disk }: Bench): Promise<void> {
  const { bytes } = material.large;
  const runs: Large[] = [];
  for (let round = 0; round < options.repeat; round++) {
    runs.push(await moveLarge(places, material, cluster, disk));
    progress(`large file, round ${round + 1}`);
  }
  const rate = (seconds: number[]) => (bytes / 1e6 / median(seconds)).toFixed(0) + " MB/s";
  console.log(`\none file of ${bytes.toLocaleString("en-US")} bytes`);
  const wanted = "at least 0.80 is wanted";
  const ups = runs.map(({ up }) => up.ownSeconds!);
  const downs = runs.map(({ down }) => down.ownSeconds!);
  figure("plain PUT of 16 MiB each", rate(runs.map(({ direct }) => direct.put)));
  figure("upload", rate(ups));
  figure("upload to a server's disk", rate(runs.map(({ disk }) => disk.up.ownSeconds!)));
  figure(
    "upload / plain PUT",
    median(runs.map(({ direct, up }) => direct.put / up.ownSeconds!)).toFixed(2),
    wanted,
  );
  figure("plain GET of 16 MiB each", rate(runs.map(({ direct }) => direct.get)));
  figure("download", rate(downs));
  figure("download from a server's disk", rate(runs.map(({ disk }) => disk.down.ownSeconds!)));
  figure(
    "download / plain GET",
    median(runs.map(({ direct, down }) => direct.get / down.ownSeconds!)).toFixed(2),
    wanted,
  );
  const cpu = (of: (run: Large) => number) =>
    (median(runs.map(of)) / (bytes / 1e9)).toFixed(2) + " s/GB";
  figure("CPU of the node, upload", cpu(({ up }) => up.serverCpuSeconds));
  figure("CPU of the client, upload", cpu(({ up }) => up.clientCpuSeconds));
  figure("CPU of the node, download", cpu(({ down }) => down.serverCpuSeconds));
  figure("CPU of the client, download", cpu(({ down }) => down.clientCpuSeconds));
}

async function small({ options, places, material, cluster, disk }: Bench): Promise<void> {
  const to = `${places.dir}/copies`;
  const runs = { cluster: [] as number[][], disk: [] as number[][] };
  for (let round = 0; round < options.repeat; round++) {
    for (const [name, transfers] of [["disk", disk], ["cluster", cluster]] as const) {
      const up = await transfers.uploadTree();
      const down = await transfers.downloadTree(up.name, to);
      runs[name].push([up.seconds, down.seconds]);
      progress(`small files, ${name}, round ${round + 1}`);
    }
  }
  const files = material.tree.names.length;
  console.log(`\n${files.toLocaleString("en-US")} files of 4 KiB, with the client's start`);
  for (const name of ["cluster", "disk"] as const) {
    for (const [index, direction] of ["up", "down"].entries()) {
      const rate = files / median(runs[name].map((run) => run[index]!));
      const wanted = name === "cluster" ? "at least 1,000 are wanted" : "";
      figure(`${name}, ${direction}`, `${rate.toFixed(0)} files/s`, wanted);
    }
  }
}

async function latency({ options, node, single }: Bench): Promise<void> {
  const listed = Math.min(MAX_LISTED, options.files);
  const probes = [await probe(node, listed), await probe(single, listed)] as const;
  const found = probes.map(() =>
    Object.fromEntries(REQUESTS.map((name) => [name, []]))
  ) as unknown as [Latencies, Latencies];
  for (let turn = 0; turn < TURNS * options.repeat; turn++) {
    for (const [index, one] of probes.entries()) await one.turn(found[index]!);
  }
  for (const one of probes) await one.close();
  console.log(`\nlatency, median: a node, a server on its disk; a page has ${listed} names`);
  for (const name of REQUESTS) {
    const [cluster, disk] = [median(found[0][name]), median(found[1][name])];
    figure(name, `${cluster.toFixed(2)} ms`);
    figure("", `${disk.toFixed(2)} ms`);
    figure("  more", `${(cluster - disk).toFixed(2)} ms`, "at most 3 ms are wanted");
  }
}

async function memory({ options, node }: Bench): Promise<void> {
  const { peakBytes, seconds } = await uploadsAtOnce(node, options.uploads, EACH_BYTES);
  const rate = options.uploads * EACH_BYTES / 1e6 / seconds;
  console.log(`\n${options.uploads} uploads of 8 MiB at once`);
  const peak = `${(peakBytes / 2 ** 20).toFixed(0)} MiB`;
  figure("peak memory of the node, one worker", peak, "below 300 MiB is wanted");
  figure("all of them", `${rate.toFixed(0)} MB/s`);
}

async function nodes({ options, places, material, cluster }: Bench): Promise<void> {
  const others: Transfers[] = [];
  for (const number of [2, 3]) {
    const server = await places.node(number);
    const config = `${places.dir}/config-node-${number}`;
    await logIn(server, config);
    others.push(new Transfers(server, config, material));
  }
  const sums = { one: [] as number[], three: [] as number[] };
  for (let round = 0; round < options.repeat; round++) {
    for (
      const [name, group] of [["one", Array(3).fill(cluster)], ["three", [
        cluster,
        ...others,
      ]]] as const
    ) {
      const started = performance.now();
      await Promise.all((group as Transfers[]).map((one) => one.upload()));
      sums[name].push((performance.now() - started) / 1000);
      progress(`three uploads, ${name} node${name === "one" ? "" : "s"}, round ${round + 1}`);
    }
  }
  const rate = (seconds: number) => (3 * material.large.bytes / 1e6 / seconds).toFixed(0) + " MB/s";
  console.log("\nthree uploads at once on one machine");
  figure("all to one node", rate(median(sums.one)));
  figure("each to a node of its own", rate(median(sums.three)));
  const ratios = sums.one.map((seconds, index) => seconds / sums.three[index]!);
  figure("three nodes / one", median(ratios).toFixed(2), "at least 1.00 is wanted");
}

const PARTS = { large, small, latency, memory, nodes };

async function bench(options: Options, stack: AsyncDisposableStack): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "towpath-bench-" });
  stack.defer(() => Deno.remove(dir, { recursive: true }));
  stack.defer(killPrograms);
  stack.defer(endEngines);
  console.log(
    `Towpath bench of a cluster: Deno ${Deno.version.deno}, ${navigator.hardwareConcurrency} cores, ` +
      `127.0.0.1, store ${options.store}, rounds ${options.repeat}`,
  );
  const places = await startPlaces(dir, options.store);
  const material = makeMaterial(dir, options.largeBytes, options.files);
  const [node, single] = [await places.node(1), await places.single()];
  const configs = [`${dir}/config-node-1`, `${dir}/config-single`] as const;
  await logIn(node, configs[0]);
  await logIn(single, configs[1]);
  const cluster = new Transfers(node, configs[0], material);
  const disk = new Transfers(single, configs[1], material);
  // A runtime compiles in its first second, which is not typical of a server.
  progress("warming up");
  for (const transfers of [cluster, disk]) await transfers.uploadTree();
  const parts: Bench = { options, places, material, node, single, cluster, disk };
  for (const [name, part] of Object.entries(PARTS)) {
    if (options.only === undefined || options.only.includes(name)) await part(parts);
  }
}

try {
  const options = parseOptions(Deno.args);
  if (options === "help") {
    console.log(HELP);
  } else {
    const missing = missingPackages();
    if (missing.length > 0) {
      throw new Error(`Programs are missing; install them with: ${installLine(missing)}`);
    }
    await withCleanup((stack) => bench(options, stack));
  }
} catch (error) {
  console.error(`bench: ${(error as Error).message}`);
  Deno.exitCode = 1;
}
// Listeners for signals would keep the process alive.
Deno.exit();
