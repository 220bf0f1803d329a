/** Content as pieces of immutable objects. */

/** Bytes of content that are in one object. */
export interface Piece {
  /** Offset in the content. */
  readonly start: number;
  /** Bytes. */
  readonly size: number;
  /** Key of the object. */
  readonly object: string;
  /** Offset in the object. */
  readonly from: number;
  /** CRC-32 (RFC 1952) of these bytes; undefined where a cut left none. */
  readonly crc?: number | undefined;
  /** SHA-256 in hex of the content up to the end of this piece, where that is recorded. */
  readonly hash?: string | undefined;
}

/** A piece as the database lists it, in order: size, object, offset in the object, CRC-32, hash. */
export type PieceRow = readonly [
  size: number,
  object: string,
  from: number,
  crc: number | null,
  hash?: string | null,
];

/** Pieces from their rows. */
export function piecesOf(rows: readonly PieceRow[]): Piece[] {
  let start = 0;
  return rows.map(([size, object, from, crc, hash]) => {
    const piece = { start, size, object, from, crc: crc ?? undefined, hash: hash ?? undefined };
    start += size;
    return piece;
  });
}

/** Offset behind the last byte of pieces. */
export function endOf(pieces: readonly Piece[]): number {
  const last = pieces.at(-1);
  return last === undefined ? 0 : last.start + last.size;
}

/** The pieces of a range of content. A piece that is cut has no checksums. */
export function slicePieces(pieces: readonly Piece[], from: number, to: number): Piece[] {
  return pieces
    .filter(({ start, size }) => start < to && start + size > from)
    .map((piece) => {
      const end = piece.start + piece.size;
      if (piece.start >= from && end <= to) return piece;
      const start = Math.max(piece.start, from);
      const { object } = piece;
      const offset = piece.from + start - piece.start;
      const hash = end <= to ? piece.hash : undefined;
      return { start, size: Math.min(end, to) - start, object, from: offset, hash };
    });
}

/** Keys of the objects of pieces, each once. */
export function objectsOf(pieces: readonly Piece[]): string[] {
  return [...new Set(pieces.map(({ object }) => object))];
}
