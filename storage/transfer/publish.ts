/** Publishing an upload, in a directory that may have gone since it was seen. */
import type { Access, Place } from "../access/access.ts";
import { isStoreError } from "../contract/error.ts";
import { parentOf } from "../contract/path.ts";
import type { Committed, Publication } from "../contract/tree.ts";
import { ensureParent } from "./target.ts";
import type { Part } from "./part.ts";
import type { VaultCore } from "../core/vault_core.ts";

/** An upload that has come to its end. */
interface Ended {
  readonly core: VaultCore;
  readonly access: Access;
  readonly place: Place;
  readonly part: Part;
  /** Whether the name was seen to exist; undefined: not checked. */
  readonly occupied: boolean | undefined;
  /** Whether a missing directory above the name is made. */
  readonly makesParents: boolean;
}

/**
 * Gives the part of an upload its name.
 *
 * @param hash SHA-256 of its content in hex
 * @throws {StoreError} see {@linkcode Tree.publish}
 */
export function publish(upload: Ended, hash: string): Promise<Committed> {
  const { core, part, occupied } = upload;
  const { content, offset: size, crc, key, condition, arrival } = part;
  const publication = { part: content, size, hash, crc, key, condition, occupied, arrival };
  const publishing = core.tree.publish(publication);
  if (!upload.makesParents) return publishing;
  return publishing.catch((error) => publishAnew(upload, publication, error));
}

/**
 * Publishes an upload whose directory was removed or renamed, perhaps by another worker, a moment
 * after it was seen: it is made again, as at the beginning of the upload.
 */
async function publishAnew(
  { core, access, place }: Ended,
  publication: Publication,
  error: unknown,
): Promise<Committed> {
  if (!isStoreError(error, "not-found")) throw error;
  core.forgetDirectory(place.owner, parentOf(place.path));
  await ensureParent(core, access, place);
  return await core.tree.publish(publication);
}
