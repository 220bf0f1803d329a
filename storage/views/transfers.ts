import { isFollowing } from "../common/reports.ts";
import type { Condition } from "../contract/condition.ts";
import type { Principal } from "../contract/principal.ts";
import type { VirtualPath } from "../contract/path.ts";
import { type Continuation, continueUpload } from "../transfer/continue.ts";
import type { Download } from "../transfer/download.ts";
import { type Pending, pendingFor, pendingIn } from "../transfer/pending.ts";
import * as restart from "../transfer/restart.ts";
import type { ReportedSize } from "../transfer/restart.ts";
import * as resumes from "../transfer/resumes.ts";
import { openAppend } from "../transfer/append.ts";
import * as transfers from "../transfer/transfers.ts";
import type { UploadRequest } from "../transfer/transfers.ts";
import type { Upload } from "../transfer/upload.ts";
import { Actions } from "./actions.ts";

/** Uploads and downloads of a session; each is written to the audit log. */
export class Transfers extends Actions {
  /** Begins an upload, or stores a file whose content is known. @throws {StoreError} */
  upload(request: UploadRequest): Promise<transfers.UploadOpening> {
    return this.act(
      "upload",
      [request.path],
      () => transfers.openUpload(this.core, this.access, request),
    );
  }

  /**
   * As {@linkcode upload}, without a promise where nothing has to be waited for, as for most small
   * files. What it refuses is rejected, not thrown.
   */
  uploadAtOnce(request: UploadRequest): transfers.UploadOpening | Promise<transfers.UploadOpening> {
    const begun = isFollowing() ? undefined : transfers.openAtOnce(this.core, this.access, request);
    if (begun === undefined) return this.upload(request);
    if (!(begun instanceof Promise)) return { upload: begun };
    return this.act("upload", [request.path], () => begun.then((upload) => ({ upload })));
  }

  /** Begins an upload behind the content of a file. @throws {StoreError} */
  append(request: UploadRequest): Promise<{ upload: Upload }> {
    return this.act("append", [request.path], () => openAppend(this.core, this.access, request));
  }

  /** Continues an unfinished upload, by its id or its name. @throws {StoreError} */
  resume(
    which: { id: string } | { path: string; sizeBytes: number | undefined },
    condition?: Condition,
  ): Promise<{ upload: Upload; prefixHash: string }> {
    return this.act(
      "resume",
      "path" in which ? [which.path] : [],
      () => resumes.resumeUpload(this.core, this.access, which, condition),
    );
  }

  /** Continues an upload by its name, which needs a proof; see `continue.ts`. */
  continue(request: Continuation, condition?: Condition): Promise<Upload> {
    return this.act(
      "resume",
      [request.path],
      () => continueUpload(this.core, this.access, request, condition),
    );
  }

  /** Begins an upload behind the first `offset` bytes of what is there; see `restart.ts`. */
  restart(
    request: UploadRequest,
    offset: number,
    reported?: ReportedSize,
  ): Promise<{ upload: Upload }> {
    return this.act(
      "resume",
      [request.path],
      () => restart.openAt(this.core, this.access, request, offset, reported),
    );
  }

  /** Continues the unfinished upload of a name, or appends to its file; see `restart.ts`. */
  appendOrResume(request: UploadRequest, reported?: ReportedSize): Promise<{ upload: Upload }> {
    return this.act(
      "append",
      [request.path],
      () => restart.openAppendOrResume(this.core, this.access, request, reported),
    );
  }

  /** Lists the unfinished uploads of names in a directory; see `pending.ts`. */
  pendingIn(directory: VirtualPath): Promise<Map<string, Pending>> {
    return this.act("list", [directory], () => pendingIn(this.core, this.access, directory));
  }

  /** Finds the unfinished upload of a name; undefined: none. */
  pendingFor(path: VirtualPath): Promise<Pending | undefined> {
    return this.act("stat", [path], () => pendingFor(this.core, this.access, path));
  }

  /** The size of a file, or how much there is of its unfinished upload; see `restart.ts`. */
  sizeOrOffset(path: string): Promise<ReportedSize> {
    return this.act("stat", [path], () => restart.sizeOrOffset(this.core, this.access, path));
  }

  /** The unfinished uploads of the session, with its shares. */
  unfinished(): Promise<AsyncIterable<resumes.UnfinishedUpload>> {
    return this.act("list", [], () => resumes.listUnfinished(this.core, this.access));
  }

  /** @param after this door's writer in another worker, which it ends, has noted all it received */
  findUnfinished(id: string, after?: Principal["door"]): ReturnType<typeof resumes.findUnfinished> {
    return resumes.findUnfinished(this.core, this.access, id, after && { after });
  }

  /** Drops what was cut of earlier uploads of the file that an upload became; see `resumes.ts`. */
  discardEarlier(done: Upload): Promise<void> {
    return resumes.discardEarlier(this.core, done, (id) => this.discard(id));
  }

  /** Discards an unfinished upload. @throws {StoreError} */
  discard(uploadId: string): Promise<void> {
    const drop = () => resumes.discardUnfinished(this.core, this.access, uploadId);
    return this.act("drop-upload", [], drop, uploadId.slice(0, 64));
  }

  /** Opens a file for reading. @throws {StoreError} */
  download(path: string, request?: transfers.DownloadRequest): Promise<Download> {
    return this.act(
      "download",
      [path],
      () => transfers.openDownload(this.core, this.access, path, request),
    );
  }
}
