import { clock } from "../../../storage/contract/clock.ts";
import { getLogger } from "@logtape/logtape";
import type { UploadNote, UploadResult } from "../../../storage/contract/books/upload_note_book.ts";
import type { Vault } from "../../../storage/vault.ts";

/** Finished uploads that are remembered for each account. */
const MAX_REMEMBERED = 1000;
/** Number of finished uploads after which old notes of their account are removed. */
const TRIM_EVERY = 100;

const log = getLogger(["towpath", "web"]);

/** A file that an upload of an account became. */
export interface FinishedUpload extends UploadResult {
  readonly account: string;
  /** `Upload-Metadata` as the client sent it. */
  readonly metadata: string;
}

/**
 * Metadata that clients sent with their uploads, and the outcome of those that ended a moment ago:
 * the reply may have been lost, and the client asks again, in any worker.
 */
export class TusNotes {
  #finished = 0;

  constructor(private readonly vault: Vault) {}

  get #book() {
    return this.vault.uploadNotes;
  }

  /** Keeps the metadata of an upload that was created. */
  async begin(id: string, account: string, metadata: string): Promise<void> {
    if (metadata === "") return;
    await this.#put({ id, account, text: metadata, result: null, atMs: clock.now() });
  }

  /** Notes what an upload became. */
  async finish(id: string, { account, metadata, path, size, hash }: FinishedUpload): Promise<void> {
    const result = { path, size, hash };
    await this.#put({ id, account, text: metadata, result, atMs: clock.now() });
    if (++this.#finished % TRIM_EVERY === 0) await this.#book.trim(account, MAX_REMEMBERED);
  }

  /** The metadata of an unfinished upload; "" where none is known. */
  async metadata(id: string, account: string): Promise<string> {
    return (await this.#book.find(id, account))?.text ?? "";
  }

  /** The file that an upload of this account became, where that is remembered. */
  async finished(id: string, account: string): Promise<FinishedUpload | undefined> {
    const note = await this.#book.find(id, account);
    if (note === undefined || note.result === null) return undefined;
    return { ...note.result, account, metadata: note.text };
  }

  /** Removes the note of a dropped upload. */
  async forget(id: string): Promise<void> {
    await this.#book.remove(id);
  }

  /** A note that cannot be kept fails nothing: the upload itself is safe. */
  async #put(note: UploadNote): Promise<void> {
    try {
      await this.#book.put(note);
    } catch (error) {
      log.warn("A note on an upload was not kept: {error}", { error: String(error) });
    }
  }
}
