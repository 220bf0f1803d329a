/**
 * The catalog remembers that the data directory had an authority of its own, so that an emptied
 * `tls/` is not taken for a first start.
 */
import { join } from "@std/path";
import { isThere, PLACES } from "./data_directory.ts";
import { forOperator } from "./operator_error.ts";
import { openCatalog } from "./first_account.ts";

/** Whether there ever was an authority. @throws {ExitError} where the catalog cannot be opened */
export async function hadAuthority(data: string): Promise<boolean> {
  if (!isThere(join(data, PLACES.catalog))) return false;
  const catalog = openCatalog(data, { check: false });
  try {
    return await catalog.marks.get("authority") !== undefined;
  } finally {
    await catalog.close();
  }
}

/** Notes that there is an authority now. @throws {ExitError} where the catalog cannot be opened */
export async function noteAuthority(data: string): Promise<void> {
  const catalog = openCatalog(data, { check: false });
  try {
    await catalog.marks.set("authority", Date.now()).catch((error) => {
      throw forOperator(error, data);
    });
  } finally {
    await catalog.close();
  }
}
