/** Errors in words for the operator, who may know places on disk. */

/**
 * What went wrong, with the place on disk where the operating system told it: `/data/x: Permission
 * denied`. Never for a client: the place is internal.
 */
export function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error && /\(os error \d+\)/.test(cause.message)) return reasonOf(cause);
  const text = (error instanceof Error ? error.message : String(error)).split("\n", 1)[0]!;
  const told = /^(.*?) \(os error \d+\)(?:: \w+ '(.*)')?$/.exec(text);
  if (told === null) return text;
  const [, what, place] = told;
  return place === undefined ? what! : `${place}: ${what}`;
}
