/** Claims of paths: while one exists, no other writer renames, removes or writes below them. */
import type { Changed } from "../../contract/tree.ts";
import type { FirstStep } from "../interfaces/step_book.ts";
import type { Claim } from "../interfaces/claim_book.ts";
import { StoreError } from "../../contract/error.ts";
import type { VirtualPath } from "../../contract/path.ts";
import { retryUntil } from "../../common/retry.ts";
import type { Places } from "../interfaces/places.ts";

/** The parts of the engine that record claims. */
type ClaimPlaces = Pick<Places, "catalog" | "holder">;

/**
 * Runs `work` while the paths are claimed: no upload gets a name at or below them, in any worker,
 * and nothing else renames, removes or shares there. Uploads that are being finished there come
 * first. The root needs no claim: nothing renames or removes it.
 *
 * @param account that changes them; see {@linkcode Claim}
 * @throws {StoreError} `io` where others do not end in time, `locked`: nothing was done
 */
export async function withClaim<T>(
  places: ClaimPlaces,
  owner: string,
  paths: readonly VirtualPath[],
  work: () => Promise<T>,
  account?: string,
): Promise<T> {
  if (paths.every((path) => path === "/")) return await work();
  return await holdClaim(places, owner, paths, work, account);
}

/**
 * Runs `work`, which creates or removes an account, while no other worker does. If a worker fails
 * half-way, the next one finds its claim and completes the work.
 *
 * @throws {StoreError} `io` as {@linkcode withClaim}
 */
export function withAccountClaim<T>(
  places: ClaimPlaces,
  account: string,
  work: () => Promise<T>,
): Promise<T> {
  return holdClaim(places, account, ["/"], work);
}

/**
 * Claims paths together with the first step of the work on them, which saves a transaction, and
 * runs the rest.
 *
 * @param first takes the claim; undefined where that cannot be done at once
 * @returns undefined where nothing was done: {@linkcode withClaim} waits for conflicting work
 */
export async function withFirstStep(
  { catalog, holder }: ClaimPlaces,
  owner: string,
  paths: readonly VirtualPath[],
  first: (claim: Claim) => Promise<FirstStep | undefined>,
  rest: () => Promise<void>,
  account?: string,
): Promise<Changed | undefined> {
  const claim: Claim = { id: crypto.randomUUID(), owner, paths, holder, account };
  let refused = false;
  try {
    const step = await first(claim);
    if (step === undefined) {
      refused = true;
      return undefined;
    }
    await rest();
    return { shares: step.shared };
  } finally {
    if (!refused) catalog.claims.releaseSoon(claim);
  }
}

async function holdClaim<T>(
  places: ClaimPlaces,
  owner: string,
  paths: readonly VirtualPath[],
  work: () => Promise<T>,
  account?: string,
): Promise<T> {
  const { catalog, holder } = places;
  const claim: Claim = { id: crypto.randomUUID(), owner, paths, holder, account };
  try {
    const ready = await retryUntil(async () =>
      await catalog.claims.claim(claim) === "ready" || undefined
    );
    if (!ready) {
      throw new StoreError("io", `"${paths[0]}" is being changed by others; try again`);
    }
    return await work();
  } finally {
    catalog.claims.releaseSoon(claim);
  }
}
