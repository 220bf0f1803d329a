// The figures, as a table to read.

import type { Measurement } from "./measuring/measure.ts";

/** All measurements of one transfer by one contender. */
export interface Series {
  transfer: TransferName;
  contender: string;
  /** Bytes moved in each run. */
  bytes: number;
  files: number;
  runs: Measurement[];
}

/** In the order of the table. */
export const TRANSFERS = ["upload", "download", "uploadTree", "downloadTree"] as const;
/** Name of a kind of transfer. */
export type TransferName = typeof TRANSFERS[number];

const COLUMNS = [
  ["", 12],
  ["MB/s best", 10],
  ["median", 8],
  ["own", 7],
  ["files/s", 9],
  ["server s/GB", 12],
  ["client s/GB", 12],
  ["server MiB", 11],
  ["client MiB", 11],
  ["x ceiling", 10],
  ["x sftp", 7],
  ["x vsftpd", 9],
] as const;

/** Explanation of the columns. */
export const LEGEND = `MB/s: 1,000,000 bytes a second over the wall time of the whole client \
command, its start included
own: the same by the client's own clock, from the first byte to the verified end (median)
server, client s/GB: CPU seconds of the process with all it started, for each 1,000,000,000 bytes
server, client MiB: the most memory that was resident (VmHWM) during any of the runs
x ceiling, x sftp: median speed as a multiple of theirs; x vsftpd: of vsftpd's with the same client`;

/** The table of one kind of transfer. */
export function table(title: string, series: Series[]): string {
  const medianOf = (name: string) => {
    const found = series.find((item) => item.contender === name);
    return found && speed(found, middle(found.runs, (run) => run.seconds));
  };
  const ceiling = medianOf("ceiling");
  const sftp = medianOf("sftp");
  const lines = series.map((item) => {
    const [, ftpClient] = /-(curl|lftp)$/.exec(item.contender) ?? [];
    const vsftpd = ftpClient && medianOf(`vsftpd-${ftpClient}`);
    const { runs, bytes, files } = item;
    const median = speed(item, middle(runs, (run) => run.seconds));
    const own = runs.every((run) => run.ownSeconds !== undefined)
      ? fixed(speed(item, middle(runs, (run) => run.ownSeconds!)), 0)
      : "-";
    const perGB = (of: (run: Measurement) => number) => fixed(middle(runs, of) / (bytes / 1e9), 2);
    const peak = (of: (run: Measurement) => number) =>
      fixed(Math.max(...runs.map(of)) / 2 ** 20, 0);
    return [
      item.contender,
      fixed(speed(item, Math.min(...runs.map((run) => run.seconds))), 0),
      fixed(median, 0),
      own,
      files > 1 ? fixed(files / middle(runs, (run) => run.seconds), 0) : "-",
      perGB((run) => run.serverCpuSeconds),
      perGB((run) => run.clientCpuSeconds),
      peak((run) => run.serverPeakBytes),
      peak((run) => run.clientPeakBytes),
      ceiling ? fixed(median / ceiling, 2) : "-",
      sftp ? fixed(median / sftp, 2) : "-",
      vsftpd ? fixed(median / vsftpd, 2) : "-",
    ];
  });
  return [title, row(COLUMNS.map(([name]) => name)), ...lines.map(row)].join("\n");
}

function row(cells: readonly string[]): string {
  const padded = cells.map((cell, index) => {
    const width = COLUMNS[index]![1];
    return index === 0 ? cell.padEnd(width) : cell.padStart(width);
  });
  return `  ${padded.join(" ")}`.trimEnd();
}

/** MB/s. */
function speed(series: Series, seconds: number): number {
  return series.bytes / 1e6 / seconds;
}

function middle(runs: Measurement[], of: (run: Measurement) => number): number {
  const sorted = runs.map(of).sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

function fixed(value: number, digits: number): string {
  return value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}
