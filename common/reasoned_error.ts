/** Options of a {@linkcode ReasonedError}. */
export interface ReasonOptions extends ErrorOptions {
  /** See {@linkcode ReasonedError.reason}. @default the message, behind the place */
  readonly reason?: ((place?: string | null) => string) | undefined;
}

/** An error that knows its reason in words for the operator, who may know places of the host. */
export class ReasonedError extends Error {
  readonly #reason: ReasonOptions["reason"];

  constructor(message: string, { reason, ...options }: ReasonOptions = {}) {
    super(message, options);
    this.#reason = reason;
  }

  /** Whether it has words of its own for the operator, beside the message. */
  get knowsReason(): boolean {
    return this.#reason !== undefined;
  }

  /**
   * Describes the failure: its reason, its place and what to do. Never send it to a client.
   *
   * @param place used where the error knows none; null: no place is to be named
   */
  reason(place?: string | null): string {
    if (this.#reason !== undefined) return this.#reason(place);
    return [place, this.message].filter((part) => typeof part === "string").join(": ");
  }
}
