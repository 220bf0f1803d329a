/** Unpacks a backup in one tar. */
import { join } from "@std/path";
import { Readable } from "node:stream";
import { extract } from "tar-stream";
import { failure, messageOf } from "../../options/error.ts";
import { assertKnown } from "./known_names.ts";
import { piecesOf, SparseFile } from "./sparse_file.ts";

/** An entry of a tar. */
interface TarEntry extends AsyncIterable<Uint8Array> {
  header: { name: string; type: string };
}

/**
 * Unpacks a tar.
 *
 * @returns SHA-256 of each file by name
 * @throws {ExitError} where it is no backup
 */
export async function unpackTar(from: string, into: string): Promise<Map<string, string>> {
  using file = Deno.openSync(from);
  const reader = extract() as unknown as AsyncIterable<TarEntry> & NodeJS.WritableStream;
  const reading = Readable.from(piecesOf(file));
  reading.on("error", (error) => (reader as unknown as Readable).destroy(error));
  reading.pipe(reader);
  const hashes = new Map<string, string>();
  try {
    for await (const entry of reader) await unpackEntry(entry, into, hashes);
  } catch (error) {
    throw tarFault(error, from);
  }
  return hashes;
}

async function unpackEntry(
  entry: TarEntry,
  into: string,
  hashes: Map<string, string>,
): Promise<void> {
  const { type } = entry.header;
  const name = entry.header.name.replace(/\/$/, "");
  assertKnown(name);
  const place = join(into, name);
  if (type === "directory") {
    Deno.mkdirSync(place, { recursive: true, mode: 0o700 });
    for await (const _ of entry);
  } else if (type === "file") {
    using file = new SparseFile(place);
    for await (const piece of entry) file.write(piece);
    hashes.set(name, file.finish());
  } else {
    throw failure(`It is no backup of this program: "${name}" is neither file nor directory`);
  }
}

/** Describes the fault of a tar that the reader refuses. */
function tarFault(error: unknown, from: string): unknown {
  const text = messageOf(error);
  if (/Unexpected end of data/.test(text)) {
    return failure(
      `${from} is no whole backup: it ends too early; take one that was not cut`,
      error,
    );
  }
  if (/Invalid tar header/.test(text)) {
    return failure(
      `${from} is no tar, or it is damaged: unpack it first if it is compressed (gunzip)`,
      error,
    );
  }
  return error;
}
