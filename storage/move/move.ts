/**
 * Moves everything from one engine to another one, of any kind. It may end at any point and be
 * repeated: what the target has already is compared by its record and left alone.
 */
import { compare } from "./compare.ts";
import { type Both, copyAccounts, copyBooks, copyGroups, copyQuotas } from "./copy_records.ts";
import { copyTree } from "./copy_tree.ts";
import { copyUploads } from "./copy_uploads.ts";
import { Lanes } from "./lanes.ts";
import { LeftOuts, type MoveProgress, type MoveReport } from "./report.ts";

export type { LeftOut, MoveProgress, MoveReport, SideCounts } from "./report.ts";

/** Files that are copied at the same time. */
const FILES_AT_ONCE = 32;

/**
 * Makes the target the same as the source: accounts, trees, books, unfinished uploads. No other
 * process uses them.
 *
 * @param progress changed on the way
 * @throws {StoreError} of the target, or of a source that does not answer: it may be repeated
 */
export async function moveAll(both: Both, progress: MoveProgress): Promise<MoveReport> {
  const { from, to } = both;
  await from.recover();
  await to.recover();
  // Leftovers of an earlier run: uploads are copied again by each one.
  await to.expire(Number.MAX_SAFE_INTEGER);
  const leftOut = new LeftOuts();
  const copied = { files: 0, bytes: 0 };
  const accounts = await copyAccounts(both);
  const lanes = new Lanes(FILES_AT_ONCE);
  for (const { name: owner } of accounts) {
    progress.account = owner;
    await copyTree({ from, to, owner, lanes, leftOut, progress, copied });
  }
  await copyGroups(both);
  await copyBooks(both, accounts);
  // Before the quotas: what is there already may be above them.
  await copyUploads(both, accounts, leftOut);
  await copyQuotas(both, accounts);
  await listAside(both, leftOut);
  Object.assign(progress, { phase: "comparing", account: "", files: 0, bytes: 0 });
  const compared = await compare(both, leftOut, progress);
  return {
    ...compared,
    copied,
    leftOut: leftOut.named,
    leftOutCount: leftOut.count,
    lostCount: leftOut.lost,
  };
}

/** Names content that was set aside, which is not moved. */
async function listAside({ from }: Both, leftOut: LeftOuts): Promise<void> {
  for await (const { id, owner, bytes } of from.setAside()) {
    leftOut.add({
      ...{ kind: "aside", username: owner, filename: id, size: bytes, isLost: false },
      reason: "content that was set aside at a start of the server",
    });
  }
}
