/** The versions of a file among the names of its directory. */
import { Pace } from "./slices.ts";
import { parseVersionName, sameFamily } from "../contract/version_name.ts";

/** Names compared before the pace is asked. */
const STEP_NAMES = 4096;

/**
 * The names that are versions of one file, with their numbers. Names that begin differently are
 * passed over without being taken apart: a directory may have 100,000 of them.
 *
 * @param name of any of the versions
 */
export async function familyOf(
  name: string,
  names: readonly string[],
): Promise<{ name: string; version: number }[]> {
  const wanted = parseVersionName(name);
  const pace = new Pace();
  const family: { name: string; version: number }[] = [];
  for (const [index, other] of names.entries()) {
    if (index % STEP_NAMES === STEP_NAMES - 1) await pace.turn();
    if (!other.startsWith(wanted.stem)) continue;
    const parsed = parseVersionName(other);
    if (sameFamily(parsed, wanted)) family.push({ name: other, version: parsed.version });
  }
  return family;
}
