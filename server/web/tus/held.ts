import { OWN } from "../../../buffers/pool.ts";
import type { Upload } from "../../../storage/transfer/upload.ts";
import { StoreError } from "../../../storage/contract/error.ts";
import type { WebSession } from "../request/web_session.ts";

/** How long an upload stays open after a request, in case that another one continues it. */
const HOLD_MS = 30_000;
/** Maximum of uploads held open without a writer: each has a file open. */
const MAX_HELD = 256;

/** Identifies one request that writes to an upload. */
export type Writer = symbol;

interface Held {
  readonly upload: Upload;
  readonly sessionId: string;
  /** The request that writes now. */
  writer: Writer | undefined;
  /** The piece that is being written. */
  writing: Promise<void> | undefined;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/**
 * Uploads that stay open between the requests for their pieces. So a prefix is hashed again only if
 * another door, session or worker continues it; and the next request takes over at once from one
 * that hangs.
 */
export class HeldUploads {
  readonly #held = new Map<string, Held>();

  /** The upload, where it is held open. */
  find(id: string): Upload | undefined {
    const held = this.#held.get(id);
    return held?.upload.open ? held.upload : undefined;
  }

  /** Holds an upload for the session that opened it, and returns its first writer. */
  hold(upload: Upload, session: WebSession): Writer {
    const writer = Symbol("writer");
    const held: Held = {
      upload,
      sessionId: session.id,
      writer,
      writing: undefined,
      timer: undefined,
    };
    this.#held.set(upload.id, held);
    upload.onTaken = () => this.#forget(held);
    return writer;
  }

  /**
   * Becomes the writer of an upload that the same session holds. Once this resolves, the previous
   * writer writes nothing more.
   *
   * @param offset expected offset: a request with a wrong one must not end a right one
   * @returns undefined where it is not held
   * @throws {StoreError} `offset`; `aborted` where another request has become the writer since
   */
  async take(
    id: string,
    session: WebSession,
    offset?: number,
  ): Promise<{ upload: Upload; writer: Writer } | undefined> {
    const held = this.#held.get(id);
    if (held === undefined || held.sessionId !== session.id || !held.upload.open) return undefined;
    if (offset !== undefined && (held.writing !== undefined || held.upload.offset !== offset)) {
      throw wrongOffset(held.upload.offset);
    }
    const writer = Symbol("writer");
    held.writer = writer;
    clearTimeout(held.timer);
    await held.writing?.catch(() => {});
    if (!held.upload.open) return undefined;
    this.assertWriter(id, writer); // a later request is the writer now
    return { upload: held.upload, writer };
  }

  /** Whether no other request has become the writer since. */
  isWriter(id: string, writer: Writer): boolean {
    return this.#held.get(id)?.writer === writer;
  }

  /** Throws where another request has become the writer. */
  assertWriter(id: string, writer: Writer): void {
    if (this.isWriter(id, writer)) return;
    throw new StoreError("aborted", "The upload was taken over by another request", {
      uploadId: id,
    });
  }

  /** Writes a piece of a body, which is a buffer of its own, for a writer. */
  async write(id: string, writer: Writer, bytes: Uint8Array): Promise<void> {
    this.assertWriter(id, writer);
    const held = this.#held.get(id)!;
    const writing = held.upload.write(bytes, 0, OWN);
    held.writing = writing;
    try {
      await writing;
    } finally {
      if (held.writing === writing) held.writing = undefined;
    }
  }

  /** The writer is done: the upload waits for the next one, and is suspended in time. */
  release(id: string, writer: Writer): void {
    const held = this.#held.get(id);
    if (held?.writer !== writer) return;
    held.writer = undefined;
    if (!held.upload.open) return this.#forget(held);
    this.#wait(held);
    this.#makeRoom();
  }

  /** Keeps all that is held, for a resume. */
  async close(): Promise<void> {
    const all = [...this.#held.values()];
    for (const held of all) this.#forget(held);
    await Promise.allSettled(all.map(({ upload }) => upload.suspend()));
  }

  #wait(held: Held): void {
    held.timer = setTimeout(() => this.#suspend(held), HOLD_MS);
  }

  #suspend(held: Held): void {
    this.#forget(held);
    held.upload.suspend().catch(() => {}); // the next request for it gets the error
  }

  #makeRoom(): void {
    if (this.#held.size <= MAX_HELD) return;
    for (const held of this.#held.values()) {
      if (held.writer === undefined) return this.#suspend(held); // the first has waited longest
    }
  }

  #forget(held: Held): void {
    clearTimeout(held.timer);
    if (this.#held.get(held.upload.id) === held) this.#held.delete(held.upload.id);
  }
}

/** Error for an upload that is continued elsewhere than at its end. */
export function wrongOffset(offset: number): StoreError {
  return new StoreError("offset", `The upload has ${offset} bytes: continue there`, { offset });
}
