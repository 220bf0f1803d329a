/** A page of a long list, in the list's own order. */
export interface Page<T> {
  /** Only those behind this one, which need not be there any more. */
  readonly after?: T | undefined;
  /** Maximum number, at least 1. */
  readonly count: number;
}

/** Place of a record in a list with the oldest first: by time, then by id. */
export interface ByAge {
  readonly createdMs: number;
  readonly id: string;
}
