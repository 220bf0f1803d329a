import {
  makeReply,
  type Piece,
  type Reply,
  type RequestData,
  type RequestId,
} from "../../protocol/mod.ts";
import { StoreError } from "../../storage/contract/error.ts";
import type { Upload } from "../../storage/transfer/upload.ts";
import { failureReply } from "./context/failure.ts";
import type { IncomingRequest } from "./intake.ts";
import type { Slot } from "./context/outbox.ts";
import { repeatedData } from "./context/repeated.ts";
import { sendsAhead } from "./requests.ts";

/** Maximum of running commits of a connection before it waits for the oldest. */
const MAX_COMMITS = 128;
/** Interval of progress replies to a client whose upload a rate limit delays. */
const HELD_BACK_MS = 500;

interface Receiving {
  readonly upload: Upload;
  readonly slot: Slot;
  readonly id: RequestId | undefined;
  readonly pipelined: boolean;
  /** Time of the last progress reply, or of the first delay, ms. */
  reportedMs?: number;
}

/** Rate limits of uploads. */
interface Pace {
  /** Cuts received bytes into pieces for an even rate; undefined: there is no limit. */
  piecesOf(bytes: Uint8Array): readonly Uint8Array[] | undefined;
  /** Awaited before each write. */
  throttle(bytes: number, stopped: () => boolean): Promise<void> | void;
}

/**
 * The receiving side of a connection: the upload that gets DATA frames, the frames to skip, and the
 * running commits (docs/protocol.md, "Upload").
 */
export class Receiver {
  #current: Receiving | undefined;
  /**
   * Data to skip after an upload has ended: `frames`: DATA up to the next JSON frame, whose END.
   */
  #discarding: "nothing" | "frames" | "until-end" = "nothing";
  readonly #commits = new Set<Promise<void>>();
  /** Ends an upload whose request was running when the connection ended. */
  #letGo: ((upload: Upload) => Promise<void>) | undefined;

  /** @param pace the account's rate */
  constructor(readonly pace: Pace) {}

  /** Whether an upload takes data. */
  get receiving(): boolean {
    return this.#current !== undefined;
  }

  /** Whether an END gets no reply: it belongs to an upload that has ended. */
  get discarding(): boolean {
    return this.#current === undefined && this.#discarding !== "nothing";
  }

  /** Whether DATA up to the next END belongs to an upload that was refused. */
  get untilEnd(): boolean {
    return this.#discarding === "until-end";
  }

  /** DATA frames go to this upload from now on. */
  begin(upload: Upload, slot: Slot, id: RequestId | undefined, pipelined: boolean): void {
    this.#current = { upload, slot, id, pipelined };
    this.#discarding = "nothing";
    upload.checkpoints.onProgress = (offset) => reportProgress({ upload, slot, id }, offset);
    upload.onTaken = (why) => {
      slot.final(failureReply(why, id));
      if (this.#current?.upload === upload) this.#stopReceiving(pipelined);
    };
    if (this.#letGo !== undefined) {
      this.#current = undefined;
      this.#track(this.#letGo(upload).catch(() => {})); // the client is gone
    } else if (upload.endsByItself && upload.offset === upload.size && !pipelined) this.#finish({});
  }

  /** Throws away what an upload that was refused, unless another one takes data, has sent ahead. */
  refused({ command, data }: IncomingRequest): void {
    if (!this.receiving && sendsAhead(command, data)) this.discardUntilEnd();
  }

  /** DATA up to the next END is thrown away. */
  discardUntilEnd(): void {
    this.#discarding = "until-end";
  }

  /**
   * Takes a piece of a DATA frame.
   *
   * @returns whether there was something it belongs to; else it is a `BAD_SEQUENCE`. A promise where
   * there was, and another piece should wait
   */
  data(piece: Piece): boolean | Promise<void> {
    if (this.#current === undefined) return this.#discarding !== "nothing";
    return this.#receive(this.#current, piece);
  }

  async #receive(current: Receiving, piece: Piece): Promise<void> {
    const { upload, slot, id, pipelined } = current;
    const { bytes, rest, lease } = piece;
    try {
      const pieces = this.pace.piecesOf(bytes);
      if (pieces === undefined) await upload.write(bytes, rest, lease);
      else await this.#writePaced(current, piece, pieces);
    } catch (error) {
      if (this.#current === current) this.#stopReceiving(pipelined);
      return slot.final(failureReply(error, id)); // nothing where a takeover has answered
    }
    const complete = upload.endsByItself && upload.offset === upload.size;
    if (complete && !pipelined && this.#current === current) this.#finish({});
  }

  async #writePaced(
    current: Receiving,
    { bytes, rest, lease }: Piece,
    pieces: readonly Uint8Array[],
  ): Promise<void> {
    const { upload } = current;
    let following = rest + bytes.length;
    for (const part of pieces) {
      const paused = this.pace.throttle(part.length, () => this.#current !== current);
      if (paused !== undefined) await upload.delays.during(heldBack(current, paused));
      following -= part.length;
      await upload.write(part, following, lease);
    }
  }

  /**
   * Takes an END.
   *
   * @returns whether it belongs to an upload, which answers in its place; a promise where it does, and
   * another frame should wait
   */
  end(data: RequestData<"END">): boolean | Promise<void> {
    if (this.#current === undefined) {
      const expected = this.#discarding !== "nothing";
      this.#discarding = "nothing";
      return expected;
    }
    this.#finish(data);
    this.#discarding = "nothing";
    return this.#commits.size < MAX_COMMITS || Promise.race(this.#commits);
  }

  /** Notes that a JSON frame other than END came. */
  otherFrame(): void {
    if (this.#discarding === "frames") this.#discarding = "nothing";
  }

  /**
   * Answers a request that came during an upload: at once, before the upload's own final reply.
   *
   * @returns false without a running upload; nothing is sent then
   */
  interject(reply: Reply): boolean {
    this.#current?.slot.interim(reply);
    return this.receiving;
  }

  /**
   * Stops the upload that takes data, as ABOR does, unless another one is named.
   *
   * @returns whether there was one
   */
  async abort({ discard, temp_id: named }: RequestData<"ABOR">): Promise<boolean> {
    const current = this.#current;
    if (named !== undefined && named !== current?.upload.id) return false;
    const wasUntilEnd = this.untilEnd;
    this.#discarding = "nothing";
    if (current === undefined) return wasUntilEnd;
    const { upload, slot, id } = current;
    this.#current = undefined;
    const { offset } = upload;
    try {
      await (discard ? upload.discard() : upload.suspend());
      const message = discard ? "The upload was dropped" : "The upload was stopped and is kept";
      slot.final(makeReply("ABORTED", { message, temp_id: upload.id, offset }, id));
    } catch (error) {
      slot.final(failureReply(error, id));
    }
    return true;
  }

  /**
   * Keeps the received part of a running upload when the connection has closed or is to be closed.
   */
  async disconnect(): Promise<void> {
    this.#letGo ??= (upload) => upload.suspend();
    const upload = this.#current?.upload;
    this.#current = undefined;
    await upload?.suspend();
    await this.settled();
  }

  /** Ends the running upload because the server goes down; it is kept. */
  async shutDown(): Promise<void> {
    const why = new StoreError("shutting-down", "The server is going down; the upload is kept");
    this.#letGo ??= (upload) => upload.takeOver(why);
    await this.#current?.upload.takeOver(why);
    await this.settled();
  }

  /** Resolves once no commit is running. */
  async settled(): Promise<void> {
    while (this.#commits.size > 0) await Promise.all(this.#commits);
  }

  /** Whether nothing is being committed. */
  get idle(): boolean {
    return this.#commits.size === 0;
  }

  #finish(announced: RequestData<"END">): void {
    const current = this.#current!;
    this.#current = undefined;
    this.#discarding = "frames";
    this.#track(this.#commit(current, announced));
  }

  #track(work: Promise<void>): void {
    // What it is given never rejects; finally() makes three more promises for every small file.
    const commit = work.then(() => void this.#commits.delete(commit));
    this.#commits.add(commit);
  }

  async #commit(
    { upload, slot, id, pipelined }: Receiving,
    announced: RequestData<"END">,
  ): Promise<void> {
    try {
      const end: Parameters<Upload["finish"]>[0] = {};
      if (announced.file_hash !== undefined) end.hash = announced.file_hash;
      if (announced.file_size !== undefined) end.sizeBytes = announced.file_size;
      const committed = await upload.finish(end);
      const { size, hash, version, mtimeMs, repeated } = committed;
      const filename = upload.shownPath(committed);
      if (repeated && pipelined) {
        slot.final(makeReply("OK", repeatedData({ filename, hash, size }), id));
        return;
      }
      const data = { message: "Stored", filename, size, hash, version, mtime: mtimeMs };
      slot.final(makeReply("OK", data, id, 226));
    } catch (error) {
      slot.final(failureReply(error, id));
    }
  }

  #stopReceiving(pipelined: boolean): void {
    this.#current = undefined;
    this.#discarding = pipelined ? "until-end" : "frames";
  }
}

function reportProgress(
  { upload, slot, id }: Omit<Receiving, "pipelined" | "reportedMs">,
  offset: number,
): void {
  const message = `${offset} bytes are safe`;
  slot.interim(makeReply("PROGRESS", { message, temp_id: upload.id, offset }, id));
}

/**
 * Waits while a rate limit delays an upload, and sends progress so that the client does not time
 * out.
 */
async function heldBack(current: Receiving, paused: Promise<void>): Promise<void> {
  const report = () => {
    current.reportedMs = performance.now();
    reportProgress(current, current.upload.part.safeOffset);
  };
  // Many short pauses, one behind the other, are a long silence too.
  current.reportedMs ??= performance.now();
  if (performance.now() - current.reportedMs >= HELD_BACK_MS) report();
  const reporting = setInterval(report, HELD_BACK_MS);
  try {
    await paused;
  } finally {
    clearInterval(reporting);
  }
}
