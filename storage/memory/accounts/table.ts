/** Steps back to the last durable state. */
export class UndoLog {
  readonly #steps: (() => void)[] = [];

  add(step: () => void): void {
    this.#steps.push(step);
  }

  /** A place to which {@linkcode UndoLog.revert} can go back. */
  get mark(): number {
    return this.#steps.length;
  }

  /** All of it is durable: there is no way back. */
  forget(): void {
    this.#steps.length = 0;
  }

  /** Goes back to a mark, or to the last durable state. */
  revert(mark = 0): void {
    while (this.#steps.length > mark) this.#steps.pop()!();
  }
}

/** A table in memory whose changes can be undone. Rows are never changed in place. */
export class Table<Row extends object> {
  readonly #rows = new Map<string, Row>();

  constructor(private readonly undo: UndoLog) {}

  get(key: string): Row | undefined {
    const row = this.#rows.get(key);
    return row && { ...row };
  }

  values(): Row[] {
    return [...this.#rows.values()].map((row) => ({ ...row }));
  }

  set(key: string, row: Row): void {
    this.#undoTo(key);
    this.#rows.set(key, { ...row });
  }

  has(key: string): boolean {
    return this.#rows.has(key);
  }

  delete(key: string): void {
    this.#undoTo(key);
    this.#rows.delete(key);
  }

  update(change: (row: Row) => Row): void {
    for (const [key, row] of [...this.#rows]) this.set(key, change(row));
  }

  deleteWhere(matches: (row: Row) => boolean): void {
    for (const [key, row] of [...this.#rows]) if (matches(row)) this.delete(key);
  }

  #undoTo(key: string): void {
    const before = this.#rows.get(key);
    this.undo.add(() => {
      if (before) this.#rows.set(key, before);
      else this.#rows.delete(key);
    });
  }
}
