/** State that the parts of the engine in memory share. */
import { retryUntil } from "../common/retry.ts";
import { StoreError } from "../contract/error.ts";
import { isWithin, type VirtualPath } from "../contract/path.ts";
import type { StepHook } from "../contract/step.ts";
import type { MemoryDatabase } from "./database.ts";
import type { Run } from "./accounts/tokens.ts";

/** State that the parts of the engine in memory share. */
export interface MemoryPlaces {
  readonly database: MemoryDatabase;
  /** Carries a call out, as one transaction that yields to the event loop before and after. */
  readonly run: Run;
  /** Names this start of this worker: no other start has it. */
  readonly holder: string;
  /** For tests: called between the steps of a change. */
  readonly step: StepHook | undefined;
}

/**
 * Carries a change of names out once no one holds the paths, nor what is below or above them.
 *
 * @throws {StoreError} `io` where they are held for too long
 */
export async function whenFree<T extends object>(
  { database: { tables }, run }: MemoryPlaces,
  owner: string,
  paths: readonly VirtualPath[],
  work: () => T | undefined,
): Promise<T> {
  const isHeld = () =>
    tables.holds.values().some((hold) =>
      hold.owner === owner &&
      paths.some((path) => isWithin(hold.path, path) || isWithin(path, hold.path))
    );
  const done = await retryUntil(() => run(true, () => isHeld() ? undefined : work()));
  if (done !== undefined) return done;
  throw new StoreError("io", `"${paths[0]}" is being changed by others; try again`);
}
