import type { BoundedPage, UploadRecord } from "../contract/catalog.ts";
import { Pace } from "./slices.ts";

/** Uploads read at once. */
const PAGE = 500;

/**
 * Goes through unfinished uploads page by page, latest updated first, with turns for others: there
 * may be tens of thousands. Those touched meanwhile may be missed or come twice.
 *
 * @param read reads one page, as the catalog's `uploads` does
 */
export async function* eachUpload(
  read: (page: BoundedPage) => Promise<UploadRecord[]>,
): AsyncGenerator<UploadRecord> {
  const pace = new Pace();
  let after: UploadRecord | undefined;
  while (true) {
    const records = await read({ after, count: PAGE });
    for (const record of records) {
      yield record;
      await pace.turn();
    }
    if (records.length < PAGE) return;
    after = records.at(-1);
  }
}
