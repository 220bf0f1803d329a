/** The options of `deno task soak`. */
import { parseArgs } from "node:util";

/** Duration, seed and place of the load. */
export interface SoakOptions {
  durationMs: number;
  seed: number;
  /** @default two or three, chosen again at each start */
  workers: number | undefined;
  /** Nodes over PostgreSQL and radosgw; 0: one server on its disk. */
  nodes: number;
}

/** Text of `--help`. */
export const HELP = `Loads a server over all doors, kills clients and the server at random, and
compares every file that was acknowledged.

  --minutes N, --seconds N   how long; 10 minutes by default, fractions allowed
  --seed N                   repeats the plan of a run
  --workers N                workers of the server; by default two or three, by turns
  --nodes N                  several nodes over PostgreSQL and radosgw, of Debian's packages: nodes
                             are killed and frozen, PostgreSQL is killed

Exit code 1 where anything differs.
`;

/** Reads the command line. @throws {TypeError} one sentence */
export function parseOptions(args: string[]): SoakOptions | undefined {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args,
    options: {
      minutes: text,
      seconds: text,
      seed: text,
      workers: text,
      nodes: text,
      help: { type: "boolean" },
    },
  });
  if (values.help) return undefined;
  const number = (name: "minutes" | "seconds" | "seed" | "workers" | "nodes", fallback: number) => {
    const value = values[name] === undefined ? fallback : Number(values[name]);
    if (!(value >= 0)) throw new TypeError(`--${name} must be a number`);
    return value;
  };
  const both = values.minutes === undefined && values.seconds === undefined;
  return {
    durationMs: (number("minutes", both ? 10 : 0) * 60 + number("seconds", 0)) * 1000,
    seed: Math.floor(number("seed", Math.random() * 2 ** 31)),
    workers: values.workers === undefined
      ? undefined
      : Math.max(1, Math.floor(number("workers", 2))),
    nodes: Math.floor(number("nodes", 0)),
  };
}
