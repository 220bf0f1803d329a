/** Record types of TLS 1.2 (RFC 5246 section 6.2.1) that an end is judged by. */
const ALERT = 21;
const HEADER_BYTES = 5;

/**
 * Reads the record types of a TLS 1.2 stream, which are unencrypted in the headers. If the stream
 * ends after a whole alert, its peer ended it (close_notify, RFC 5246 section 7.2.1); any other end
 * is a cut.
 */
export class RecordTap {
  readonly #header = new Uint8Array(HEADER_BYTES);
  #headerBytes = 0;
  #bodyBytes = 0;

  /** Takes the next bytes of the stream. */
  feed(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      if (this.#bodyBytes > 0) {
        const taken = Math.min(this.#bodyBytes, bytes.length - at);
        this.#bodyBytes -= taken;
        at += taken;
        continue;
      }
      if (this.#headerBytes === HEADER_BYTES) this.#headerBytes = 0;
      this.#header[this.#headerBytes++] = bytes[at++]!;
      if (this.#headerBytes === HEADER_BYTES) {
        this.#bodyBytes = this.#header[3]! * 256 + this.#header[4]!;
      }
    }
  }

  /** Whether the stream ends with a whole alert at present. */
  get endsWithAlert(): boolean {
    return this.#headerBytes === HEADER_BYTES && this.#bodyBytes === 0 &&
      this.#header[0] === ALERT;
  }
}
