/** Moves unpacked content to its place in the data directory. */
import { join } from "@std/path";
import { isThere, makePrivateDirectory, PLACES } from "../../data/data_directory.ts";
import { EXIT, ExitError } from "../../options/error.ts";

const { catalog, users, tls, config } = PLACES;

/** Lists the unpacked places, in the order in which they are moved. */
function unpackedPlaces(draft: string): string[] {
  return [users, tls, config, catalog].filter((name) => isThere(join(draft, name)));
}

/** Lists existing places that conflict with the unpacked ones, the catalog last. */
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
 * Moves the unpacked places to the data directory.
 *
 * @param taken places that are moved aside before
 * @returns the directory they were moved to, if any
 */
export function place(draft: string, data: string, taken: readonly string[]): string | undefined {
  const aside = join(data, `replaced-${new Date().toISOString().replaceAll(":", "")}`);
  // The catalog first: without it the rest is useless.
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
