/** A tree as a ZIP archive, made while it is sent: nothing of it is kept, however large it is. */
import { makeZip } from "client-zip";
import { isStoreError } from "../../storage/error.ts";
import type { ReadableTree } from "../../storage/link_visit.ts";
import { childOf, nameOf, type VirtualPath } from "../../storage/path.ts";
import { type ContentOptions, streamOf } from "./content.ts";

/** Something that goes into an archive under its own name, with all that is below it. */
export interface ZipRoot {
  readonly path: VirtualPath;
  /** Name in the archive; empty: what is in it stands at the archive's top. */
  readonly name: string;
  readonly directory: boolean;
  readonly mtimeMs: number;
}

/** Names listed at a time. */
const PAGE = 1000;
/** The first year that an archive can tell. */
const EARLIEST_MS = Date.UTC(1980, 0, 2);
const LATEST_MS = Date.UTC(2107, 0, 1);

type Flow = Omit<ContentOptions, "headers">;

interface Entry {
  name: string;
  lastModified: Date;
  input?: ReadableStream<Uint8Array<ArrayBuffer>>;
}

/**
 * The archive's bytes, as fast as they are taken. Where something cannot be read to its end the
 * stream fails, so that what came is no whole archive.
 */
export function zipStream(
  tree: ReadableTree,
  roots: readonly ZipRoot[],
  { ended, ...flow }: Flow = {},
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = makeZip(entriesOf(tree, roots, flow)).getReader();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { value, done } = await reader.read();
        if (!done) return controller.enqueue(value as Uint8Array<ArrayBuffer>);
        controller.close();
        ended?.();
      } catch (error) {
        ended?.();
        throw error;
      }
    },
    async cancel(reason) {
      // The package ends its work by a rejection with the reason, which says nothing new.
      await reader.cancel(reason).catch(() => {});
      ended?.();
    },
  }, { highWaterMark: 0 });
}

async function* entriesOf(
  tree: ReadableTree,
  roots: readonly ZipRoot[],
  options: Flow,
): AsyncGenerator<Entry> {
  for (const { path, name, directory, mtimeMs } of roots) {
    if (!directory) {
      yield* fileEntry(tree, path, name, mtimeMs, options);
      continue;
    }
    if (name !== "") yield { name: entryName(name) + "/", lastModified: dateOf(mtimeMs) };
    for await (const entry of below(tree, path)) {
      const at = childOf(path, entry.name);
      const inside = name === "" ? entry.name : `${name}/${entry.name}`;
      if (entry.type === "file") yield* fileEntry(tree, at, inside, entry.mtimeMs, options);
      else yield { name: entryName(inside) + "/", lastModified: dateOf(entry.mtimeMs) };
    }
  }
}

async function* below(tree: ReadableTree, path: VirtualPath) {
  let cursor: string | undefined;
  do {
    const page = await tree.list(path, {
      recursive: true,
      limit: PAGE,
      ...(cursor !== undefined && { cursor }),
    });
    // What others share is no part of the account's own tree.
    yield* page.entries.filter(({ name }) => path !== "/" || name !== "shared");
    cursor = page.cursor;
  } while (cursor !== undefined);
}

async function* fileEntry(
  tree: ReadableTree,
  path: VirtualPath,
  name: string,
  mtimeMs: number,
  options: Flow,
): AsyncGenerator<Entry> {
  let download;
  try {
    download = await tree.download(path);
  } catch (error) {
    // Removed since it was listed; or put there by hand, under a name that no path can have.
    if (isStoreError(error, "not-found", "bad-name")) return;
    throw error;
  }
  try {
    const input = streamOf(download, { start: 0, end: download.record.size }, options);
    yield { name: entryName(name), lastModified: dateOf(mtimeMs), input };
  } finally {
    download.close(); // also where nobody wants the rest
  }
}

/** A name that stays below where it is unpacked, on any system. */
export function entryName(name: string): string {
  return name.split("/")
    // deno-lint-ignore no-control-regex
    .map((segment) => segment.replace(/[\u0000-\u001f\u007f\\]/g, "_"))
    .map((segment) => /^\.{1,2}$/.test(segment) ? "_" : segment.replace(/^([A-Za-z]):/, "$1_"))
    .filter((segment) => segment !== "")
    .join("/");
}

/** The name of the archive of a directory. */
export function archiveName(path: VirtualPath): string {
  return `${nameOf(path) || "files"}.zip`;
}

function dateOf(mtimeMs: number): Date {
  return new Date(Math.min(LATEST_MS, Math.max(EARLIEST_MS, mtimeMs)));
}
