/** Maximum number of items in one list of the HTTP API; `more: true` says that there are others. */
export const MAX_LISTED = 10_000;

/** The first items of a list, and whether there are more. */
export async function firstOf<T>(
  items: AsyncIterable<T>,
  count: number,
): Promise<{ shown: T[]; more: boolean }> {
  const shown: T[] = [];
  for await (const item of items) {
    if (shown.length === count) return { shown, more: true };
    shown.push(item);
  }
  return { shown, more: false };
}
