/** Ctrl-C: transfers are checkpointed first; what hangs is left after a few seconds. */
import { ExitCode } from "../../lib/common/error.ts";

const GRACE_MS = 4000;
/** `deno task` hands signals on, so that one Ctrl-C arrives twice. */
const SAME_SIGNAL_MS = 500;

/**
 * Turns SIGINT and SIGTERM into an `AbortSignal`. After a second Ctrl-C, or a few seconds without
 * an end, the process exits at once with code 130.
 *
 * @param beforeExit called before the process exits that way
 */
export function onInterrupt(beforeExit: () => void): AbortSignal {
  const controller = new AbortController();
  let first: number | undefined;
  const leave = () => {
    beforeExit();
    Deno.exit(ExitCode.interrupted);
  };
  const handler = () => {
    const now = performance.now();
    if (first === undefined) {
      first = now;
      controller.abort();
      Deno.unrefTimer(setTimeout(leave, GRACE_MS));
    } else if (now - first > SAME_SIGNAL_MS) {
      leave();
    }
  };
  Deno.addSignalListener("SIGINT", handler);
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", handler);
  return controller.signal;
}
