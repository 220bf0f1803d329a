/** A tree as a ZIP archive, made while it is sent: it is stored nowhere, however large it is. */
import { crc32 } from "node:zlib";
import type { Download } from "../../../storage/transfer/download.ts";
import { isStoreError, StoreError } from "../../../storage/contract/error.ts";
import type { ReadableTree } from "../../../storage/people/link_visit.ts";
import { childOf, type VirtualPath } from "../../../storage/contract/path.ts";
import { Pace } from "../../../storage/common/slices.ts";
import type { ContentOptions } from "../request/content.ts";
import { LeftOut } from "./left_out.ts";
import { DirectoryNames } from "./names.ts";
import type { ZipEntry } from "./records.ts";
import { ZipWriter } from "./writer.ts";

/** Something that goes into an archive under its own name, with all that is below it. */
export interface ZipRoot {
  readonly path: VirtualPath;
  /** Name in the archive; empty: the content of the directory is at the archive's top. */
  readonly name: string;
  readonly directory: boolean;
  readonly mtimeMs: number;
}

/**
 * Files up to this size are read and verified before their entry begins, so that their CRC comes
 * before their content: programs that read an archive as a stream need that.
 */
const WHOLE_BYTES = 256 * 1024;
/** Bytes of a larger file that are read at once. */
const CHUNK_BYTES = 256 * 1024;

type Flow = Omit<ContentOptions, "headers">;
type Pieces = AsyncGenerator<Uint8Array<ArrayBuffer>>;

/** A directory that is still to come: where it is, and its name in the archive with a slash. */
interface Below {
  readonly path: VirtualPath;
  readonly prefix: string;
  readonly mtimeMs: number;
}

/**
 * Streams the archive's bytes as fast as they are read. A file that is missing or unreachable in
 * its turn is left out, and a text file in the archive lists it. A damaged or unreadable file ends
 * the stream with an error, so that the receiver sees that the archive is incomplete.
 */
export function zipStream(
  tree: ReadableTree,
  roots: readonly ZipRoot[],
  { ended, ...flow }: Flow = {},
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const pieces = new Archive(tree, flow).pieces(roots);
  return new ReadableStream({
    async pull(controller) {
      try {
        const { value, done } = await pieces.next();
        if (!done) return controller.enqueue(value);
        controller.close();
        ended?.();
      } catch (error) {
        ended?.();
        throw error;
      }
    },
    async cancel() {
      await pieces.return(undefined).catch(() => {}); // closes open files
      ended?.();
    },
  }, { highWaterMark: 0 });
}

class Archive {
  readonly #writer = new ZipWriter();
  readonly #leftOut = new LeftOut();
  readonly #pace = new Pace();
  readonly #top = new DirectoryNames();

  constructor(private readonly tree: ReadableTree, private readonly flow: Flow) {}

  async *pieces(roots: readonly ZipRoot[]): Pieces {
    for (const { path, name, directory, mtimeMs } of roots) {
      const given = name === "" || this.#top.takeAsIs(name) ? name : this.#top.takeNear(name);
      if (!directory) yield* this.#file(path, given, mtimeMs);
      else yield* this.#tree({ path, prefix: given === "" ? "" : `${given}/`, mtimeMs });
    }
    const note = this.#leftOut.text();
    if (note !== undefined) {
      const name = this.#top.takeNear(LeftOut.FILE_NAME);
      yield* this.#writer.whole(entryOf(name, Date.now(), note.length, crc32(note)), note);
    }
    yield* this.#writer.finish();
  }

  /** A directory with all that is below it: its files, then the directories in it. */
  async *#tree(root: Below): Pieces {
    const left = [root];
    for (let at = left.pop(); at !== undefined; at = left.pop()) {
      await this.#pace.turn(); // directories without files take time, too
      this.flow.signal?.throwIfAborted();
      if (at.prefix !== "") yield* this.#writer.whole(entryOf(at.prefix, at.mtimeMs, 0, 0));
      const below: Below[] = [];
      yield* this.#directory(at, below);
      while (below.length > 0) left.push(below.pop()!);
    }
  }

  async *#directory({ path, prefix }: Below, below: Below[]): Pieces {
    const names = prefix === "" ? this.#top : new DirectoryNames();
    const named = (given: string) => ({ prefix: `${prefix}${given}/` });
    /** Entries whose own name cannot be used: they yield to those whose own name it is. */
    const odd: { name: string; directory: boolean; mtimeMs: number }[] = [];
    try {
      for await (const batch of await this.tree.entries(path, { own: true })) {
        for (const { name, type, mtimeMs } of batch) {
          const directory = type === "directory";
          if (!names.takeAsIs(name)) odd.push({ name, directory, mtimeMs });
          else if (directory) below.push({ path: childOf(path, name), ...named(name), mtimeMs });
          else yield* this.#file(childOf(path, name), prefix + name, mtimeMs);
        }
      }
    } catch (error) {
      if (!isStoreError(error, "not-found", "not-directory", "bad-name")) throw error;
      this.#leftOut.add(prefix, error); // removed meanwhile, or reached by no call
    }
    for (const { name, directory, mtimeMs } of odd) {
      const given = names.takeNear(name);
      if (directory) below.push({ path: childOf(path, name), ...named(given), mtimeMs });
      else yield* this.#file(childOf(path, name), prefix + given, mtimeMs);
    }
  }

  async *#file(path: VirtualPath, name: string, mtimeMs: number): Pieces {
    await this.#pace.turn();
    this.flow.signal?.throwIfAborted();
    let download: Download;
    try {
      download = await this.tree.download(path);
    } catch (error) {
      return this.#leaveOut(name, error);
    }
    try {
      const { size } = download.record;
      if (size <= WHOLE_BYTES) yield* this.#whole(download, name, mtimeMs);
      else yield* this.#chunks(download, entryOf(name, mtimeMs, size, undefined));
    } finally {
      download.close(); // also where the archive is not taken to its end
    }
  }

  async *#whole(download: Download, name: string, mtimeMs: number): Pieces {
    const content = new Uint8Array(download.record.size);
    if (content.length > 0) await this.#read(download, content, 0);
    await download.finish();
    yield* this.#writer.whole(entryOf(name, mtimeMs, content.length, crc32(content)), content);
  }

  async *#chunks(download: Download, entry: ZipEntry): Pieces {
    yield* this.#writer.begin(entry);
    let crc = 0;
    for (let at = 0; at < entry.size;) {
      const most = Math.min(CHUNK_BYTES, this.flow.pieceBytes?.() ?? Infinity);
      const chunk = new Uint8Array(Math.min(most, entry.size - at));
      await this.#read(download, chunk, at);
      crc = crc32(chunk, crc);
      at += chunk.length;
      if (at === entry.size) await download.finish(); // verified before its last bytes are sent
      yield* this.#writer.content(chunk);
    }
    yield* this.#writer.end(entry, crc);
  }

  async #read(download: Download, into: Uint8Array, at: number): Promise<void> {
    this.flow.signal?.throwIfAborted();
    await this.flow.pace?.(into.length);
    const count = await download.read(into, at);
    if (count < into.length) throw new StoreError("io", "The file is shorter than it was");
  }

  /** Lists a missing or unreachable file. @throws the error, where it is of another kind: damage */
  #leaveOut(name: string, error: unknown): void {
    const gone = isStoreError(error, "not-found", "not-directory", "is-directory");
    if (!gone && !isStoreError(error, "denied", "bad-name")) throw error;
    this.#leftOut.add(name, error);
  }
}

const encoder = new TextEncoder();

function entryOf<C extends number | undefined>(
  name: string,
  mtimeMs: number,
  size: number,
  crc: C,
): ZipEntry & { crc: C } {
  return { name: encoder.encode(name), directory: name.endsWith("/"), mtimeMs, size, crc };
}
