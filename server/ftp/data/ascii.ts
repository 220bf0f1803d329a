/**
 * `TYPE A` (RFC 959 section 3.1.1.1): lines end with CRLF on the wire and with LF on disk. All
 * other bytes stay unchanged; a line that ends with CRLF on disk is sent unchanged.
 */

const LF = 10;
const CR = 13;

/** Makes CRLF of each LF that has no CR before it. Pieces may be cut anywhere. */
export class ToWire {
  /** The last byte of the piece before. */
  #last = 0;

  /** The next piece, as it is to be sent; it may be `bytes` itself. */
  push(bytes: Uint8Array): Uint8Array {
    let last = this.#last;
    let count = 0;
    for (const byte of bytes) {
      if (byte === LF && last !== CR) count++;
      last = byte;
    }
    const before = this.#last;
    this.#last = last;
    if (count === 0) return bytes;
    const out = new Uint8Array(bytes.length + count);
    let at = 0;
    last = before;
    for (const byte of bytes) {
      if (byte === LF && last !== CR) out[at++] = CR;
      out[at++] = byte;
      last = byte;
    }
    return out;
  }
}

/** Converts each CRLF to LF; a single CR stays. Pieces may be cut anywhere. */
export class FromWire {
  /** Whether the piece before ended with a CR, which is not decided yet. */
  #held = false;

  /** The next piece, as it is to be stored; it may be a view of `bytes`. */
  push(bytes: Uint8Array): Uint8Array {
    if (!this.#held && !bytes.includes(CR)) return bytes;
    const out = new Uint8Array(bytes.length + 1);
    let at = 0;
    for (const byte of bytes) {
      if (this.#held && byte !== LF) out[at++] = CR;
      this.#held = byte === CR;
      if (!this.#held) out[at++] = byte;
    }
    return out.subarray(0, at);
  }

  /** Returns the byte held back, if any, at the end. */
  end(): Uint8Array {
    return this.#held ? Uint8Array.of(CR) : new Uint8Array();
  }
}
