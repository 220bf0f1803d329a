import { arrivals } from "../contract/arrivals.ts";
import type { Changed } from "../contract/tree.ts";

/** Begins a removal or rename with a number of its own, which its outcome names. */
export async function numbered(change: (arrival: number) => Promise<Changed>): Promise<Changed> {
  const arrival = arrivals.next();
  return { ...await change(arrival), arrival };
}
