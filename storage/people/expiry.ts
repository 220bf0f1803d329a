/** Removal of what is kept for a time: unfinished uploads, tokens, shares, links, sessions. */
import { arrivals } from "../contract/arrivals.ts";
import { clock } from "../contract/clock.ts";
import { StoreError } from "../contract/error.ts";
import type { VaultCore } from "../core/vault_core.ts";
import { WebSessions } from "./web_sessions.ts";
import { settleGuests } from "../transfer/guest_uploads.ts";

/** How long the outcome of a finished upload is remembered, ms. */
const NOTE_MS = 15 * 60_000;

/**
 * Removes unfinished uploads and all that permissions gave for a time, where that is over; nothing
 * while the machine's clock is not to be trusted.
 *
 * @param partTtlMs how long an unfinished upload is kept. @default the vault's
 * @returns ids of uploads
 */
export async function removeExpired(
  core: VaultCore,
  partTtlMs = core.partTtlMs,
): Promise<string[]> {
  const { engine, catalog } = core;
  await arrivals.reserve(catalog.marks);
  const nowMs = clock.removal();
  if (nowMs === undefined) return [];
  await engine.redate(nowMs);
  await catalog.tokens.removeExpired(nowMs);
  await catalog.shares.removeExpired(nowMs);
  await catalog.links.removeExpired(nowMs);
  await catalog.locks.removeExpired(nowMs);
  await new WebSessions(catalog).removeExpired(nowMs);
  await catalog.uploadNotes.removeOld(nowMs - NOTE_MS);
  await settleGuests(core);
  return await engine.expire(nowMs - partTtlMs);
}

/** Throws `busy` while the machine's clock is not to be trusted, as then nothing is removed. */
export function assertClock(): void {
  if (clock.removal() !== undefined) return;
  throw new StoreError("busy", `Nothing was removed, as ${clock.trouble()}`);
}
