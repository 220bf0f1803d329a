/** Unpacks a backup into a directory beside what it is to become. */
import { Buffer } from "node:buffer";
import { createHash, type Hash } from "node:crypto";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { extract } from "tar-stream";
import { PLACES } from "../../data_directory.ts";
import { failure } from "../../options/error.ts";
import { isLeftOut, MANIFEST, type ManifestLine, readManifest } from "./manifest.ts";
import { objectPlace, SNAPSHOTS } from "./object_store.ts";
import { SMALL_FILES } from "./tar_backup.ts";

/** What a backup held. */
export interface Unpacked {
  /** What it holds of the accounts' files; undefined where it was made without them. */
  manifest: ManifestLine[] | undefined;
  /** Files that are not as the backup lists them: not there, or with other content. */
  damaged: string[];
}

/** What comes out of a tar. */
interface TarEntry extends AsyncIterable<Uint8Array> {
  header: { name: string; type: string };
}

const ACCOUNT_FILE = /^users\/[^/]+\/[^/]+\/files(\/|$)/;

/**
 * Unpacks a tar, or the latest snapshot of a directory, or one of its snapshots. Files have mode 600,
 * directories 700, until {@linkcode applyManifest}.
 *
 * @throws {ExitError} where it is no backup
 */
export async function unpack(from: string, into: string): Promise<Unpacked> {
  const snapshot = snapshotOf(from);
  const hashes = new Map<string, string>();
  if (snapshot === undefined) await unpackTar(from, into, hashes);
  else copySmall(snapshot, into);
  if (!isFile(join(into, PLACES.catalog))) throw failure(`${from} is no backup: it has no catalog`);
  const list = join(into, MANIFEST);
  const manifest = isFile(list) ? readManifest(Deno.readTextFileSync(list)) : undefined;
  const damaged: string[] = [];
  for (const line of manifest ?? []) {
    if (isLeftOut(line)) {
      hashes.delete(line.name);
      removeFile(join(into, line.name)); // what came of it is not all of it
      continue;
    }
    assertKnown(line.name);
    if (line.type === "directory") {
      Deno.mkdirSync(join(into, line.name), { recursive: true, mode: 0o700 });
      continue;
    }
    if (snapshot !== undefined) {
      const object = objectPlace(join(snapshot, "..", ".."), line.sha256 ?? "");
      const hash = copyHashed(object, join(into, line.name));
      if (hash !== undefined) hashes.set(line.name, hash);
    }
    if (hashes.get(line.name) !== line.sha256) damaged.push(line.name);
  }
  removeFile(list);
  return { manifest, damaged };
}

/** Gives what was unpacked its modes and times. */
export function applyManifest(into: string, manifest: readonly ManifestLine[]): void {
  // Directories last, and from within: making what is in them changed their times.
  for (const line of manifest.toReversed()) {
    if (isLeftOut(line)) continue;
    const path = join(into, line.name);
    try {
      Deno.utimeSync(path, line.mtimeMs / 1000, line.mtimeMs / 1000);
      Deno.chmodSync(path, line.mode & 0o777);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

function snapshotOf(from: string): string | undefined {
  if (isFile(from)) return undefined;
  if (isFile(join(from, PLACES.catalog))) return from;
  try {
    const names = [...Deno.readDirSync(join(from, SNAPSHOTS))].map(({ name }) => name).sort();
    const latest = names.at(-1);
    if (latest !== undefined) return join(from, SNAPSHOTS, latest);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  throw failure(`${from} is no backup: neither a tar nor a directory of snapshots`);
}

async function unpackTar(from: string, into: string, hashes: Map<string, string>): Promise<void> {
  using file = Deno.openSync(from);
  const reader = extract() as unknown as AsyncIterable<TarEntry> & NodeJS.WritableStream;
  const reading = Readable.from(piecesOf(file));
  reading.on("error", (error) => (reader as unknown as Readable).destroy(error));
  reading.pipe(reader);
  for await (const entry of reader) {
    const name = entry.header.name.replace(/\/$/, "");
    assertKnown(name);
    const place = join(into, name);
    if (entry.header.type === "directory") {
      Deno.mkdirSync(place, { recursive: true, mode: 0o700 });
      for await (const _ of entry);
    } else if (entry.header.type === "file") {
      hashes.set(name, await writeHashed(place, entry));
    } else {throw failure(
        `${from} is no backup of this program: "${name}" is neither file nor directory`,
      );}
  }
}

function* piecesOf(file: Deno.FsFile): Generator<Uint8Array> {
  while (true) {
    const piece = new Uint8Array(256 * 1024);
    const count = file.readSync(piece);
    if (count === null) return;
    yield piece.subarray(0, count);
  }
}

/** Nothing in a backup is put anywhere else. @throws {ExitError} */
function assertKnown(name: string): void {
  const known = name === PLACES.catalog || name === MANIFEST || SMALL_FILES.includes(name) ||
    name === PLACES.tls || ACCOUNT_FILE.test(name);
  if (known && !name.split("/").some((part) => part === "" || part === "." || part === "..")) {
    return;
  }
  throw failure(`It is no backup of this program: it holds ${JSON.stringify(name)}`);
}

function copySmall(snapshot: string, into: string): void {
  for (const name of [PLACES.catalog, MANIFEST, ...SMALL_FILES]) {
    copyHashed(join(snapshot, name), join(into, name));
  }
}

/** @returns its SHA-256, or undefined where there is no such file */
function copyHashed(from: string, to: string): string | undefined {
  if (!isFile(from)) return undefined;
  using source = Deno.openSync(from);
  using file = create(to);
  const hash = createHash("sha256");
  for (const piece of piecesOf(source)) put(file, piece, hash);
  endHole(file);
  return hash.digest("hex");
}

async function writeHashed(to: string, pieces: AsyncIterable<Uint8Array>): Promise<string> {
  using file = create(to);
  const hash = createHash("sha256");
  for await (const piece of pieces) put(file, piece, hash);
  endHole(file);
  return hash.digest("hex");
}

function create(path: string): Deno.FsFile {
  Deno.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  return Deno.openSync(path, { write: true, create: true, truncate: true, mode: 0o600 });
}

const ZEROS = new Uint8Array(256 * 1024);

/** Adds bytes to a file. Zeros become a hole, as they were in a sparse file. */
function put(file: Deno.FsFile, piece: Uint8Array, hash: Hash): void {
  hash.update(piece);
  if (Buffer.compare(piece, ZEROS.subarray(0, piece.length)) === 0) {
    file.seekSync(piece.length, Deno.SeekMode.Current);
    return;
  }
  for (let at = 0; at < piece.length;) at += file.writeSync(piece.subarray(at));
}

/** Gives a file that ends with a hole its size. */
function endHole(file: Deno.FsFile): void {
  file.truncateSync(file.seekSync(0, Deno.SeekMode.Current));
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function removeFile(path: string): void {
  if (isFile(path)) Deno.removeSync(path);
}
