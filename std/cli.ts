/**
 * `@std/cli`, with its types: the package that carries the standard library here has none.
 *
 * Signatures are those of `jsr:@std/cli@1`, without the inference of types from the options.
 */
import { parseArgs as parseArgsOf } from "deno-std/cli/parse_args.js";

/** Options of {@linkcode parseArgs}. */
export interface ParseOptions {
  /** Flags without a value. */
  boolean?: readonly string[];
  /** Flags whose value is text; `_` keeps arguments as they are. */
  string?: readonly string[];
  /** Flags that may be given several times. */
  collect?: readonly string[];
  /** Other names of a flag. */
  alias?: Record<string, string | readonly string[]>;
  /** Values of flags that are not given. */
  default?: Record<string, unknown>;
  /** Whether what follows `--` is kept apart. */
  "--"?: boolean;
  /** Called for an unknown argument; `false` leaves it out of the result. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** Flags by name, and in `_` the arguments that are none. */
export interface Args {
  _: (string | number)[];
  "--"?: string[];
  [name: string]: unknown;
}

/** Reads the arguments of a command line. */
export const parseArgs: (args: readonly string[], options?: ParseOptions) => Args = parseArgsOf;
