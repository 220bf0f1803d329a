/** Uploads that are sent again because their last reply was lost: they are known by the client's key. */
import type { Access, Place } from "../access/access.ts";
import { childOf, nameOf, parentOf } from "../contract/path.ts";
import type { Tree } from "../contract/tree.ts";
import { uploadTag } from "../contract/upload_tag.ts";

/** Finds the file that a repeated upload has already become. */
export async function findRepeated(
  tree: Tree,
  access: Access,
  place: Place,
  { key, hash }: { key?: string; hash?: string },
) {
  if (key === undefined || hash === undefined) return undefined;
  const { account } = access.principal;
  const tag = uploadTag({ account, owner: place.owner }, key);
  const stored = await tree.stored(place.owner, place.path, tag, hash);
  if (stored === undefined) return undefined;
  const shown = childOf(parentOf(place.shown), nameOf(stored.path));
  return { path: shown, hash, size: stored.size, repeated: true };
}
