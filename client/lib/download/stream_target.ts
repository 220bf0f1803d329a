/** Downloads to standard output, pipes and devices. */
import { sleep } from "../common/sleep.ts";
import type { DownloadTarget } from "./download_target.ts";
import { ClientError, ExitCode, localError } from "../common/error.ts";
import { safePieceBytes } from "../common/pipe.ts";

/** First and longest pause in ms before a pipe that was full is written to again. */
const FIRST_PAUSE_MS = 1;
const MAX_PAUSE_MS = 20;

/** A stream such as standard output. */
export class StreamTarget implements DownloadTarget {
  readonly path: undefined = undefined;
  #written = false;
  /** Bytes to write at once. */
  readonly #pieceBytes: number;

  /** A target of a stream. @param title name in messages */
  constructor(
    readonly stream: { writeSync(bytes: Uint8Array): number },
    readonly title = "standard output",
  ) {
    this.#pieceBytes = stream === Deno.stdout ? safePieceBytes(1) : Infinity;
  }

  takeUp(): Promise<void> {
    return Promise.resolve();
  }

  begin(): void {}

  /**
   * Writes bytes. A pipe that another program made non-blocking may be full: then this waits until
   * its reader has taken some, and resolves once all is written.
   */
  write(bytes: Uint8Array): void | Promise<void> {
    this.#written = true;
    const done = this.#writeNow(bytes);
    if (done < bytes.length) return this.#writeRest(bytes.subarray(done));
  }

  /** Writes until the stream takes no more; how many bytes it took. */
  #writeNow(bytes: Uint8Array): number {
    let done = 0;
    try {
      while (done < bytes.length) {
        done += this.stream.writeSync(bytes.subarray(done, done + this.#pieceBytes));
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.WouldBlock)) {
        throw localError(error, `Cannot write to ${this.title}`);
      }
    }
    return done;
  }

  async #writeRest(bytes: Uint8Array): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    for (let done = 0; done < bytes.length;) {
      await sleep(pauseMs);
      const count = this.#writeNow(bytes.subarray(done));
      done += count;
      pauseMs = count > 0 ? FIRST_PAUSE_MS : Math.min(2 * pauseMs, MAX_PAUSE_MS);
    }
  }

  settled(): Promise<void> {
    return Promise.resolve();
  }

  reset(): void {
    if (!this.#written) return;
    throw new ClientError(
      `The file at the server changed while it was written to ${this.title}: the written content is incomplete`,
      { exitCode: ExitCode.conflict },
    );
  }

  publish(): Promise<void> {
    return Promise.resolve();
  }

  keep(): Promise<void> {
    return Promise.resolve();
  }

  discard(): void {}
}
