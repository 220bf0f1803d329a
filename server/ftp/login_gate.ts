import type { CommandRow } from "./context/context.ts";
import { ReplyError } from "./context/reply.ts";

/**
 * Commands that do not exist after which a stranger's connection is closed. A browser that is led
 * to this port sends the head of an HTTP request, and behind it what a page made up.
 */
const MAX_UNKNOWN = 10;

/** Holds back what a connection sends before its login. */
export class LoginGate {
  #unknown = 0;

  /** @param close called where the connection is to be closed after the reply */
  constructor(private readonly close: () => void) {}

  /** @throws {ReplyError} 530, where the command needs a login or does not exist */
  check(row: CommandRow | undefined): void {
    if (row?.needsLogin === false) return;
    if (row === undefined && ++this.#unknown >= MAX_UNKNOWN) this.close();
    throw new ReplyError(530, "Log in with USER and PASS first");
  }
}
