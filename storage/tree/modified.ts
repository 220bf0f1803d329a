/** Modification times and permission bits of files and directories. */
import type { Access } from "../access/access.ts";
import type { Conditional } from "./conditional.ts";
import { MODE_BITS } from "../contract/mode_bits.ts";
import { checkCondition } from "../transfer/target.ts";
import { nearestTime } from "../contract/time_range.ts";
import type { VaultCore } from "../core/vault_core.ts";

/**
 * Sets a file's or directory's modification time; its checksum stays known.
 *
 * @returns the time that it has now: the nearest one that there is and that the disk can hold
 */
export async function setModified(
  core: VaultCore,
  access: Access,
  text: string,
  mtimeMs: number,
  { condition }: Conditional = {},
): Promise<number> {
  const place = await access.target(text, "w");
  await checkCondition(core, access, place, condition);
  return await core.tree.retime(place, nearestTime(mtimeMs), condition);
}

/** Notes permission bits of a file or directory for those who fetch it; the disk keeps its own. */
export async function setMode(
  core: VaultCore,
  access: Access,
  text: string,
  mode: number,
): Promise<void> {
  await core.tree.setMode(await access.target(text, "w"), mode & MODE_BITS);
}
