/** The versions of a file among the names of its directory. */
import type { Tree } from "../contract/tree.ts";
import { nameOf, parentOf, type VirtualPath } from "../contract/path.ts";
import { parseVersionName, sameFamily } from "../contract/version_name.ts";
import { Pace } from "./slices.ts";

/** Names in one page. */
const PAGE_NAMES = 1000;

/**
 * Lists the versions of one file with their numbers, in no order. It reads only names with the same
 * beginning: a directory may have 100,000 others.
 *
 * @param path of any of the versions
 */
export async function familyOf(
  tree: Pick<Tree, "names">,
  owner: string,
  path: VirtualPath,
): Promise<{ name: string; version: number }[]> {
  const wanted = parseVersionName(nameOf(path));
  const query = { prefix: wanted.stem, limit: PAGE_NAMES };
  const pace = new Pace();
  const family: { name: string; version: number }[] = [];
  let page: Awaited<ReturnType<Tree["names"]>> | undefined;
  do {
    page = await tree.names(owner, parentOf(path), { ...query, after: page });
    for (const name of page.directories.concat(page.files)) {
      const parsed = parseVersionName(name);
      if (sameFamily(parsed, wanted)) family.push({ name, version: parsed.version });
    }
    await pace.turn();
  } while (page.more);
  return family;
}
