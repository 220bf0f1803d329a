/** Claims of paths: while one stands, no other writer renames, removes or writes below them. */
import type { Claim } from "../contract/books/claim_book.ts";
import { StoreError } from "../contract/error.ts";
import type { VirtualPath } from "../contract/path.ts";
import { retryUntil } from "../common/retry.ts";
import type { VaultCore } from "./vault_core.ts";

/**
 * Runs `work` while the paths are claimed: no upload gets a name at or below them, in any worker,
 * and nothing else renames, removes or shares there. Uploads that are being finished there come
 * first. The root needs no claim: nothing renames or removes it.
 *
 * @throws {StoreError} `io` where others do not end in time: nothing was done, to be tried again
 */
export async function withClaim<T>(
  core: VaultCore,
  owner: string,
  paths: readonly VirtualPath[],
  work: () => Promise<T>,
): Promise<T> {
  if (paths.every((path) => path === "/")) return await work();
  return await holdClaim(core, owner, paths, work);
}

/**
 * Runs `work`, which makes or removes an account, while no other worker does so. What a worker that
 * fails leaves half made is settled by the next one, which finds the claim.
 *
 * @throws {StoreError} `io` as {@linkcode withClaim}
 */
export function withAccountClaim<T>(
  core: VaultCore,
  account: string,
  work: () => Promise<T>,
): Promise<T> {
  return holdClaim(core, account, ["/"], work);
}

/**
 * Claims paths together with the first step of what is done to them, which saves a transaction, and
 * runs the rest.
 *
 * @param first takes the claim; undefined where that cannot be done at once
 * @returns false where nothing was done: {@linkcode withClaim} waits for those that are in the way
 */
export async function withFirstStep<T>(
  core: VaultCore,
  owner: string,
  paths: readonly VirtualPath[],
  first: (claim: Claim) => Promise<T | undefined>,
  rest: (step: T) => Promise<void>,
): Promise<boolean> {
  const claim: Claim = { id: crypto.randomUUID(), owner, paths, holder: core.holder };
  let refused = false;
  try {
    const step = await first(claim);
    refused = step === undefined;
    if (step !== undefined) await rest(step);
  } finally {
    if (!refused) core.catalog.claims.releaseSoon(claim);
  }
  return !refused;
}

async function holdClaim<T>(
  core: VaultCore,
  owner: string,
  paths: readonly VirtualPath[],
  work: () => Promise<T>,
): Promise<T> {
  const { catalog, holder } = core;
  const claim: Claim = { id: crypto.randomUUID(), owner, paths, holder };
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
