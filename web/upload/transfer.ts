/**
 * One file on its way: begun or taken up again, sent piece by piece, tried again after what passes
 * by itself, and compared at the end. Runs without a page; who shows it listens to `onChange`.
 */
import { isPassing, UploadFailure } from "./failure.ts";
import type { FileHash, HashFile } from "./hashing.ts";
import { pauseMs, wait } from "./retry.ts";
import type { NewUpload, Progress, Stored, Tus } from "./tus.ts";

/** Up to here a file is hashed first, and goes with the request that begins its upload. */
export const SMALL_BYTES = 4 * 1024 * 1024;
/** Maximum body of a request: a proxy on the way may limit its duration. */
const PIECE_BYTES = 32 * 1024 * 1024;

/** Maximum of times that the server may move a transfer back without progress. */
const MAX_SETBACKS = 5;

/** Dependencies of a transfer. */
export interface TransferParts {
  tus: Tus;
  hash: HashFile;
  /** For tests. @default wait */
  wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** An unfinished upload that is taken up again. */
export interface Resumed {
  url: string;
  /**
   * Reaction to a file that is not the one that the upload was begun with; `trust` where it is
   * known to be, which avoids hashing the present bytes before any is sent.
   */
  ifOther: "trust" | "fail" | "restart";
}

/** Present activity of a transfer. */
export type Activity =
  | { name: "checking" }
  | { name: "sending" }
  | { name: "retrying"; message: string; pauseMs: number };

/** Upload of one file, from its first request to its verification. */
export class Transfer {
  /** Called after every change of what can be read here. */
  onChange: (() => void) | undefined;
  /** Called with the address of the upload as soon as there is one, and without once it is void. */
  onAddress: ((url: string | undefined) => void) | undefined;

  #url: string | undefined;
  #asked: boolean;
  #sent = 0;
  #activity: Activity = { name: "checking" };

  constructor(
    private readonly parts: TransferParts,
    readonly upload: NewUpload,
    readonly file: Blob,
    private readonly resumed?: Resumed,
    asked = false,
  ) {
    this.#url = resumed?.url;
    this.#asked = asked;
  }

  /**
   * Whether the server got the request to create the upload. If it is repeated, the first answer
   * may have been lost after the file was complete: the same content must not become another
   * version.
   */
  get asked(): boolean {
    return this.#asked;
  }

  /** Bytes that have left, as far as known. */
  get sent(): number {
    return this.#sent;
  }

  get activity(): Activity {
    return this.#activity;
  }

  /**
   * Sends the missing bytes.
   *
   * @returns the server's description of the stored file
   * @throws {UploadFailure} for failures that do not pass by themselves; the reason of `signal`
   * once aborted
   */
  async run(signal: AbortSignal): Promise<Stored> {
    const hash = await this.#proved(signal) ?? this.parts.hash(this.file);
    try {
      return await this.#untilDone(hash, signal);
    } finally {
      hash.stop();
    }
  }

  /** Makes sure that the file is the one that the upload was begun with, where it was. */
  async #proved(signal: AbortSignal): Promise<FileHash | undefined> {
    const { resumed } = this;
    if (resumed === undefined || resumed.ifOther === "trust") return undefined;
    this.#now({ name: "checking" });
    let hash: FileHash | undefined;
    try {
      const { url } = resumed;
      const standing = await this.#trying(signal, () => this.parts.tus.head(url, signal));
      const { offset, sizeBytes, prefixHash } = standing;
      if (offset > this.file.size || (sizeBytes ?? this.file.size) !== this.file.size) {
        throw otherFile();
      }
      hash = this.parts.hash(this.file, offset);
      if (prefixHash === undefined) return hash;
      if (await unlessAborted(hash.prefix, signal) !== prefixHash) throw otherFile();
      return hash;
    } catch (error) {
      hash?.stop();
      if (!(error instanceof UploadFailure)) throw error;
      const restarts = error.kind === "other-file" && resumed.ifOther === "restart";
      if (error.kind !== "gone" && !restarts) throw error;
      this.#restart();
      return undefined;
    }
  }

  async #untilDone(hash: FileHash, signal: AbortSignal): Promise<Stored> {
    let offset = this.#url === undefined ? 0 : undefined;
    let setbacks = 0;
    while (true) {
      const before = this.#sent;
      try {
        const state = await this.#trying(signal, () => this.#step(hash, offset, signal), () => {
          // The received part of an interrupted request is unknown: the server's offset is
          // requested.
          if (this.#url !== undefined) offset = undefined;
        });
        if (state.done) return await this.#compared(state.stored, hash);
        offset = state.offset;
        if (offset > before) setbacks = 0;
      } catch (error) {
        if (!(error instanceof UploadFailure) || ++setbacks > MAX_SETBACKS) throw error;
        if (error.kind === "offset") offset = undefined;
        else if (error.kind === "gone" && this.#url !== undefined) offset = this.#restart();
        else throw error;
      }
    }
  }

  /** Sends one request, or two if the offset must be requested first: if `offset` is undefined. */
  async #step(
    hash: FileHash,
    offset: number | undefined,
    signal: AbortSignal,
  ): Promise<Progress & { done: boolean }> {
    const { tus } = this.parts;
    const size = this.file.size;
    if (this.#url === undefined) {
      const made = await this.#create(hash, signal);
      this.#moved(made.offset);
      return { ...made, done: made.offset >= size };
    }
    const standing = offset === undefined ? await tus.head(this.#url, signal) : undefined;
    const from = standing?.offset ?? offset ?? 0;
    this.#moved(from);
    // The answer that the upload has ended was lost on its way.
    if (standing?.stored.path !== undefined) return { ...standing, done: true };
    const body = this.file.slice(from, from + PIECE_BYTES);
    const last = from + body.size >= size;
    // The checksum goes with the piece that ends the upload.
    const whole = last ? { hash: await this.#whole(hash, signal) } : {};
    this.#now({ name: "sending" });
    const onSent = (bytes: number) => this.#moved(from + Math.min(bytes, body.size));
    const sent = await tus.patch(this.#url, from, body, signal, { ...whole, onSent });
    this.#moved(sent.offset);
    return { ...sent, done: last };
  }

  async #create(hash: FileHash, signal: AbortSignal): Promise<Progress> {
    const { upload, file } = this;
    const { tus } = this.parts;
    const ifExists = this.#asked && upload.ifExists === "version" ? "skip" : upload.ifExists;
    const small = file.size <= SMALL_BYTES;
    const known = small || ifExists === "skip" ? { hash: await this.#whole(hash, signal) } : {};
    this.#now({ name: "sending" });
    const onSent = (bytes: number) => this.#moved(Math.min(bytes, file.size));
    const content = small ? { body: file, onSent } : undefined;
    this.#asked = true;
    const made = await tus.create({ ...upload, ifExists, ...known }, signal, content)
      .catch((error) => {
        this.#moved(0); // a refused upload has nothing at the server, also if all was sent
        throw error;
      });
    if (made.offset < file.size) this.#address(made.url);
    return made;
  }

  /**
   * Resolves to the checksum of the whole, or rejects with the reason of `signal`, if that comes
   * first.
   */
  async #whole(hash: FileHash, signal: AbortSignal): Promise<string> {
    this.#now({ name: "checking" });
    return await unlessAborted(hash.whole, signal);
  }

  /**
   * Retries until it works or fails for good; after progress the pauses begin again at the
   * shortest.
   */
  async #trying<T>(signal: AbortSignal, ask: () => Promise<T>, failed?: () => void): Promise<T> {
    let attempt = 0;
    let best = this.#sent;
    while (true) {
      try {
        return await ask();
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof UploadFailure) || !isPassing(error)) throw error;
        failed?.();
        attempt = this.#sent > best ? 1 : attempt + 1;
        best = Math.max(best, this.#sent);
        const pause = Math.max(pauseMs(attempt), error.afterMs ?? 0);
        this.#now({ name: "retrying", message: error.message, pauseMs: pause });
        await (this.parts.wait ?? wait)(pause, signal);
      }
    }
  }

  async #compared(stored: Stored, hash: FileHash): Promise<Stored> {
    if (stored.hash !== undefined && stored.hash !== await hash.whole) {
      throw new UploadFailure("mismatch", "The server stored other content than was sent");
    }
    return stored;
  }

  #restart(): number {
    this.#asked = true;
    this.#address(undefined);
    this.#moved(0);
    return 0;
  }

  #address(url: string | undefined): void {
    this.#url = url;
    this.onAddress?.(url);
  }

  #moved(bytes: number): void {
    this.#sent = bytes;
    this.onChange?.();
  }

  #now(activity: Activity): void {
    this.#activity = activity;
    this.onChange?.();
  }
}

async function unlessAborted<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let stop = () => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop);
  });
  try {
    return await Promise.race([result, stopped]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function otherFile(): UploadFailure {
  return new UploadFailure("other-file", "This is not the file that the upload was begun with");
}
