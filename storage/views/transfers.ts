import type { Condition } from "../contract/condition.ts";
import type { Principal } from "../contract/principal.ts";
import type { VirtualPath } from "../contract/path.ts";
import type { Download } from "../transfer/download.ts";
import { type Pending, pendingFor, pendingIn } from "../transfer/pending.ts";
import * as restart from "../transfer/restart.ts";
import type { Told } from "../transfer/restart.ts";
import * as resumes from "../transfer/resumes.ts";
import { openAppend } from "../transfer/append.ts";
import * as transfers from "../transfer/transfers.ts";
import type { UploadRequest } from "../transfer/transfers.ts";
import type { Upload } from "../transfer/upload.ts";
import { act, type Session } from "./act.ts";

/** Uploads and downloads of a session; each is written to the audit log. */
export class Transfers {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  upload(request: UploadRequest): Promise<transfers.UploadOpening> {
    return act(
      this.#session,
      "upload",
      [request.path],
      () => transfers.openUpload(this.#session.core, this.#session.access, request),
    );
  }

  append(request: UploadRequest): Promise<{ upload: Upload }> {
    return act(
      this.#session,
      "append",
      [request.path],
      () => openAppend(this.#session.core, this.#session.access, request),
    );
  }

  resume(
    which: { id: string } | { path: string; sizeBytes: number | undefined },
    condition?: Condition,
  ): Promise<{ upload: Upload; prefixHash: string }> {
    return act(
      this.#session,
      "resume",
      "path" in which ? [which.path] : [],
      () => resumes.resumeUpload(this.#session.core, this.#session.access, which, condition),
    );
  }

  /** Begins an upload behind the first `offset` bytes of what is there; see `restart.ts`. */
  restart(request: UploadRequest, offset: number, told?: Told): Promise<{ upload: Upload }> {
    return act(
      this.#session,
      "resume",
      [request.path],
      () => restart.openAt(this.#session.core, this.#session.access, request, offset, told),
    );
  }

  appendOrResume(request: UploadRequest, told?: Told): Promise<{ upload: Upload }> {
    return act(
      this.#session,
      "append",
      [request.path],
      () => restart.openAppendOrResume(this.#session.core, this.#session.access, request, told),
    );
  }

  /** The unfinished uploads that stand for names in a directory; see `pending.ts`. */
  pendingIn(directory: VirtualPath): Promise<Map<string, Pending>> {
    return act(
      this.#session,
      "list",
      [directory],
      () => pendingIn(this.#session.core, this.#session.access, directory),
    );
  }

  pendingFor(path: VirtualPath): Promise<Pending | undefined> {
    return act(
      this.#session,
      "stat",
      [path],
      () => pendingFor(this.#session.core, this.#session.access, path),
    );
  }

  sizeOrOffset(path: string): Promise<Told> {
    return act(
      this.#session,
      "stat",
      [path],
      () => restart.sizeOrOffset(this.#session.core, this.#session.access, path),
    );
  }

  unfinished(): Promise<AsyncIterable<resumes.UnfinishedUpload>> {
    return act(
      this.#session,
      "list",
      [],
      () => resumes.listUnfinished(this.#session.core, this.#session.access),
    );
  }

  /** @param after this door's writer in another worker, which it ends, has noted all it received */
  findUnfinished(id: string, after?: Principal["door"]): ReturnType<typeof resumes.findUnfinished> {
    const { core, access } = this.#session;
    return resumes.findUnfinished(core, access, id, after && { after });
  }

  /** Drops what was cut of earlier uploads of the file that an upload became; see `resumes.ts`. */
  discardEarlier(done: Upload): Promise<void> {
    return resumes.discardEarlier(this.#session.core, done, (id) => this.discard(id));
  }

  discard(uploadId: string): Promise<void> {
    const drop = () =>
      resumes.discardUnfinished(this.#session.core, this.#session.access, uploadId);
    return act(this.#session, "drop-upload", [], drop, uploadId.slice(0, 64));
  }

  download(path: string, request?: transfers.DownloadRequest): Promise<Download> {
    return act(
      this.#session,
      "download",
      [path],
      () => transfers.openDownload(this.#session.core, this.#session.access, path, request),
    );
  }
}
