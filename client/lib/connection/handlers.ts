/** Callbacks of transfers. */
import type { Piece, Reply } from "../../../protocol/wire.ts";
import type { ClientError } from "../common/error.ts";

/** Callbacks of a running transfer. An error thrown here ends the connection. */
export interface TransferHandlers {
  /** Its interim replies: the first one (150) and `PROGRESS`. */
  onInterim?(reply: Reply): void;
  /**
   * File data. Its bytes are released once this returns or its promise resolves; who needs them
   * longer retains `piece.lease`.
   */
  onData?(piece: Pick<Piece, "bytes" | "lease">): void | Promise<void>;
}

/** Callbacks of a transfer that has no promise: one of them is called, once. */
export interface EndHandlers extends TransferHandlers {
  /** Its final reply. It must not throw. */
  onEnd(reply: Reply): void;
  /** The connection ended before its final reply. It must not throw. */
  onLost(error: ClientError): void;
}

/** How a request is waited for. */
export interface RequestOptions {
  /** The server may work on it for long: it is asked to report that it does. */
  slow?: boolean;
  /** Longest silence in ms while it is waited for. @default the connection's */
  timeoutMs?: number;
}
