/** `backup TARGET`: a tar, or a directory of snapshots. */
import { basename, dirname, join, relative } from "@std/path";
import { reasonOf } from "../../common/os_reason.ts";
import { counted } from "../../common/counted.ts";
import { formatSize } from "../../common/size.ts";
import { openCatalogFile } from "../../storage/open_engine.ts";
import { isDirectory, PLACES } from "../data/data_directory.ts";
import { explained } from "../data/open_place.ts";
import { printable } from "../../common/printable.ts";
import * as kinds from "../options/kinds.ts";
import { EXIT, ExitError, failure, usageError } from "../options/error.ts";
import { Draft } from "./backup/draft.ts";
import { tryLockFile } from "./backup/lock.ts";
import { keepLatest } from "./backup/prune.ts";
import {
  nextSnapshotName,
  snapshotNames,
  snapshotsOf,
  SnapshotTarget,
} from "./backup/snapshot_target.ts";
import { take, type Taken } from "./backup/take.ts";
import { TarTarget } from "./backup/tar_target.ts";
import { adminCommand } from "./command.ts";

const backup = adminCommand("backup", {
  flags: {
    files: kinds.toggle,
    incremental: kinds.toggle,
    check: kinds.toggle,
    keep: kinds.integer("N", 1, 1_000_000),
  },
  oneMachine: true,
  audited: () => ({ action: "backup" }),
  async run({ data, resolve }, [operand = ""], flags) {
    const { files = false, incremental = false, check = false, keep } = flags;
    if (incremental && !files) throw usageError("--incremental needs --files");
    if (check && !incremental) throw usageError("--check needs --incremental");
    if (keep !== undefined && !incremental) throw usageError("--keep needs --incremental");
    const target = resolve(operand);
    try {
      assertTarget(target, data, incremental);
      const written = incremental
        ? await intoDirectory(data, target, { check, keep })
        : await intoTar(data, target, files);
      return outcome({ ...written, mounts: await mountsIn(data) }, files);
    } catch (error) {
      if (error instanceof ExitError) throw error;
      throw failure(`The backup to ${operand} failed: ${reasonOf(error)}`, error);
    }
  },
});

/** Result of a written backup, and its path. */
interface Written {
  target: string;
  taken: Taken;
  /** Snapshots that were removed. */
  removed: number;
}

/** Refuses targets that would overwrite the data, or become a part of it. @throws {ExitError} */
function assertTarget(target: string, data: string, incremental: boolean): void {
  const [first = ""] = relative(Deno.realPathSync(data), realPlace(target)).split("/");
  const isOwn = first === "" || [...Object.values(PLACES), "reserve", "removed"].includes(first) ||
    first.startsWith(`${PLACES.catalog}-`);
  if (isOwn) throw failure(`${target} is of the data directory itself: choose another place`);
  if (isDirectory(target) && !incremental) {
    throw failure(
      `${target} is a directory, and the backup one file: choose another name, or add --incremental`,
    );
  }
}

/** A path that need not be there, links on the way to it resolved. */
function realPlace(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound) || path === dirname(path)) throw error;
    return join(realPlace(dirname(path)), basename(path));
  }
}

async function intoTar(data: string, target: string, files: boolean): Promise<Written> {
  using draft = new Draft(target);
  const catalog = draft.file(PLACES.catalog);
  await copyCatalog(data, catalog);
  const tar = new TarTarget(draft.file("tar"));
  await tar.addOwn(PLACES.catalog, catalog);
  const taken = await take({ data, files }, tar);
  Deno.renameSync(draft.file("tar"), target);
  syncDirectory(dirname(target));
  return { target, taken, removed: 0 };
}

async function intoDirectory(
  data: string,
  directory: string,
  { check, keep }: { check: boolean; keep: number | undefined },
): Promise<Written> {
  const snapshots = snapshotsOf(directory);
  Deno.mkdirSync(snapshots, { recursive: true, mode: 0o700 });
  using _lock = lockDirectory(directory);
  using draft = new Draft(join(directory, "snapshot"));
  const snapshot = draft.file("snapshot");
  Deno.mkdirSync(snapshot, { mode: 0o700 });
  const copy = join(snapshot, PLACES.catalog);
  await copyCatalog(data, copy);
  const catalog = await openCatalogFile(copy);
  let taken: Taken;
  try {
    const to = { directory, snapshot, draft: draft.file("object"), catalog, check };
    taken = await take({ data, files: true }, new SnapshotTarget(to));
  } finally {
    await catalog.close();
  }
  const target = join(snapshots, nextSnapshotName(snapshotNames(directory), Date.now()));
  Deno.renameSync(snapshot, target);
  syncDirectory(snapshots);
  return { target, taken, removed: keep === undefined ? 0 : keepLatest(directory, keep) };
}

/** Number of mounts, whose files are in no backup. */
async function mountsIn(data: string): Promise<number> {
  const catalog = await explained(data, () => openCatalogFile(join(data, PLACES.catalog)));
  try {
    return (await catalog.mounts.all()).length;
  } finally {
    await catalog.close();
  }
}

/** Writes a copy of the catalog to a new file. */
async function copyCatalog(data: string, file: string): Promise<void> {
  const catalog = await explained(data, () => openCatalogFile(join(data, PLACES.catalog)));
  try {
    await catalog.backup(file);
  } finally {
    await catalog.close();
  }
}

/** Two runs would remove content from under each other. @throws {ExitError} where another one runs */
function lockDirectory(directory: string): Disposable {
  const lock = tryLockFile(join(directory, "lock"));
  if (lock !== undefined) return lock;
  throw new ExitError(EXIT.conflict, `Another backup to ${directory} is running: wait for its end`);
}

function syncDirectory(path: string): void {
  using handle = Deno.openSync(path);
  handle.syncSync();
}

function outcome(written: Written & { mounts: number }, withFiles: boolean) {
  const { target, taken, removed } = written;
  const { bytes, files, fileBytes, leftOut } = taken;
  const { mounts } = written;
  const lines = leftOut.map(({ name, reason }) => printable(`left out: ${name}: ${reason}`));
  lines.push(`Wrote ${target}, ${formatSize(bytes)}`);
  if (withFiles) {
    lines.push(`Files: ${files}, ${formatSize(fileBytes)}; left out: ${leftOut.length}`);
  }
  if (mounts > 0) {
    lines.push(`Not in it: the files of ${counted(mounts, "mount")}; back up their directories`);
  }
  if (removed > 0) lines.push(`Removed ${removed} older snapshots`);
  return {
    text: lines.join("\n") + "\n",
    data: {
      filename: target,
      size: bytes,
      mounts,
      ...(withFiles ? { files, fileBytes, leftOut, removed } : {}),
    },
    exitCode: leftOut.length > 0 ? EXIT.failed : EXIT.done,
  };
}

/** The commands that make backups. */
export const BACKUP_COMMANDS = [backup];
