/** `migrate [STORE] --to TARGET`: moves everything to another engine. */
import { counted, grouped } from "../../common/counted.ts";
import { printable } from "../../common/printable.ts";
import { programName } from "../../common/program_name.ts";
import { formatSize } from "../../common/size.ts";
import { StoreError } from "../../storage/contract/error.ts";
import {
  moveAll,
  type MoveProgress,
  type MoveReport,
  type SideCounts,
} from "../../storage/move/move.ts";
import type { DataPlace } from "../data/open_data.ts";
import * as kinds from "../options/kinds.ts";
import { EXIT, failure, usageError } from "../options/error.ts";
import { auditEvent } from "./audit.ts";
import { adminCommand, type AdminContext, type Outcome } from "./command.ts";
import {
  assertIdle,
  isCluster,
  markSource,
  markTarget,
  openCluster,
  openDirectory,
  type Side,
} from "./migrate/side.ts";
import { giveAll, nearestOwner } from "./host/ownership.ts";

/** Interval of progress lines. */
const PROGRESS_MS = 2000;

const migrate = adminCommand("migrate", {
  flags: { to: kinds.text("DIR|URL") },
  usesNetwork: true,
  audited: () => ({ action: "migrate" }),
  async run(context, [store], { to }) {
    if (to === undefined) throw usageError("--to is missing: a directory, or postgres://…");
    const source = { data: context.data, options: context.options };
    const target = targetPlace(context, to, store);
    const owner = nearestOwner(target.data);
    await using sides = new AsyncDisposableStack();
    const { from, into, tag } = await openSides(source, target, sides);
    await assertNoMounts(from);
    const report = await moveBetween(context, from, into, tag);
    const isComplete = report.differenceCount === 0;
    if (isComplete) await into.engine.catalog.marks.set("incoming", 0);
    await sides.disposeAsync();
    if (!into.isCluster) {
      giveAll(target.data, owner);
      auditEvent(target.data, { action: "migrate", result: isComplete ? "ok" : "failed" });
    }
    return outcome(report, from, into);
  },
});

/** Refuses a source with mounts: their directories are of this machine. @throws {ExitError} */
async function assertNoMounts({ engine, shown }: Side): Promise<void> {
  const [mount] = await engine.catalog.mounts?.all() ?? [];
  if (mount === undefined) return;
  throw usageError(
    `${shown} has the mount "${mount.name}", which cannot be moved: end its mounts with ` +
      `"${programName("admin")} mount remove", and mount the directories again afterwards`,
  );
}

/** The place that --to names. */
function targetPlace(context: AdminContext, to: string, store: string | undefined): DataPlace {
  if (/^postgres(ql)?:/.test(to)) {
    if (store === undefined) {
      throw usageError("A database needs a store: migrate s3://BUCKET/PREFIX --to postgres://…");
    }
    const args = ["--data", context.data, "--catalog", to, "--store", store];
    return { data: context.data, options: context.readOptions(args, []) };
  }
  if (store !== undefined) throw usageError("A store goes with a database: --to postgres://…");
  const data = context.resolve(to);
  // The environment leads to the source: only a config.json in the directory leads to a database.
  const foreign = ["TOWPATH_CATALOG", "TOWPATH_STORE", "TOWPATH_CONFIG"];
  return { data, options: context.readOptions(["--data", data], foreign) };
}

/** Opens both sides; directories first, as their locks show that no other run of the move is left. */
async function openSides(
  source: DataPlace,
  target: DataPlace,
  sides: AsyncDisposableStack,
): Promise<{ from: Side; into: Side; tag: string | undefined }> {
  let tag: string | undefined;
  const opened = new Map<DataPlace, Side>();
  const inOrder = [source, target].sort((a, b) => Number(isCluster(a)) - Number(isCluster(b)));
  for (const place of inOrder) {
    const side = sides.use(
      isCluster(place) ? await openCluster(place, tag ?? "none") : await openDirectory(place),
    );
    if (!side.isCluster) tag = String(side.identity);
    opened.set(place, side);
  }
  return { from: opened.get(source)!, into: opened.get(target)!, tag };
}

async function moveBetween(
  { report }: AdminContext,
  from: Side,
  into: Side,
  tag: string | undefined,
): Promise<MoveReport> {
  const waiting = (text: string) => report(text, { waiting: true });
  const unmarkTarget = await markTarget(from, into);
  const unmarkSource = await markSource(from);
  try {
    try {
      // After the marks: a server that starts sees these, or is seen here.
      await assertIdle(from, tag, waiting);
      await assertIdle(into, tag, waiting);
    } catch (error) {
      await unmarkTarget();
      throw error;
    }
    report(`Moving ${from.shown} to ${into.shown}`, { from: from.shown, to: into.shown });
    const progress: MoveProgress = { phase: "copying", account: "", files: 0, bytes: 0 };
    const timer = setInterval(() => report(progressLine(progress), { ...progress }), PROGRESS_MS);
    try {
      return await moveAll({ from: from.engine, to: into.engine }, progress);
    } catch (error) {
      throw stopped(error);
    } finally {
      clearInterval(timer);
    }
  } finally {
    await unmarkSource();
  }
}

function progressLine({ phase, account, files, bytes }: MoveProgress): string {
  const what = phase === "copying" ? "In the target" : "Compared";
  return `${what}: ${counted(files, "file")}, ${formatSize(bytes)}` +
    (account === "" ? "" : `; account ${account}`);
}

function stopped(error: unknown): unknown {
  if (!(error instanceof StoreError) || error.kind === "busy") return error;
  const why = error.reason(null);
  return failure(`The move stopped: ${why}. Run the same command again, and it continues`, error);
}

function outcome(report: MoveReport, from: Side, into: Side): Outcome {
  const { source, target, copied, leftOut, leftOutCount, lostCount, differences } = report;
  const { differenceCount } = report;
  const lines = leftOut.map(({ username, filename, reason }) =>
    printable(`left out: ${username} ${filename}: ${reason}`)
  );
  if (leftOutCount > leftOut.length) {
    lines.push(`left out: ${leftOutCount - leftOut.length} more, not named`);
  }
  for (const difference of differences) lines.push(printable(`different: ${difference}`));
  lines.push(
    `Copied now: ${counted(copied.files, "file")}, ${formatSize(copied.bytes)}; left out: ${
      grouped(leftOutCount)
    }, of which lost in the source: ${grouped(lostCount)}`,
    `Source ${from.shown}: ${countsLine(source)}`,
    `Target ${into.shown}: ${countsLine(target)}`,
  );
  if (differenceCount > 0) {
    lines.push(
      `Differences: ${
        grouped(differenceCount)
      }. Run the same command again, and check that nothing ` +
        "else changes the files",
    );
  } else {
    lines.push(
      "Both sides agree. Logs, certificates and config.json stay where they are; the source is " +
        `unchanged. Read the target once more with "${programName("admin")} verify"`,
    );
  }
  return {
    text: lines.join("\n") + "\n",
    data: { ...report, leftOut, differences, complete: differenceCount === 0 },
    exitCode: differenceCount > 0 ? EXIT.failed : lostCount > 0 ? EXIT.damage : EXIT.done,
  };
}

function countsLine(counts: SideCounts): string {
  const parts = Object.entries(counts)
    .filter(([name, count]) => count > 0 || name === "accounts" || name === "files")
    .map(([name, count]) => `${grouped(count)} ${name === "uploads" ? "unfinished " : ""}${name}`);
  return parts.join(", ");
}

/** The command that moves data to another engine. */
export const MIGRATE_COMMANDS = [migrate];
