/** Merging of small pieces once an upload has ended: fewer objects, and fewer requests of readers. */
import { crc32 } from "node:zlib";
import { readSlices } from "../../common/slices.ts";
import { isStoreError } from "../../contract/error.ts";
import { endOf, objectsOf, type Piece, type PieceRow, piecesOf } from "../content/piece.ts";
import { PiecesContent } from "../content/pieces_content.ts";
import type { ClusterPlaces } from "../parts/places.ts";
import { noteOrphans, scan } from "./scan.ts";

/** Pieces below this many bytes are small. */
const SMALL_BYTES = 8 * 1024 * 1024;
/** Maximum bytes of a merged piece. */
const MERGED_BYTES = 16 * 1024 * 1024;
/** Uploads of one turn of the housekeeping. */
const MAX_SETTLED = 5_000;

/** Runs of adjacent small pieces, each of which makes one object. */
export function smallRuns(pieces: readonly Piece[]): Piece[][] {
  const runs: Piece[][] = [];
  let run: Piece[] = [];
  let bytes = 0;
  for (const piece of pieces) {
    const isSmall = piece.size < SMALL_BYTES;
    if (!isSmall || bytes + piece.size > MERGED_BYTES) {
      runs.push(run);
      [run, bytes] = [[], 0];
    }
    if (!isSmall) continue;
    run.push(piece);
    bytes += piece.size;
  }
  return [...runs, run].filter(({ length }) => length > 1);
}

/** Notes an upload that has become a file, where its objects are worth a look. */
export async function noteEnded(
  { database }: Pick<ClusterPlaces, "database">,
  { id, writer }: { readonly id: string; readonly writer: number },
  pieces: readonly Piece[],
): Promise<void> {
  if (writer === 1 && smallRuns(pieces).length === 0) return;
  await database.query((sql) => sql`INSERT INTO ended VALUES (${id}) ON CONFLICT DO NOTHING`);
}

/**
 * Looks through the objects of uploads that have ended: merges small pieces, and notes what killed
 * writers left behind. Those that end meanwhile are the next call's.
 *
 * @param most maximum number of uploads: other work waits meanwhile
 * @returns number of objects that were merged into others
 */
export async function settleEnded(
  places: ClusterPlaces,
  graceMs: number,
  most = MAX_SETTLED,
): Promise<number> {
  let merged = 0;
  const rows = await places.database.query((sql) =>
    sql`SELECT replace(content::text, '-', '') AS id FROM ended LIMIT ${most}`
  );
  for (const row of rows) {
    const id = row["id"] as string;
    merged += await mergeContent(places, id);
    for await (const page of scan(places, graceMs, [`content/${id}/`])) {
      await noteOrphans(places.database, page.filter(({ state }) => state === "orphan"));
    }
    await places.database.query((sql) => sql`DELETE FROM ended WHERE content = ${id}`);
  }
  return merged;
}

async function mergeContent(places: ClusterPlaces, id: string): Promise<number> {
  const [row] = await places.database.query((sql) => sql`SELECT content_pieces(${id}) AS pieces`);
  let merged = 0;
  for (const run of smallRuns(piecesOf(row!["pieces"] as PieceRow[]))) {
    if (await mergeRun(places, id, run)) merged += objectsOf(run).length;
  }
  return merged;
}

async function mergeRun(
  places: ClusterPlaces,
  id: string,
  run: readonly Piece[],
): Promise<boolean> {
  const { database, store, step } = places;
  const [{ start }] = run as [Piece];
  const end = endOf(run);
  const bytes = await readPieces(places, run);
  if (bytes === undefined) return false;
  const object = `content/${id}/m-${start}-${crypto.randomUUID().slice(0, 8)}`;
  await store.put(object, [bytes], { ifAbsent: true });
  await step?.("merge: content is stored");
  const piece = { start, size: end - start, object, crc: crc32(bytes) };
  const change = { content: id, to: end, objects: run.map(({ object }) => object), piece };
  const [row] = await database.repeat((sql) =>
    sql`SELECT segments_merge(${sql.json(change as never)}) AS merged`
  );
  await step?.("merge: noted");
  return row!["merged"] as boolean;
}

/** All bytes of pieces, compared with their checksums; undefined where they are damaged or missing. */
export async function readPieces(
  { store }: Pick<ClusterPlaces, "store">,
  pieces: readonly Piece[],
): Promise<Uint8Array | undefined> {
  let start = 0;
  const moved = pieces.map((piece) => {
    const at = { ...piece, start };
    start += piece.size;
    return at;
  });
  const content = new PiecesContent(store, moved, 0);
  const bytes = new Uint8Array(start);
  try {
    const read = await readSlices(content, start, (slice, offset) => bytes.set(slice, offset));
    return read === start ? bytes : undefined;
  } catch (error) {
    if (!isStoreError(error, "io", "checksum")) throw error;
    return undefined; // its readers get the error, and `verify` lists the file
  } finally {
    content.close();
  }
}
