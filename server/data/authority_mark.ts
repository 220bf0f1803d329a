/**
 * The catalog remembers that the data directory had an authority of its own, so that an emptied
 * `tls/` is not taken for a first start.
 */
import { join } from "@std/path";
import { isThere, PLACES } from "./data_directory.ts";
import { forOperator } from "./operator_error.ts";
import { type OpenPlace, withPlace } from "./open_place.ts";

/** Whether there ever was an authority. @throws {ExitError} where the catalog cannot be opened */
export async function hadAuthority(place: OpenPlace): Promise<boolean> {
  if (!isThere(join(place.data, PLACES.catalog))) return false;
  return await withPlace(
    place,
    async ({ catalog }) => await catalog.marks.get("authority") !== undefined,
    { check: false },
  );
}

/** Notes that there is an authority now. @throws {ExitError} where the catalog cannot be opened */
export async function noteAuthority(place: OpenPlace): Promise<void> {
  await withPlace(place, async ({ catalog }) => {
    await catalog.marks.set("authority", Date.now()).catch((error) => {
      throw forOperator(error, place.data);
    });
  }, { check: false });
}
