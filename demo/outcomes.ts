// Outcomes of the client's commands: checked, and shown as figures of a step.

import type { ClientEvent, ClientResult } from "./programs.ts";
import { bytes, fact, rate } from "./story.ts";

/** Exit code of a client whose connection was lost (docs/cli.md). */
const CONNECTION_LOST = 7;

/** The command must have ended because its connection was lost. */
export function lost(result: ClientResult): void {
  const last = result.events.at(-1);
  if (result.code !== CONNECTION_LOST) {
    throw new Error(`The client should have lost its connection: ${describe(result)}`);
  }
  fact("client", `exit code ${result.code} after ${result.seconds.toFixed(2)} s`);
  fact("it says", last?.message ?? result.stderr.trim());
}

/** The last event of a command that must have succeeded. */
export function done(result: ClientResult): ClientEvent {
  const last = result.events.at(-1);
  if (result.code !== 0 || last?.event !== "done") {
    throw new Error(`The client should have succeeded: ${describe(result)}`);
  }
  return last;
}

function describe(result: ClientResult): string {
  const message = result.events.at(-1)?.message ?? result.stderr.trim();
  return `exit code ${result.code}, ${message || "no message"}`;
}

/** Shows the unfinished uploads that `parts` lists. */
export function showParts(result: ClientResult, size: number): void {
  for (const part of done(result).parts ?? []) {
    fact("kept on server", `${bytes(part.offset, size)} of ${part.filename}`);
  }
}

/** Shows how a transfer of a file of `size` bytes ended. */
export function show(event: ClientEvent, size: number): void {
  const from = event.resumed_from ?? 0;
  fact("resumed from", bytes(from, size));
  fact("sent now", `${bytes(size - from)} in ${rate(size - from, event.seconds ?? NaN)}`);
  fact("SHA-256", event.hash ?? "-");
}
