import type { VirtualPath } from "../contract/path.ts";
import type { VaultCore } from "../core/vault_core.ts";
import { recheckGuests } from "../transfer/guest_uploads.ts";

/**
 * Does what ends or moves the shares at and below paths of an account. All workers know of it before it is
 * acknowledged: a guest must not find what its owner puts under the name next.
 */
export async function withShares(
  core: VaultCore,
  owner: string,
  paths: VirtualPath[],
  work: () => Promise<void>,
): Promise<void> {
  const { shares } = core.catalog;
  const concerned = await Promise.all(paths.map((path) => shares.within(owner, path)));
  await work();
  if (concerned.includes(true)) await recheckGuests(core, owner);
}
