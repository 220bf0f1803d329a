/** Signals: stop, stop at once, read the certificates again. */

/** The actions of a server at each signal. */
export interface SignalActions {
  /** SIGTERM or SIGINT, the first time. */
  stop(): void;
  /** SIGTERM or SIGINT again. */
  stopAtOnce(): void;
  /** SIGHUP. */
  reload(): void;
}

/** Signals within this time count as one: `deno task` forwards each a second time. */
const SAME_MS = 500;

/**
 * Listens for signals from now on.
 *
 * @returns ends the listening
 */
export function listenForSignals(actions: SignalActions): () => void {
  let firstAt: number | undefined;
  const stop = () => {
    const now = performance.now();
    if (firstAt === undefined) {
      firstAt = now;
      actions.stop();
    } else if (now - firstAt >= SAME_MS) {
      actions.stopAtOnce();
    }
  };
  const listeners: [Deno.Signal, () => void][] = [
    ["SIGTERM", stop],
    ["SIGINT", stop],
    ["SIGHUP", actions.reload],
  ];
  for (const [signal, listener] of listeners) Deno.addSignalListener(signal, listener);
  return () => {
    for (const [signal, listener] of listeners) Deno.removeSignalListener(signal, listener);
  };
}
