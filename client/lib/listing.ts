import type { ListEntry } from "../../protocol/wire.ts";
import type { Client } from "./connection/client.ts";
import { ClientError } from "./common/error.ts";
import { quoted } from "../../common/printable.ts";

/** The first page is small, so that output begins soon; each next one is twice as large. */
const FIRST_PAGE_ENTRIES = 500;
const PAGE_ENTRIES = 10_000;
/** A tree of more is taken for a server that never ends its listing. */
const MAX_ENTRIES = 20_000_000;

/**
 * Lists a remote directory (or the entry of a file), page by page.
 *
 * @param path undefined for the current directory
 * @param onLeftOut called for each directory below that the server could not list; without it, the
 * first one is an error once all else was listed
 * @throws {ClientError} exit code 4 where the path does not exist; 1 where the listing does not
 * advance
 */
export async function* listRemote(
  client: Client,
  path: string | undefined,
  recursive: boolean,
  onLeftOut?: (one: LeftOut) => void,
): AsyncGenerator<ListEntry[]> {
  const title = quoted(path ?? "/");
  let limit = FIRST_PAGE_ENTRIES;
  const ask = (cursor?: string) => {
    const data = client.request(
      "LIST",
      { path, recursive, limit, cursor },
      `Cannot list ${title}`,
      path === undefined ? {} : { filename: path },
    );
    data.catch(() => {}); // reported where the page is needed
    limit = Math.min(limit * 2, PAGE_ENTRIES);
    return data;
  };
  const seen = new Set<string>();
  const leftOut: LeftOut[] = [];
  let count = 0;
  for (let next: ReturnType<typeof ask> | undefined = ask(); next !== undefined;) {
    const { entries, cursor, left_out }: Record<string, unknown> = await next;
    // Taken for an empty directory, it could make a sync remove everything.
    if (!Array.isArray(entries)) throw strange();
    count += entries.length;
    next = undefined;
    if (typeof cursor === "string") {
      if (seen.has(cursor) || entries.length === 0 || count > MAX_ENTRIES) {
        throw new ClientError(`Cannot list ${title}: the server's listing does not end`);
      }
      seen.add(cursor);
      next = ask(cursor); // the server looks up the next page while this one is used
    }
    yield entries.map(checkEntry);
    for (const one of Array.isArray(left_out) ? left_out : []) {
      const { name, reason } = one as Record<string, unknown>;
      const found = { name: String(name), reason: String(reason) };
      if (onLeftOut) onLeftOut(found);
      else leftOut.push(found);
    }
  }
  const [first] = leftOut;
  if (first !== undefined) throw new ClientError(`Cannot list all of ${title}: ${first.reason}`);
}

/** A directory whose entries the server could not list. */
export interface LeftOut {
  /** Path relative to the directory listed. */
  name: string;
  /** One sentence of the server's. */
  reason: string;
}

function checkEntry(value: unknown): ListEntry {
  const entry = (typeof value === "object" && value !== null ? value : {}) as ListEntry;
  const whole = typeof entry.name === "string" &&
    (entry.type === "directory" ||
      (entry.type === "file" && Number.isSafeInteger(entry.size) && entry.size >= 0));
  if (!whole) throw strange();
  if (typeof entry.hash !== "string") entry.hash = null;
  return entry;
}

function strange(): ClientError {
  return new ClientError("The server sent a listing that is not of this protocol");
}
