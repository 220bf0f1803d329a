// deno task bench: Towpath beside the ceiling and the peers that are installed. docs/benchmarks.md

import { withCleanup } from "../demo/cleanup.ts";
import { killPrograms } from "../demo/programs.ts";
import { makeCertificate } from "./certificate.ts";
import { type Entry, installed } from "./measuring/contender.ts";
import { makeMaterial, SMALL_BYTES } from "./measuring/material.ts";
import { HELP, type Options, parseOptions } from "./options.ts";
import { ceiling } from "./peers/ceiling.ts";
import { nginx } from "./peers/nginx.ts";
import { rsync } from "./peers/rsync.ts";
import { sftp, sftpAes } from "./peers/sftp.ts";
import { towpath } from "./peers/towpath.ts";
import { towpathCurl, towpathLftp } from "./peers/towpath_ftp.ts";
import { vsftpdCurl, vsftpdLftp } from "./peers/vsftpd.ts";
import { makePlace } from "./place.ts";
import { type Runner, runRounds } from "./rounds.ts";
import { LEGEND, type Series, table, type TransferName, TRANSFERS } from "./table.ts";
import { WarmMemory } from "./warm_memory.ts";

const ENTRIES: Entry[] = [
  ...[ceiling, towpath, sftp, sftpAes, rsync, nginx],
  ...[towpathCurl, vsftpdCurl, towpathLftp, vsftpdLftp],
];

/** Results go to stdout; what is going on, to stderr. */
const progress = (text: string) => console.error(`  ${text}`);

async function bench(options: Options, stack: AsyncDisposableStack): Promise<number> {
  // At the most, the material and a server's copy of it are there while a client's copy is made.
  const once = options.largeBytes + options.files * SMALL_BYTES * 2;
  const place = await makePlace(2 * once + WarmMemory.bytesFor(once + 2 ** 28), stack);
  console.log(heading(options, place.kind));

  progress(`making ${options.largeBytes} bytes and ${options.files} files`);
  const material = makeMaterial(place.dir, options.largeBytes, options.files);
  stack.defer(killPrograms);
  const tls = await makeCertificate(place.dir);

  const runners: Runner[] = [];
  for (const entry of ENTRIES) {
    if (options.only && !options.only.includes(entry.name)) continue;
    const missing = entry.programs.filter((program) => !installed(program));
    if (missing.length > 0) {
      console.log(`  ${entry.name} is left out: ${missing.join(", ")} not installed`);
      continue;
    }
    const dir = `${place.dir}/${entry.name}`;
    await Deno.mkdir(dir, { mode: 0o755 });
    try {
      const contender = await entry.start({ dir, material, tls });
      stack.defer(() => contender.stop());
      runners.push({ name: entry.name, contender });
    } catch (error) {
      console.log(`  ${entry.name} is left out: ${(error as Error).message}`);
    }
  }
  const arrivals = `${place.dir}/arrivals`;
  await Deno.mkdir(arrivals);
  const { series, failed } = await runRounds(
    runners,
    material,
    arrivals,
    options.repeat,
    progress,
  );
  print(series, options);
  if (options.json) await writeJson(options.json, options, series);
  return failed === 0 && series.length > 0 ? 0 : 1;
}

function heading(options: Options, kind: string): string {
  const cpus = `${navigator.hardwareConcurrency} cores`;
  const rounds = options.repeat === 1 ? "one round" : `${options.repeat} rounds`;
  return `Towpath bench: Deno ${Deno.version.deno}, ${cpus}, on ${kind}, 127.0.0.1, ${rounds}`;
}

function titleOf(transfer: TransferName, options: Options): string {
  const large = `${options.largeBytes.toLocaleString("en-US")} bytes in one file`;
  const small = `${options.files.toLocaleString("en-US")} files of ${SMALL_BYTES / 1024} KiB`;
  return {
    upload: `upload, ${large}`,
    download: `download, ${large}`,
    uploadTree: `upload, ${small}`,
    downloadTree: `download, ${small}`,
  }[transfer];
}

function print(series: Series[], options: Options): void {
  for (const transfer of TRANSFERS) {
    const rows = series.filter((item) => item.transfer === transfer);
    if (rows.length > 0) console.log(`\n${table(titleOf(transfer, options), rows)}`);
  }
  console.log(`\n${LEGEND}`);
  for (const entry of ENTRIES) {
    if (series.some((item) => item.contender === entry.name)) {
      console.log(`${entry.name}: ${entry.about}`);
    }
  }
}

async function writeJson(file: string, options: Options, series: Series[]): Promise<void> {
  const { largeBytes, files, repeat } = options;
  const host = {
    deno: Deno.version.deno,
    cores: navigator.hardwareConcurrency,
    kernel: Deno.osRelease(),
  };
  const result = { date: new Date().toISOString(), host, largeBytes, files, repeat, series };
  await Deno.writeTextFile(file, `${JSON.stringify(result, null, 2)}\n`);
}

if (import.meta.main) {
  try {
    const options = parseOptions(Deno.args);
    if (options === "help") console.log(HELP);
    else Deno.exitCode = await withCleanup((stack) => bench(options, stack));
  } catch (error) {
    console.error(`bench: ${(error as Error).message}`);
    Deno.exitCode = 1;
  }
  // Listeners for signals would keep the process alive.
  Deno.exit();
}
