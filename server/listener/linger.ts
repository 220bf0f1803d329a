import type { Connection } from "./connection.ts";

/** Limits, in time and bytes, of reading from a connection that closes. */
const LINGER_MS = 2000;
const LINGER_BYTES = 4 * 1024 * 1024;

/** Timeout for the last replies of a session that is ended, ms: a client need not read them. */
export const END_MS = 2000;

/**
 * Closes a connection so that its last reply arrives: with unread bytes in it, a close becomes a
 * reset that destroys what the peer has not read yet (RFC 1122 section 4.2.2.13).
 */
export async function closeLingering(connection: Connection): Promise<void> {
  const timer = setTimeout(() => closeNow(connection), LINGER_MS);
  try {
    await connection.closeWrite();
    const buffer = new Uint8Array(64 * 1024);
    for (let left = LINGER_BYTES; left > 0;) {
      const count = await connection.read(buffer);
      if (count === null) break;
      left -= count;
    }
  } catch {
    // the peer was quicker, or the timer
  } finally {
    clearTimeout(timer);
    closeNow(connection);
  }
}

/** Closes a connection that may be closed already. */
export function closeNow(connection: Pick<Connection, "close">): void {
  try {
    connection.close();
  } catch {
    // it is
  }
}
