/** `backup TARGET`: a tar, or a directory of snapshots. */
import { reasonOf } from "../../storage/common/os_reason.ts";
import { dirname, join } from "node:path";
import { formatSize } from "../../storage/common/format_size.ts";
import { SqliteCatalog } from "../../storage/disk/sqlite_catalog.ts";
import { PLACES } from "../data_directory.ts";
import { escapeControls } from "../log_record.ts";
import * as kinds from "../options/kinds.ts";
import { EXIT, failure, usageError } from "../options/error.ts";
import { withCatalog } from "./accounts.ts";
import { SNAPSHOTS, writeSnapshot } from "./backup/object_store.ts";
import { Scratch } from "./backup/scratch.ts";
import { type Taken, writeTar } from "./backup/tar_backup.ts";
import { adminCommand } from "./command.ts";

const backup = adminCommand({
  name: "backup",
  operands: ["TARGET"],
  flags: { files: kinds.toggle, incremental: kinds.toggle },
  summary: "write catalog, certificates and configuration to a tar, with --files also the " +
    "accounts' files; with --incremental to a directory, where no content is stored twice",
  audited: () => ({ action: "backup" }),
  async run({ data, resolve }, [operand = ""], { files = false, incremental = false }) {
    if (incremental && !files) throw usageError("--incremental needs --files");
    try {
      const to = resolve(operand);
      const { target, taken } = incremental
        ? await intoDirectory(data, to)
        : await intoTar(data, to, files);
      return outcome(target, taken, files);
    } catch (error) {
      throw failure(`The backup to ${operand} failed: ${reasonOf(error)}`, error);
    }
  },
});

async function intoTar(data: string, target: string, files: boolean) {
  using scratch = new Scratch(target);
  const catalog = scratch.file(PLACES.catalog);
  const tar = scratch.file("tar");
  await withCatalog(data, (from) => from.backup(catalog));
  const taken = await writeTar(tar, { data, catalog, files });
  Deno.renameSync(tar, target);
  syncDirectory(dirname(target));
  return { target, taken };
}

async function intoDirectory(data: string, directory: string) {
  const snapshots = join(directory, SNAPSHOTS);
  Deno.mkdirSync(snapshots, { recursive: true, mode: 0o700 });
  const target = join(snapshots, new Date().toISOString().replaceAll(":", ""));
  using scratch = new Scratch(join(directory, "snapshot"));
  const copy = scratch.file(PLACES.catalog);
  await withCatalog(data, (from) => from.backup(copy));
  const catalog = SqliteCatalog.open(copy, { durability: "relaxed" });
  let taken: Taken;
  try {
    taken = await writeSnapshot({ directory, scratch: scratch.path }, { data, catalog });
  } finally {
    await catalog.close();
  }
  Deno.renameSync(copy, join(scratch.file("snapshot"), PLACES.catalog));
  Deno.renameSync(scratch.file("snapshot"), target);
  syncDirectory(snapshots);
  return { target, taken };
}

function syncDirectory(path: string): void {
  using handle = Deno.openSync(path);
  handle.syncSync();
}

function outcome(target: string, { bytes, files, fileBytes, leftOut }: Taken, withFiles: boolean) {
  const lines = leftOut.map(({ name, reason }) => escapeControls(`left out: ${name}: ${reason}`));
  lines.push(`Wrote ${target}, ${formatSize(bytes)}`);
  if (withFiles) {
    lines.push(`Files: ${files}, ${formatSize(fileBytes)}; left out: ${leftOut.length}`);
  }
  return {
    text: lines.join("\n") + "\n",
    data: { filename: target, size: bytes, ...(withFiles ? { files, fileBytes, leftOut } : {}) },
    exitCode: leftOut.length > 0 ? EXIT.failed : EXIT.done,
  };
}

/** The commands that make backups. */
export const BACKUP_COMMANDS = [backup];
