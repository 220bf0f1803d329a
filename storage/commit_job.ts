/** One upload on its way through `Committer`, and the intents that stand for it. */
import { type CommitIntent, type FileRecord, replaces, type UploadRecord } from "./catalog.ts";
import type { FinalNames } from "./final_names.ts";
import type { Part } from "./part.ts";
import type { VirtualPath } from "./path.ts";

/** A finished file as the catalog knows it. */
export interface Committed extends FileRecord {
  /** Final path in the owner's tree. */
  path: VirtualPath;
  /** N of the final name, 1 for a plain one. */
  version: number;
}

/** See the head of the module. */
export interface Job {
  readonly part: Part;
  readonly record: UploadRecord;
  readonly file: FileRecord;
  readonly reservedBytes: number;
  /** The plain name is known to be taken. */
  occupied: boolean;
  /** The plain name was free a moment ago: what would be replaced is not looked for at first. */
  free: boolean;
  /** Highest version whose name was found taken, by whatever stands there. */
  refused: number;
  path: VirtualPath;
  /** The intent to keep what is replaced. */
  kept?: CommitIntent | undefined;
  readonly resolve: (committed: Committed) => void;
  readonly reject: (error: unknown) => void;
}

/** The name that a job is to get now. */
export function chooseName(job: Job, names: FinalNames): VirtualPath | Promise<VirtualPath> {
  if (!job.occupied || !canTakeAnotherName(job)) return job.record.path;
  return names.nextVersion(job.record, job.refused);
}

/** Whether a job takes another name where the one it asked for is taken. */
export function canTakeAnotherName(job: Job): boolean {
  return job.record.ifExists === "version" || job.record.ifExists === "skip";
}

/** Whether there may be something that a job is to take the place of. */
export function mayReplace({ free, record: { ifExists } }: Job): boolean {
  // What is kept has intents of its own, and is looked for in any case.
  return replaces(ifExists) && !(free && ifExists === "overwrite");
}

/** The intent to publish. */
export function toIntent(job: Job): CommitIntent {
  return {
    uploadId: job.record.id,
    owner: job.record.owner,
    path: job.path,
    replace: replaces(job.record.ifExists),
    file: job.file,
    reservedBytes: job.reservedBytes,
    ...(job.record.mode !== undefined && { mode: job.record.mode }),
  };
}

/** With the intent to keep what is replaced. */
export function toIntents(job: Job): CommitIntent[] {
  return job.kept === undefined ? [toIntent(job)] : [job.kept, toIntent(job)];
}
