import { nameOf, parentOf, type VirtualPath } from "../../../contract/path.ts";
import type { Grants } from "../accounts/grants.ts";
import type { Connection } from "../connection/connection.ts";

/** Records of the catalog at and below a path. */
export interface Held {
  /** Bytes of the file recorded at the path; undefined where none is. */
  readonly size: number | undefined;
  /** Whether files are recorded below it. */
  readonly filesBelow: boolean;
  /** Whether unfinished uploads lead below it. */
  readonly uploadsBelow: boolean;
  /** Those that have anything at or below it. */
  readonly grants: readonly Grants[];
}

/**
 * Finds in one statement which tables have rows at and below a path. Most files have only their own
 * record, and statements on every table take longer than all the rest of a rename.
 */
export class Holdings {
  readonly #grants: readonly Grants[];
  readonly #look;

  constructor(connection: Connection, grants: readonly Grants[]) {
    this.#grants = grants.filter((grants) => grants.atPath !== undefined);
    const below = "owner = ?1 AND directory >= ?2 || '/' AND directory < ?2 || '0'";
    const queries = [
      "SELECT 1 FROM files WHERE owner = ?1 AND directory = ?2",
      `SELECT 1 FROM files WHERE ${below}`,
      "SELECT 1 FROM uploads WHERE owner = ?1 AND path > ?2 || '/' AND path < ?2 || '0'",
      ...this.#grants.map(({ atPath }) => atPath!),
    ];
    this.#look = connection.prepareArrays(
      `SELECT (SELECT size FROM files WHERE owner = ?1 AND directory = ?3 AND name = ?4),
      ${queries.map((query) => `EXISTS (${query})`).join(", ")}`,
    );
  }

  /** Within a transaction: what is at and below a path, which is not the root. */
  at(owner: string, path: VirtualPath): Held {
    const row = this.#look.get(owner, path, parentOf(path), nameOf(path));
    const [size, inside, deeper, uploads, ...granted] = row as unknown as (number | null)[];
    return {
      size: size ?? undefined,
      filesBelow: inside === 1 || deeper === 1,
      uploadsBelow: uploads === 1,
      grants: this.#grants.filter((_, index) => granted[index] === 1),
    };
  }
}
