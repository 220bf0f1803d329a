import type { DatabaseSync } from "node:sqlite";

/**
 * Watches a database for commits of other connections: this process's other workers, and other
 * processes. It costs one read, whatever was changed.
 *
 * @returns a function that tells whether there were any since its last call
 */
export function changesByOthers(database: DatabaseSync): () => boolean {
  // Commits of the connection itself leave it as it is (https://sqlite.org/pragma.html).
  const statement = database.prepare("PRAGMA data_version");
  let known: unknown;
  return () => {
    try {
      const before = known;
      known = statement.get()?.data_version;
      return known !== before;
    } catch {
      return true; // what is read next reports the reason
    }
  };
}
