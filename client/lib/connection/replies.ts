/** Checks replies of a server before their values are used. */
import { type Reply, type ReplyData, type Status, STATUSES } from "../../../protocol/wire.ts";
import { ClientError, ConnectionLost } from "../common/error.ts";
import { printable } from "../../../common/printable.ts";

/** Interim replies of a transfer: its first one, and `PROGRESS`. */
export function isInterim(reply: Reply): boolean {
  return reply.status === "PROGRESS" || (reply.status === "OK" && reply.code === 150);
}

/**
 * Checks that a message is a reply of this protocol.
 *
 * @throws {ClientError} where it is not
 */
export function checkReply(message: Record<string, unknown>): Reply {
  const { status, code, data, id } = message;
  if (typeof status !== "string" || !Object.hasOwn(STATUSES, status) || typeof code !== "number") {
    throw new ClientError("The server sent a reply that is not of this protocol");
  }
  const known = typeof data === "object" && data !== null ? data as ReplyData : {};
  const reply: Reply = { status: status as Status, code, data: known };
  if (typeof id === "string" || typeof id === "number") reply.id = id;
  return reply;
}

/** The error that a failed read or write of the connection means. */
export function lost(error: unknown): ConnectionLost {
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof SyntaxError) {
    return new ConnectionLost(`The server sent nonsense: ${printable(text)}`, error);
  }
  if (error instanceof Deno.errors.UnexpectedEof) {
    return new ConnectionLost("The connection was cut off by the other side", error);
  }
  const plain = printable(text.replace(/ \(os error \d+\)/, ""));
  return new ConnectionLost(`The connection was lost: ${plain}`, error);
}
