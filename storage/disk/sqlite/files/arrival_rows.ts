import { BoundedMap } from "../../../../common/bounded_map.ts";
import { nameOf, parentOf, type VirtualPath } from "../../../contract/path.ts";
import type { Connection } from "../connection/connection.ts";

/** Removals that are remembered: more than are made while one upload is being finished. */
const MAX_REMOVALS = 8192;
/** Removals after which the oldest are forgotten. */
const FORGET_EVERY = 1024;

/**
 * When files and removals arrived (arrivals.ts), within transactions that the catalog opens.
 *
 * A removal concerns uploads that have arrived and are not published. These are in the memory of
 * their workers: after a restart they arrive anew. So a worker that publishes all of them itself
 * notes removals in its own memory, which spares each removal a page of the catalog.
 */
export class ArrivalRows {
  readonly #sql;
  #removals = 0;
  readonly #own = new BoundedMap<string, number>({ max: MAX_REMOVALS });

  constructor(private readonly connection: Connection) {
    this.#sql = {
      file: connection.prepare(
        "SELECT arrival FROM files WHERE owner = ? AND directory = ? AND name = ?",
      ),
      removal: connection.prepare("SELECT arrival FROM removals WHERE owner = ? AND path = ?"),
      note: connection.prepare("INSERT OR REPLACE INTO removals VALUES (?, ?, ?)"),
      forget: connection.prepare(
        `DELETE FROM removals WHERE arrival <=
          (SELECT arrival FROM removals ORDER BY arrival DESC LIMIT 1 OFFSET ${MAX_REMOVALS})`,
      ),
    };
  }

  /** Notes that what is at and below a path is removed. */
  noteRemoval(owner: string, path: VirtualPath, arrival: number): void {
    if (this.connection.alone) {
      return this.connection.afterCommit(() => this.#own.set(owner + path, arrival));
    }
    this.#sql.note.run(owner, path, arrival);
    if (++this.#removals % FORGET_EVERY === 0) this.#sql.forget.run();
  }

  /** Whether what is recorded at a path arrived after a number was taken, or its removal did. */
  isLater(owner: string, path: VirtualPath, arrival: number): boolean {
    const there = this.#sql.file.get(owner, parentOf(path), nameOf(path))?.arrival;
    if (there !== undefined) return (there as number) > arrival;
    for (let at = path; at !== "/"; at = parentOf(at)) {
      const removed = this.#sql.removal.get(owner, at)?.arrival as number | undefined;
      if (Math.max(removed ?? 0, this.#own.get(owner + at) ?? 0) > arrival) return true;
    }
    return false;
  }
}
