/** Gives what was unpacked its place in the data directory. */
import { join } from "@std/path";
import { isThere, makePrivateDirectory, PLACES } from "../../data/data_directory.ts";
import { EXIT, ExitError } from "../../options/error.ts";

const { catalog, users, tls, config } = PLACES;

/** What was unpacked, in the order in which it gets its place. */
function unpackedPlaces(draft: string): string[] {
  return [users, tls, config, catalog].filter((name) => isThere(join(draft, name)));
}

/** What is in the way of what was unpacked, the catalog last. */
export function takenPlaces(draft: string, data: string): string[] {
  const others = unpackedPlaces(draft).filter((name) => name !== catalog);
  return [...others, catalog, `${catalog}-wal`, `${catalog}-shm`]
    .filter((name) => isThere(join(data, name)) && !isEmpty(join(data, name)));
}

/** The refusal to replace data that is there. */
export function holdsData(data: string, taken: readonly string[]): ExitError {
  return new ExitError(
    EXIT.conflict,
    `${data} holds data already (${taken.join(", ")}): choose another --data, ` +
      `or have it moved aside with --replace`,
  );
}

/**
 * Gives what was unpacked its place.
 *
 * @param taken what is moved aside before
 * @returns where to, if anything was moved
 */
export function place(draft: string, data: string, taken: readonly string[]): string | undefined {
  const aside = join(data, `replaced-${new Date().toISOString().replaceAll(":", "")}`);
  // The catalog first: without it the rest is of no use.
  for (const name of taken.toReversed()) {
    makePrivateDirectory(aside);
    Deno.renameSync(join(data, name), join(aside, name));
  }
  for (const name of unpackedPlaces(draft)) {
    if (isThere(join(data, name))) Deno.removeSync(join(data, name)); // empty
    Deno.renameSync(join(draft, name), join(data, name));
  }
  using handle = Deno.openSync(data);
  handle.syncSync();
  return taken.length > 0 ? aside : undefined;
}

function isEmpty(path: string): boolean {
  return Deno.lstatSync(path).isDirectory && [...Deno.readDirSync(path)].length === 0;
}
