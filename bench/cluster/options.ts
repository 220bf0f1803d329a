// Command line of the benchmark of a cluster.

import { parseArgs } from "node:util";
import { parseSize } from "../../common/size.ts";

/** Options of a run. */
export interface Options {
  largeBytes: number;
  files: number;
  uploads: number;
  repeat: number;
  store: "radosgw" | "light";
  only: string[] | undefined;
}

/** Parts of the benchmark, by the names of `--only`. */
export const PARTS = ["large", "small", "latency", "memory", "nodes"] as const;

/** Text of `--help`. */
export const HELP = `deno task bench:cluster [options]

  --quick          a first impression: 48M, 500 files, one round
  --size SIZE      size of the large file (192M; K, M, G are powers of 1,024)
  --files N        number of 4 KiB files (10000)
  --uploads N      uploads at once whose memory is measured (50)
  --repeat N       rounds (3)
  --store STORE    radosgw, or light: a process that keeps objects in memory (radosgw)
  --only A,B       only these: ${PARTS.join(", ")}
`;

/** Parses the command line. @throws {Error} which names the invalid option */
export function parseOptions(args: string[]): Options | "help" {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args,
    options: {
      help: { type: "boolean", short: "h" },
      quick: { type: "boolean" },
      ...{ size: text, files: text, uploads: text, repeat: text, store: text, only: text },
    },
  });
  if (values.help) return "help";
  const { quick = false, store = "radosgw" } = values;
  if (store !== "radosgw" && store !== "light") {
    throw new Error(`Cannot use --store "${store}": there are radosgw and light`);
  }
  const only = values.only?.split(",");
  const unknown = only?.find((name) => !PARTS.includes(name as never));
  if (unknown !== undefined) {
    throw new Error(`Cannot find "${unknown}" of --only: there are ${PARTS.join(", ")}`);
  }
  const largeBytes = parseSize(values.size ?? (quick ? "48M" : "192M"));
  if (!largeBytes) {
    throw new Error(`Cannot read --size "${values.size}": use a number with K, M or G`);
  }
  return {
    largeBytes,
    files: count("--files", values.files ?? (quick ? "500" : "10000")),
    uploads: count("--uploads", values.uploads ?? (quick ? "10" : "50")),
    repeat: count("--repeat", values.repeat ?? (quick ? "1" : "3")),
    store,
    only,
  };
}

function count(option: string, text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new Error(`Cannot read ${option} "${text}": use a whole number above 0`);
}
