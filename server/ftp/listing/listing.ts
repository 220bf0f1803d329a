/** Listings of `LIST`, `NLST`, `MLSD` and `STAT`: entries of a directory, a file, or a pattern. */
import { isStoreError } from "../../../storage/contract/error.ts";
import { SHARED } from "../../../storage/contract/path.ts";
import { PASSED_OVER } from "../../../storage/tree/walk.ts";
import type { Pending } from "../../../storage/transfer/pending.ts";
import type { FileInfo } from "../../../storage/tree/seen_tree.ts";
import { Pace } from "../../../storage/common/slices.ts";
import type { Context } from "../context/context.ts";
import { modeOf } from "../context/facts.ts";
import { spelledName } from "./spelling.ts";
import { formatListTime } from "./time.ts";
import { compileWildcard, hasWildcard } from "./wildcard.ts";

/** An entry of a listing. */
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

/**
 * Splits the options of `ls` from their path: `-la dir`; options without an effect are ignored. One
 * space ends an option: a name may begin with further ones.
 */
export function splitOptions(argument: string): { recursive: boolean; path: string } {
  if (/^ *$/.test(argument)) return { recursive: false, path: "" };
  const match = /^( *-[A-Za-z1]+(?: +-[A-Za-z1]+)*)(?: (.*)|)$/s.exec(argument);
  if (match === null) return { recursive: false, path: argument };
  const [, options = "", path = ""] = match;
  return { recursive: options.includes("R"), path: /^ *$/.test(path) ? "" : path };
}

/**
 * Begins a listing.
 *
 * @param text argument of the client: a path whose last part may be a pattern; empty: the current
 * directory
 * @throws {StoreError} where the path does not exist or may not be seen
 */
export async function openListing(
  context: Context,
  text: string,
): Promise<Listing> {
  const path = context.resolve(text || ".");
  const slash = text.lastIndexOf("/");
  if (hasWildcard(text.slice(slash + 1))) {
    const literal = await describeIfThere(context, path);
    if (literal === undefined) return await openPattern(context, text, slash);
  }
  const info = await describeNow(context, path);
  if (info.type === "file") {
    return {
      kind: "file",
      directory: path.slice(0, path.lastIndexOf("/")) || "/",
      async *items() {
        yield { info, name: text };
      },
    };
  }
  return await openDirectory(context, path);
}

async function openDirectory(context: Context, directory: string): Promise<Listing> {
  const entries = await context.view.tree.entries(directory);
  const pending = await context.view.transfers.pendingIn(directory);
  return {
    kind: "directory",
    directory,
    async *items() {
      for await (const batch of entries) {
        for (const info of batch) {
          yield { info: withPending(info, pending.get(info.name)), name: spelledName(info) };
        }
      }
    },
  };
}

async function openPattern(context: Context, text: string, slash: number): Promise<Listing> {
  const prefix = text.slice(0, slash + 1);
  const matches = compileWildcard(text.slice(slash + 1).normalize("NFC"));
  const { directory, items } = await openDirectory(context, context.resolve(prefix || "."));
  return {
    kind: "pattern",
    directory,
    async *items() {
      const pace = new Pace();
      for await (const { info, name } of items()) {
        await pace.turn();
        if (matches(info.name)) yield { info, name: prefix + name };
      }
    },
  };
}

/** Describes one path, the same for every command of this door (FTP). */
export async function describeNow(context: Context, path: string): Promise<FileInfo> {
  const info = await context.view.tree.describe(path);
  return info.type === "file" ? withPending(info, await pendingOf(context, path)) : info;
}

/** Finds the unfinished upload of a path; see storage/transfer/pending.ts. */
export function pendingOf(context: Context, path: string): Promise<Pending | undefined> {
  return context.view.transfers.pendingFor(path);
}

/** Describes a file whose unfinished upload is listed in its place. */
function withPending(info: FileInfo, pending: Pending | undefined): FileInfo {
  if (pending === undefined || info.type !== "file") return info;
  return { ...info, size: pending.offset, mtimeMs: pending.record.updatedMs, hash: null };
}

async function describeIfThere(context: Context, path: string): Promise<FileInfo | undefined> {
  try {
    return await context.view.tree.describe(path);
  } catch (error) {
    if (isStoreError(error, "not-found", "not-directory", "bad-name")) return undefined;
    throw error;
  }
}

/** Formats a line as `ls -l` writes it. Owner and group are always the account. */
export function longLine({ info, name }: Item, account: string, nowMs: number): string {
  const bits = modeOf(info);
  const mode = (info.type === "directory" ? "d" : "-") +
    [..."rwxrwxrwx"].map((letter, index) => bits & (0o400 >> index) ? letter : "-").join("");
  const size = String(info.size).padStart(12);
  const owner = account.padEnd(8);
  return `${mode} 1 ${owner} ${owner} ${size} ${formatListTime(info.mtimeMs, nowMs)} ${name}`;
}

/**
 * Yields the blocks of `ls -R`: for each directory a heading and its entries, formatted by `line`.
 * Holds only the names of the directories that follow.
 *
 * @param top name of the first directory
 */
export async function* recursiveLines(
  context: Context,
  listing: Listing,
  top: string,
  line: (item: Item) => string,
): AsyncGenerator<string> {
  const left: string[] = [];
  let below: string | undefined = "";
  for (; below !== undefined; below = left.pop()) {
    const opened = below === "" ? listing : await openBelow(context, listing, below);
    if (opened === undefined) continue;
    if (below !== "") yield "";
    yield below === "" ? `${top}:` : `${top}/${below}:`;
    const directories: string[] = [];
    for await (const item of opened.items()) {
      yield line(item);
      const { name, info } = item; // the name as it is spelled, as the line has it
      // Shares of others are not part of the account's own tree.
      const shares = opened.directory === "/" && info.name === SHARED;
      if (info.type === "directory" && !shares) {
        directories.push(below === "" ? name : `${below}/${name}`);
      }
    }
    while (directories.length > 0) left.push(directories.pop()!);
  }
}

/** A directory that was found below another; undefined where it has gone, or cannot be listed. */
async function openBelow(
  context: Context,
  listing: Listing,
  below: string,
): Promise<Listing | undefined> {
  try {
    const { directory } = listing;
    return await openDirectory(context, directory === "/" ? `/${below}` : `${directory}/${below}`);
  } catch (error) {
    if (isStoreError(error, ...PASSED_OVER)) return undefined;
    throw error;
  }
}
