/** Refusal of a request or login that is beyond a limit; each door answers it in its own terms. */
export class TooManyError extends Error {
  override readonly name = "TooManyError";

  /** @param retryAfterMs when to try again */
  constructor(message: string, readonly retryAfterMs: number) {
    super(message);
  }
}
