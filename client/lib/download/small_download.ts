/** A small download on its way: its content is held until the server has confirmed all of it. */
import { hash as digest } from "node:crypto";
import { type Lease, OWN } from "../../../buffers/pool.ts";
import { quoted } from "../../../common/printable.ts";
import type { Piece, Reply } from "../../../protocol/wire.ts";
import { ClientError, ExitCode } from "../common/error.ts";
import { SMALL_BYTES } from "../upload/small_file.ts";
import { type Announced, checkAnnounced, mismatch } from "./download.ts";

/** Content that hashes to what was announced. */
export interface SmallContent {
  announced: Announced;
  /** Valid until the download is dropped. */
  bytes: Uint8Array;
}

/** Takes the replies and the data of one small download. */
export class SmallDownload {
  #announced: Announced | undefined;
  #bytes = new Uint8Array(0);
  /** Holds bytes that are a view of the connection's buffer. */
  #lease: Lease = OWN;
  #filled = 0;

  /** @param remote path at the server */
  constructor(readonly remote: string) {}

  /** Whether it is more than a small file: it is fetched by itself then, and its data is skipped. */
  get isLarge(): boolean {
    return this.#announced !== undefined && this.#announced.size > SMALL_BYTES;
  }

  /** Takes the first reply. @throws {ClientError} where it contradicts itself */
  announce(reply: Reply): void {
    this.#announced = checkAnnounced(reply, 0);
  }

  /** Takes data. @throws {ClientError} where it is more than was announced */
  add({ bytes, lease }: Pick<Piece, "bytes" | "lease">): void {
    const expected = this.#announced?.length ?? 0;
    if (this.#filled + bytes.length > expected) {
      throw new ClientError("The server sent more bytes than it announced", {
        exitCode: ExitCode.checksum,
      });
    }
    const at = this.#filled;
    this.#filled += bytes.length;
    if (this.isLarge) return;
    if (bytes.length === expected) {
      lease.retain();
      this.#lease = lease;
      this.#bytes = bytes as Uint8Array<ArrayBuffer>;
      return;
    }
    if (at === 0) this.#bytes = new Uint8Array(expected);
    this.#bytes.set(bytes, at);
  }

  /**
   * Returns the content once all of it came and hashes to what was announced.
   *
   * @throws {ClientError} with exit code 6 where it does not
   */
  verified(): SmallContent {
    const announced = this.#announced;
    if (announced === undefined || this.#filled < announced.length) {
      throw new ClientError(`The server did not send all of ${quoted(this.remote)}`, {
        exitCode: ExitCode.checksum,
      });
    }
    const actual = digest("sha256", this.#bytes, "hex");
    if (actual !== announced.hash) throw mismatch(this.remote, announced.hash, actual);
    return { announced, bytes: this.#bytes };
  }

  /** Gives the bytes back. */
  drop(): void {
    this.#lease.release();
    this.#lease = OWN;
  }
}
