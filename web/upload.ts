/**
 * Uploads of the page, loaded when the first one is wanted: the queue, the panel, what the browser
 * remembers, and what the server holds unfinished.
 */
import { counted } from "../common/counted.ts";
import { basePath, hrefOut } from "./common/base_path.ts";
import { h, meta, ownHeaders } from "./common/dom.ts";
import { renewToken } from "./session.ts";
import { toast } from "./toasts.ts";
import { claim, claimedElsewhere, release } from "./upload/claims.ts";
import { Dock } from "./upload/dock.ts";
import { makeFolders } from "./upload/folders.ts";
import { hashPool, type HashWorker } from "./upload/hash_pool.ts";
import type { Job } from "./upload/job.ts";
import { openMemory } from "./upload/memory.ts";
import { UploadQueue } from "./upload/queue.ts";
import { listResumable } from "./upload/resumable.ts";
import type { Chosen, Source } from "./upload/sources.ts";
import type { Resumed } from "./upload/transfer.ts";
import { type IfExists, type NewUpload, Tus } from "./upload/tus.ts";
import { idOf, listUnfinished, type Unfinished } from "./upload/unfinished.ts";
import { sendByXhr } from "./upload/xhr.ts";
import { startWorker } from "./worker.ts";

const ENDPOINT = hrefOut("/tus/");
/** Shortest time between two refreshes of the list while files arrive, in ms. */
const SHOW_MS = 1000;
/** Interval at which uploads of other devices are requested, in ms. */
const WATCH_MS = 5000;

const memory = openMemory(basePath(), meta("account") ?? "");
const queue = new UploadQueue({
  tus: new Tus(sendByXhr, ENDPOINT, ownHeaders),
  hash: hashPool(() => startWorker("hash_worker.js") as HashWorker),
}, { changed: () => dock.changed(), ended, addressed });
const dock = new Dock(queue, resume);

/** Where the file of each came from. */
const sources = new WeakMap<Job, Source>();
/** Uploads that the server holds and nothing here sends, by path. */
let unfinished: Unfinished[] = [];
let showNew: (() => void) | undefined;
/** Set while files have arrived that the page does not show yet. */
let showing: number | undefined;
/** Set while unfinished uploads are listed that another device is sending. */
let watching: number | undefined;

document.head.append(
  h("link", { rel: "stylesheet", href: new URL("./upload.css", import.meta.url).href }),
);
addEventListener("beforeunload", (event) => {
  if (isHeld()) event.preventDefault();
});

/** Whether anything is being sent or waits to be. */
function isBusy(): boolean {
  return queue.jobs.some((job) => job.pending);
}

/** Whether closing the page would lose files that are still to be sent: including paused ones. */
export function isHeld(): boolean {
  return queue.jobs.some((job) => job.pending || job.state === "paused");
}

/**
 * Uploads the chosen files.
 *
 * @param directory virtual path of the target
 * @param arrived called when files have arrived, at most once a second
 */
export async function upload(
  chosen: Chosen,
  directory: string,
  ifExists: IfExists,
  arrived: () => void,
): Promise<void> {
  showNew = arrived;
  const { files, emptyFolders } = chosen;
  if (files.length > 0) dock.open();
  dock.say(
    files.length === 1
      ? `Uploading ${files[0]!.path}`
      : `Uploading ${counted(files.length, "file")}`,
  );
  unfinished = await listUnfinished().catch(() => unfinished);
  const taken = new Set([...sentIds(), ...await claimedElsewhere()]);
  for (const source of files) {
    begin(source, `${directory.replace(/\/$/, "")}/${source.path}`, ifExists, taken);
  }
  await showUnfinished();
  const failed = await makeFolders(directory, emptyFolders);
  if (failed > 0) {
    dock.say(failed === 1 ? "A folder was not made" : `${failed} folders were not made`);
  }
  if (emptyFolders.length > 0) showArrived();
}

/** Shows what the server holds unfinished. */
export async function offerUnfinished(left: Unfinished[], arrived: () => void): Promise<void> {
  showNew ??= arrived;
  unfinished = left;
  await showUnfinished();
  dock.show();
  // Uploads that have expired or were finished elsewhere.
  const known = new Set(left.map(({ id }) => id));
  for (const { id } of await memory.all()) if (!known.has(id)) await memory.forget(id);
}

/** Begins an upload, or continues an unfinished one that is none of those `taken`. */
function begin(source: Source, path: string, ifExists: IfExists, taken: Set<string>): void {
  const { file } = source;
  const known = unfinished.find((one) =>
    one.path === path && one.size === file.size && !taken.has(one.id)
  );
  add(
    source,
    { path, sizeBytes: file.size, ifExists, modifiedMs: file.lastModified },
    known && { url: ENDPOINT + known.id, ifOther: "restart" },
  );
}

/** Unfinished uploads that a job of this page has. */
function sentIds(): Set<string> {
  return new Set(queue.jobs.flatMap(({ url }) => url === undefined ? [] : [idOf(url)]));
}

function add(source: Source, upload: NewUpload, resumed?: Resumed): void {
  const job = queue.add(source.file, upload, resumed);
  sources.set(job, source);
  if (resumed) {
    claim(idOf(resumed.url));
    claims.set(job, idOf(resumed.url));
  }
}

/** Resumes uploads; those whose session had ended continue in the present one of the account. */
async function resume(jobs: readonly Job[]): Promise<void> {
  const signedOut = jobs.some(({ failure }) => failure?.kind === "signed-out");
  // If the server does not answer, the first request reports it.
  const session = signedOut ? await renewToken().catch(() => undefined) : undefined;
  if (session?.state === "other") {
    return toast(`${session.account} is signed in now: sign in with the account of this page`);
  }
  for (const job of jobs) queue.resume(job);
}

async function showUnfinished(): Promise<void> {
  const sending = sentIds();
  const rest = unfinished.filter(({ id }) => !sending.has(id));
  const claimed = await claimedElsewhere();
  const nodes = await listResumable(rest, memory, claimed, {
    resume(one, file, handle) {
      const upload = {
        path: one.path,
        sizeBytes: file.size,
        ifExists: "version" as const,
        modifiedMs: file.lastModified,
      };
      const source = { file, path: one.path, ...(handle && { handle }) };
      add(source, upload, { url: ENDPOINT + one.id, ifOther: "fail" });
      dock.open();
      showUnfinished();
    },
    async discard(one) {
      await new Tus(sendByXhr, ENDPOINT, ownHeaders)
        .terminate(ENDPOINT + one.id, AbortSignal.timeout(30_000));
      unfinished = unfinished.filter(({ id }) => id !== one.id);
      await memory.forget(one.id);
      await showUnfinished();
    },
  });
  dock.offer(nodes);
  clearTimeout(watching);
  if (!rest.some(({ id, active }) => active || claimed.has(id))) return;
  watching = setTimeout(watchUnfinished, WATCH_MS);
}

async function watchUnfinished(): Promise<void> {
  if (!document.hidden) unfinished = await listUnfinished(true).catch(() => unfinished);
  await showUnfinished();
}

/** Schedules an update of the page's list; several calls share one. */
function showArrived(): void {
  showing ??= setTimeout(() => {
    showing = undefined;
    showNew?.();
  }, SHOW_MS);
}

/** The unfinished upload that each has claimed. */
const claims = new WeakMap<Job, string>();

function addressed(job: Job): void {
  const before = claims.get(job);
  if (before !== undefined && (job.url === undefined || idOf(job.url) !== before)) {
    release(before);
    claims.delete(job);
  }
  const source = sources.get(job);
  if (job.url === undefined || source === undefined) return;
  const { file, handle } = source;
  const id = idOf(job.url);
  claim(id);
  claims.set(job, id);
  memory.keep({
    id,
    name: file.name,
    sizeBytes: file.size,
    modifiedMs: file.lastModified,
    ...(handle && { handle }),
  });
}

function ended(job: Job): void {
  if (job.url !== undefined && (job.state === "done" || job.state === "cancelled")) {
    memory.forget(idOf(job.url));
  }
  const claimed = claims.get(job);
  if (claimed !== undefined && (job.state === "done" || job.state === "cancelled")) {
    release(claimed);
  }
  if (job.state === "done") showArrived();
  if (job.state === "failed") dock.say(`${job.name} failed: ${job.failure?.message}`);
  else if (job.state === "paused" && job.failure) dock.say(job.failure.message);
  if (isBusy()) return;
  const { done, jobs } = queue.totals();
  if (done === jobs && jobs > 0) {
    dock.say(jobs === 1 ? `${job.name} is uploaded` : `All ${jobs} files are uploaded`);
  }
  dock.update();
}
