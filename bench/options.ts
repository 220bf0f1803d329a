// The benchmark's command line.

import { parseArgs } from "node:util";
import { parseSize } from "../common/size.ts";

/** Options of a run. */
export interface Options {
  largeBytes: number;
  files: number;
  repeat: number;
  /** Names of those that take part; all, where undefined. */
  only: string[] | undefined;
  json: string | undefined;
}

/** Text of `--help`. */
export const HELP = `deno task bench [options]

  --quick        200M, 1,000 files, one round: a first impression
  --size SIZE    size of the large file (2G; K, M, G are powers of 1,024)
  --files N      number of 4 KiB files (10000)
  --repeat N     rounds (3); best and median are shown
  --only A,B     only these: ceiling, towpath, sftp, sftp-aes, rsync, nginx,
                 towpath-curl, vsftpd-curl, towpath-lftp, vsftpd-lftp
  --json FILE    write every measurement to a file as well
`;

/** Everyone who can take part, in the order of the table. */
const NAMES = [
  ...["ceiling", "towpath", "sftp", "sftp-aes", "rsync", "nginx"],
  ...["towpath-curl", "vsftpd-curl", "towpath-lftp", "vsftpd-lftp"],
];

/** Parses the command line. @throws {Error} which names the invalid option */
export function parseOptions(args: string[]): Options | "help" {
  const { values } = parseArgs({
    args,
    options: {
      help: { type: "boolean", short: "h" },
      quick: { type: "boolean" },
      size: { type: "string" },
      files: { type: "string" },
      repeat: { type: "string" },
      only: { type: "string" },
      json: { type: "string" },
    },
  });
  if (values.help) return "help";
  return {
    largeBytes: readSize(values.size ?? (values.quick ? "200M" : "2G")),
    files: parseCount("--files", values.files ?? (values.quick ? "1000" : "10000")),
    repeat: parseCount("--repeat", values.repeat ?? (values.quick ? "1" : "3")),
    only: values.only === undefined ? undefined : parseNames(values.only),
    json: values.json && resolve(values.json),
  };
}

function readSize(text: string): number {
  const bytes = parseSize(text);
  if (!bytes) throw new Error(`Cannot read --size "${text}": use a number with K, M or G`);
  return bytes;
}

function parseCount(option: string, text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) {
    throw new Error(`Cannot read ${option} "${text}": use a whole number above 0`);
  }
  return count;
}

function parseNames(text: string): string[] {
  const names = text.split(",");
  const unknown = names.find((name) => !NAMES.includes(name));
  if (unknown !== undefined) {
    throw new Error(`Cannot find "${unknown}" of --only: there are ${NAMES.join(", ")}`);
  }
  return names;
}

/** `deno task` runs in the project's directory; the user's is in INIT_CWD. */
function resolve(path: string): string {
  return path.startsWith("/") ? path : `${Deno.env.get("INIT_CWD") ?? Deno.cwd()}/${path}`;
}
