/** A connection of a door, in plain or within TLS; each `Deno.Conn` is one. */
export interface Connection {
  /** Reads some bytes. @returns number of bytes, at least 1; null at the end */
  read(into: Uint8Array): Promise<number | null>;
  /**
   * Writes some of `bytes`, which must not change until it resolves. @returns number of bytes, at
   * least 1
   */
  write(bytes: Uint8Array): Promise<number>;
  /** Sends all written bytes and announces the end; the peer may still send. */
  closeWrite(): Promise<void>;
  /** Ends it, in both directions; reads and writes that are pending reject. */
  close(): void;
}

/** Errors of a read or write whose connection has ended. */
const ENDED = [
  Deno.errors.BrokenPipe,
  Deno.errors.ConnectionReset,
  Deno.errors.ConnectionAborted,
  Deno.errors.BadResource,
  Deno.errors.Interrupted,
  Deno.errors.UnexpectedEof,
];

/** Whether a read or write failed because its connection has ended, at either side. */
export function isConnectionEnd(error: unknown): boolean {
  return ENDED.some((kind) => error instanceof kind);
}
