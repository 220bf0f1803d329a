// Takes the contenders through their transfers, in turns.

import { type Contender, freshDirectory } from "./measuring/contender.ts";
import { type Material, SMALL_BYTES } from "./measuring/material.ts";
import { measure, type Transfer } from "./measuring/measure.ts";
import type { Series, TransferName } from "./table.ts";
import { WarmMemory } from "./warm_memory.ts";

/** A contender with its name. */
export interface Runner {
  name: string;
  contender: Contender;
}

const SMALL = ["uploadTree", "downloadTree"] as const;
/** Transfers of one round; a contender clears up after each pair. */
const PAIRS = [["upload", "download"], SMALL] as const;

/** Maximum space of a small file, with all that is written beside it. */
const SMALL_FILE_BYTES = 16 * 1024;
/** Maximum space that programs use beside the files. */
const ASIDE_BYTES = 128 * 1024 * 1024;

/** The slowest that anything is waited for. */
const SLOWEST = { bytesPerSecond: 10e6, filesPerSecond: 100 };

/**
 * Runs `repeat` rounds, each contender once in each, so that a disturbance of the machine affects
 * all alike. Before them each moves the small files once without being measured: a server runs for
 * months, and its first second, in which a runtime still compiles, is not typical. A contender
 * whose transfer fails is reported, and left out of that kind from then on.
 *
 * @param arrivals an empty directory for downloads
 * @param report called for each run
 */
export async function runRounds(
  runners: Runner[],
  material: Material,
  arrivals: string,
  repeat: number,
  report: (text: string) => void,
): Promise<{ series: Series[]; failed: number }> {
  const series: Series[] = [];
  const broken = new Set<string>();
  const amounts = (name: TransferName, contender: Contender) => {
    if (name === "upload" || name === "download") {
      return { bytes: material.large.bytes, files: 1 };
    }
    const files = contender.treeFiles ?? material.tree.names.length;
    return { bytes: files * SMALL_BYTES, files };
  };

  const runOne = async (
    runner: Runner,
    name: TransferName,
    transfer: Transfer,
    counts: boolean,
  ) => {
    const { bytes, files } = amounts(name, runner.contender);
    const timeoutMs = 1000 *
      (30 + bytes / SLOWEST.bytesPerSecond + files / SLOWEST.filesPerSecond);
    // Every contender finds as much warm memory as it will fill.
    const written = (files > 1 ? files * SMALL_FILE_BYTES : bytes) + ASIDE_BYTES;
    using _memory = new WarmMemory(arrivals, written);
    const run = await measure(transfer, runner.contender.serverPid, timeoutMs);
    report(`${runner.name} ${name} ${run.seconds.toFixed(2)} s`);
    if (!counts) return;
    let own = series.find((item) => item.transfer === name && item.contender === runner.name);
    if (!own) {
      own = { transfer: name, contender: runner.name, bytes, files, runs: [] };
      series.push(own);
    }
    own.runs.push(run);
  };

  for (let round = 0; round <= repeat; round++) {
    const counts = round > 0;
    if (!counts) report("warming up");
    for (const [up, down] of counts ? PAIRS : [SMALL]) {
      for (const runner of runners) {
        const { name, contender } = runner;
        if (broken.has(`${name} ${up}`) || !contender[up]) continue;
        try {
          await runOne(runner, up, contender[up](), counts);
          await runOne(runner, down, contender[down]!(arrivals), counts);
          await contender.clear();
        } catch (error) {
          broken.add(`${name} ${up}`);
          report(
            `${name} is left out of ${up} and ${down} from here on: ${(error as Error).message}`,
          );
        }
        await freshDirectory(arrivals);
      }
    }
  }
  return { series, failed: broken.size };
}
