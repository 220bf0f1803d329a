/**
 * Keeping what an upload replaces (`ifExists: "keep"`): its old content becomes the next version of
 * the name, in the same crash-safe order as the upload itself (docs/storage.md, "Finishing an
 * upload"). The version has an intent of its own, noted after the upload's and live with it.
 */
import type { CommitIntent, DiskCatalog, UploadRecord } from "../interfaces/disk_catalog.ts";
import { recordAt } from "./replaceable.ts";
import { isStoreError, StoreError } from "../../contract/error.ts";
import type { FinalNames } from "./final_names.ts";
import { nameOf, type VirtualPath } from "../../contract/path.ts";
import type { StepHook } from "../../contract/step.ts";
import { retryUntil } from "../../common/retry.ts";
import type { Store } from "../interfaces/store.ts";
import { parseVersionName } from "../../contract/version_name.ts";

/** Where intents and names are kept. */
export interface Keeping {
  readonly store: Store;
  readonly catalog: DiskCatalog;
  readonly names: FinalNames;
  /** The worker that does it. */
  readonly holder: string;
}

/**
 * Records the intent to keep the present file of a name. The upload's own intent must exist: no
 * other upload replaces the file meanwhile.
 *
 * @param hash of the new content: if it equals the old one, nothing has to be kept
 * @param refused highest version whose name was found to exist
 * @throws {StoreError} `quota` where old and new do not fit together
 */
export async function noteKept(
  { store, catalog, names, holder }: Keeping,
  record: UploadRecord,
  hash: string,
  refused = 1,
): Promise<CommitIntent | undefined> {
  const file = await recordAt(store, catalog, record.owner, record.path);
  if (file === undefined || file.hash === hash) return undefined;
  while (true) {
    const path = await names.nextVersion(record, refused);
    const { id: uploadId, owner } = record;
    const intent: CommitIntent = {
      uploadId,
      owner,
      path,
      replace: false,
      file,
      reservedBytes: 0,
      writer: null,
      holder,
    };
    // A claim that is ready waits for nothing, least of all for this upload.
    const answer = await retryUntil(async () => {
      const [answer] = await catalog.beginCommits([intent]);
      return answer === "claimed" ? undefined : answer;
    });
    if (answer === "ready") return intent;
    if (answer === undefined) throw isBeingChanged(record);
    if (answer === "over-quota") {
      const message =
        `"${record.shownPath}" and the file it replaces do not fit the account's quota`;
      throw new StoreError("quota", message);
    }
    refused = versionOf(path);
  }
}

/**
 * Gives kept content its name, or another one if that exists by now. @returns the present intent
 */
export async function giveKeptName(
  keeping: Keeping,
  record: UploadRecord,
  hash: string,
  noted: CommitIntent,
): Promise<CommitIntent | undefined> {
  const { store, catalog } = keeping;
  for (let intent: CommitIntent | undefined = noted; intent !== undefined;) {
    try {
      await store.keep(intent.owner, intent.uploadId, intent.path);
      return intent;
    } catch (error) {
      await catalog.cancelCommits([intent]);
      if (!isStoreError(error, "exists")) throw error;
      intent = await noteKept(keeping, record, hash, versionOf(intent.path));
    }
  }
  return undefined;
}

/**
 * Cancels the intents of one upload. That of kept content is cancelled first: the upload's own
 * intent names the file to be brought back.
 */
export async function takeBackIntents(
  store: Store,
  catalog: DiskCatalog,
  intents: readonly CommitIntent[],
  step?: StepHook,
): Promise<void> {
  const replaces = intents.some(({ replace }) => replace);
  const inOrder = intents.toSorted((a, b) => Number(a.replace) - Number(b.replace));
  for (const intent of inOrder) {
    const { owner, uploadId, path, replace } = intent;
    if (replaces && !replace) await store.unkeep(owner, uploadId, path);
    else await store.unpublish(owner, uploadId, path);
    await step?.("recovery: unpublished");
    await catalog.cancelCommits([intent]);
  }
}

/** The error of an upload whose name others hold for too long. */
export function isBeingChanged({ shownPath }: UploadRecord): StoreError {
  return new StoreError("io", `"${shownPath}" is being changed by others; try again`);
}

function versionOf(path: VirtualPath): number {
  return parseVersionName(nameOf(path)).version;
}
