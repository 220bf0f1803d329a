/** One upload on its way through `Committer`, and its intents. */
import { followed } from "../../common/reports.ts";
import { toNote } from "../../common/spelling.ts";
import {
  type CommitIntent,
  type FileRecord,
  replaces,
  type UploadRecord,
} from "../interfaces/disk_catalog.ts";
import type { FinalNames } from "./final_names.ts";
import type { Committed, Publication } from "../../contract/tree.ts";
import type { DiskPart } from "../parts/disk_part.ts";
import { nameOf, type VirtualPath } from "../../contract/path.ts";
import { uploadTag } from "../../contract/upload_tag.ts";
import { versionOf } from "../../contract/version_name.ts";

/** Pause before a retry for a name that is being renamed or removed. */
export const CLAIMED_PAUSE_MS = 5;

/** An upload that waits for its batch, or is in one. */
export interface Job {
  readonly part: DiskPart;
  readonly publication: JobRequest;
  readonly record: UploadRecord;
  /** The worker that does it. */
  readonly holder: string;
  /** The request that it is done for, where requests are followed. */
  readonly request: string | undefined;
  /** The number that its last byte took. */
  readonly arrival: number | undefined;
  /** A file that arrived later has its name: its content becomes a version. */
  late: boolean;
  readonly file: FileRecord;
  /** When a name that is claimed is waited for no longer, ms of `performance.now()`. */
  untilMs?: number;
  /** The plain name is known to be taken. */
  occupied: boolean;
  /** The plain name was free a moment ago: replaced content is not looked for at first. */
  free: boolean;
  /** Highest version whose name was found to exist, as a file of any kind. */
  refused: number;
  path: VirtualPath;
  /** Its progress: in a queue, in a batch, with its intent recorded, or at its end. */
  state: "waiting" | "begun" | "noted" | "ended";
  /** The intent to keep replaced content. */
  kept?: CommitIntent | undefined;
  readonly resolve: (committed: Committed) => void;
  readonly reject: (error: unknown) => void;
}

/** An upload of this engine that is to be published. */
export interface JobRequest extends Publication {
  readonly part: DiskPart;
}

/** A job that waits for its first batch. */
export function newJob(
  publication: JobRequest,
  file: FileRecord,
  holder: string,
  resolve: Job["resolve"],
  reject: Job["reject"],
): Job {
  const { part, occupied } = publication;
  return {
    part,
    publication,
    record: part.record,
    file,
    holder,
    request: followed(),
    arrival: publication.arrival,
    late: false,
    occupied: occupied ?? false,
    free: occupied === false,
    refused: 1,
    state: "waiting",
    path: part.record.path,
    resolve,
    reject,
  };
}

/** The record of the file that a part becomes. */
export function toFile(
  { part: { record }, size, key, storedMs: storedBefore }: JobRequest,
  { hash, mtimeMs, storedMs }: Pick<FileRecord, "hash" | "mtimeMs" | "storedMs">,
): FileRecord {
  // Without spreads, here and below: they are slow, and every small file passes here.
  const file: FileRecord = {
    hash,
    mtimeMs,
    size,
    storedMs: storedBefore ?? Math.max(storedMs, record.updatedMs), // the clock may have been set back
    damaged: false,
  };
  if (key !== undefined) file.tag = uploadTag(record, key);
  return file;
}

/** The name that a job is to get now. */
export function chooseName(job: Job, names: FinalNames): VirtualPath | Promise<VirtualPath> {
  if (!job.occupied || !canTakeAnotherName(job)) return job.record.path;
  return names.nextVersion(job.record, job.refused);
}

/** Whether a job takes another name if the requested one exists. */
export function canTakeAnotherName(job: Job): boolean {
  const { ifExists } = job.record;
  return ifExists === "version" || ifExists === "skip" || job.late;
}

/** Whether a job replaces the present file of its name. */
export function isReplacing(job: Job): boolean {
  return replaces(job.record.ifExists) && !job.late;
}

/** Whether there may be something that a job is to take the place of. */
export function mayReplace(job: Job): boolean {
  // Kept content has intents of its own, and is always looked for.
  return isReplacing(job) && !(job.free && job.record.ifExists === "overwrite");
}

/** The intent to publish. */
export function toIntent(job: Job): CommitIntent {
  const { record, part, arrival } = job;
  const intent: CommitIntent = {
    uploadId: record.id,
    owner: record.owner,
    path: job.path,
    replace: isReplacing(job),
    file: job.file,
    reservedBytes: part.recorded ? record.reservedBytes : 0,
    writer: part.recorded ? record.writer : null,
    holder: job.holder,
    account: record.account,
    requested: record.path,
    pinned: record.appendsTo !== null || job.publication.condition !== undefined,
  };
  if (arrival !== undefined) intent.arrival = arrival;
  if (record.mode !== undefined) intent.mode = record.mode;
  if (record.spelling !== undefined) {
    const spelling = toNote(record.spelling, job.path);
    if (spelling !== undefined) intent.spelling = spelling;
  }
  return intent;
}

/** Result of a finished job. */
export function toCommitted({ file, path }: Job): Committed {
  const { size, mtimeMs, hash, storedMs, damaged } = file;
  const version = versionOf(nameOf(path));
  return { size, mtimeMs, hash, storedMs, damaged, path, version };
}

/** Returns the job's intent, with the one to keep replaced content. */
export function toIntents(job: Job): CommitIntent[] {
  return job.kept === undefined ? [toIntent(job)] : [job.kept, toIntent(job)];
}
