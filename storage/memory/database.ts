import { yieldTurn } from "../common/slices.ts";
import { StoreError } from "../contract/error.ts";
import { ObjectStore } from "./object_store.ts";
import { UndoLog } from "./accounts/table.ts";
import { MemoryTables } from "./tables.ts";
import type { Run } from "./accounts/tokens.ts";

/** A database and an object store in memory, which several engines can have open at once. */
export class MemoryDatabase {
  readonly #undo = new UndoLog();
  readonly tables = new MemoryTables(this.#undo);
  readonly objects = new ObjectStore();
  /** Open readers of each object. */
  readonly readers = new Map<string, number>();
  #starts = 0;

  /** Loses power: changes that were not durable are gone, and no engine that was open goes on. */
  crash(): void {
    this.#starts++;
    this.#undo.revert();
    this.readers.clear();
  }

  /** Transactions of one engine. A transaction that throws is rolled back. */
  connect(): Run {
    const start = this.#starts;
    return async (durable, work) => {
      await yieldTurn();
      if (start !== this.#starts) throw new StoreError("io", "The power was lost");
      const { mark } = this.#undo;
      try {
        const result = work();
        if (durable) this.#undo.forget();
        return result;
      } catch (error) {
        this.#undo.revert(mark);
        throw error;
      } finally {
        await yieldTurn();
      }
    };
  }
}
