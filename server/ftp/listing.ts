/** What `LIST`, `NLST`, `MLSD` and `STAT` list: entries of a directory, a file, or a pattern. */
import { isStoreError } from "../../storage/error.ts";
import type { FileInfo } from "../../storage/seen_tree.ts";
import type { Context } from "./context.ts";
import { formatListTime } from "./time.ts";
import { compileWildcard, hasWildcard } from "./wildcard.ts";

/** Entries asked of the vault at once. */
const PAGE = 10_000;

/** What is listed. */
export interface Item {
  readonly info: FileInfo;
  /** As the client is to write it. */
  readonly name: string;
}

/** A listing that is known to be allowed; its entries come page by page. */
export interface Listing {
  readonly kind: "directory" | "file" | "pattern";
  /** The directory whose entries these are, as an absolute path. */
  readonly directory: string;
  items(): AsyncGenerator<Item>;
}

/** Options of `ls` and what they are for: `-la dir`; those that change nothing are passed over. */
export function splitOptions(argument: string): { recursive: boolean; path: string } {
  const match = /^((?:-[A-Za-z1]+(?: +|$))*)(.*)$/s.exec(argument.trimStart());
  return { recursive: /R/.test(match?.[1] ?? ""), path: match?.[2] ?? "" };
}

/**
 * Begins a listing.
 *
 * @param text what the client wrote: a path, its last part perhaps a pattern; empty: the current
 * directory
 * @throws {StoreError} where there is nothing of that name, or it may not be seen
 */
export async function openListing(
  context: Context,
  text: string,
  recursive = false,
): Promise<Listing> {
  const path = context.resolve(text || ".");
  const slash = text.lastIndexOf("/");
  if (hasWildcard(text.slice(slash + 1))) {
    const literal = await describeIfThere(context, path);
    if (literal === undefined) return await openPattern(context, text, slash);
  }
  const info = await context.view.describe(path);
  if (info.type === "file") {
    return {
      kind: "file",
      directory: path.slice(0, path.lastIndexOf("/")) || "/",
      async *items() {
        yield { info, name: text };
      },
    };
  }
  return await openDirectory(context, path, recursive);
}

async function openDirectory(
  context: Context,
  directory: string,
  recursive: boolean,
): Promise<Listing> {
  const options = { limit: PAGE, recursive };
  const first = await context.view.list(directory, options);
  return {
    kind: "directory",
    directory,
    async *items() {
      let page = first;
      while (true) {
        for (const info of page.entries) yield { info, name: info.name };
        if (page.cursor === undefined) return;
        page = await context.view.list(directory, { ...options, cursor: page.cursor });
      }
    },
  };
}

async function openPattern(context: Context, text: string, slash: number): Promise<Listing> {
  const prefix = text.slice(0, slash + 1);
  const matches = compileWildcard(text.slice(slash + 1).normalize("NFC"));
  const { directory, items } = await openDirectory(context, context.resolve(prefix || "."), false);
  return {
    kind: "pattern",
    directory,
    async *items() {
      for await (const { info, name } of items()) {
        if (matches(name)) yield { info, name: prefix + name };
      }
    },
  };
}

async function describeIfThere(context: Context, path: string): Promise<FileInfo | undefined> {
  try {
    return await context.view.describe(path);
  } catch (error) {
    if (isStoreError(error, "not-found", "not-directory", "bad-name")) return undefined;
    throw error;
  }
}

/** A line as `ls -l` writes it. Owner and group are the account: there is nobody else to show. */
export function longLine({ info, name }: Item, account: string, nowMs: number): string {
  const mode = info.type === "directory" ? "drwx------" : "-rw-------";
  const size = String(info.size).padStart(12);
  const owner = account.padEnd(8);
  return `${mode} 1 ${owner} ${owner} ${size} ${formatListTime(info.mtimeMs, nowMs)} ${name}`;
}

/**
 * The blocks of `ls -R`: for each directory a heading and its entries, which `line` writes.
 *
 * @param top how the first directory is called
 */
export async function* recursiveLines(
  listing: Listing,
  top: string,
  line: (item: Item) => string,
): AsyncGenerator<string> {
  const blocks = new Map<string, string[]>([["", []]]);
  for await (const { info } of listing.items()) {
    const slash = info.name.lastIndexOf("/");
    const parent = info.name.slice(0, Math.max(0, slash));
    const name = info.name.slice(slash + 1);
    if (!blocks.has(parent)) blocks.set(parent, []);
    blocks.get(parent)!.push(line({ info, name }));
    if (info.type === "directory" && !blocks.has(info.name)) blocks.set(info.name, []);
  }
  let first = true;
  for (const [directory, lines] of [...blocks].sort(([a], [b]) => a < b ? -1 : 1)) {
    if (!first) yield "";
    first = false;
    yield directory === "" ? `${top}:` : `${top}/${directory}:`;
    yield* lines;
  }
}
