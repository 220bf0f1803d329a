/** Maximum JSON size of a list, bytes: a reply is at most 1 MiB. */
const BUDGET_BYTES = 900 * 1024;

const encoder = new TextEncoder();

/**
 * Converts as many items as fit one reply.
 *
 * @returns the converted items, and whether more are left
 */
export async function fitting<From, To>(
  items: Iterable<From> | AsyncIterable<From>,
  convert: (item: From) => To,
  budgetBytes = BUDGET_BYTES,
): Promise<{ items: To[]; more: boolean }> {
  const taken: To[] = [];
  let left = budgetBytes;
  for await (const item of items) {
    const converted = convert(item);
    left -= encoder.encode(JSON.stringify(converted)).length + 1;
    if (left < 0 && taken.length > 0) return { items: taken, more: true };
    taken.push(converted);
  }
  return { items: taken, more: false };
}
