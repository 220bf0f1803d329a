import { setTimeout } from "node:timers/promises";

/** Waits for `ms`, or less if the signal comes. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, signal === undefined ? {} : { signal }).catch(() => {});
}
