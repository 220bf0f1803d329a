/**
 * Which unfinished uploads a page of this browser has in hand, so that another one does not offer
 * them: by Web Locks, which end with the page, however it ends.
 */

const PREFIX = "towpath upload ";
const own = new Map<string, () => void>();

/** Claims an upload for this page. */
export function claim(id: string): void {
  if (own.has(id) || !navigator.locks) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  own.set(id, resolve);
  navigator.locks.request(PREFIX + id, () => promise).catch(() => {});
}

/** Gives up the claim. */
export function release(id: string): void {
  own.get(id)?.();
  own.delete(id);
}

/** Uploads that other pages of this browser have in hand. */
export async function claimedElsewhere(): Promise<Set<string>> {
  const { held = [] } = await navigator.locks?.query() ?? {};
  const ids = held.flatMap(({ name }) =>
    name?.startsWith(PREFIX) ? [name.slice(PREFIX.length)] : []
  );
  return new Set(ids.filter((id) => !own.has(id)));
}
