/** The small file beside a part that holds its checkpoint. */
import { leadsOut } from "./layout.ts";
import { remove } from "./names.ts";
import { isMissing, toStoreError } from "./os_error.ts";

/**
 * Replaces a text atomically: at any moment either the old or the new one is at `place`.
 *
 * @param about name for error messages
 * @returns whether it was replaced: not if `confirm`, called immediately before, returns false
 */
export async function replaceText(
  { place, next, text, durable, confirm }: {
    place: string;
    next: string;
    text: string;
    durable: boolean;
    confirm: (() => Promise<boolean>) | undefined;
  },
  about: string,
): Promise<boolean> {
  try {
    // A file that exists there, of any origin, is never written to.
    remove(next, about);
    using file = Deno.openSync(next, { write: true, createNew: true, mode: 0o600 });
    const bytes = new TextEncoder().encode(text);
    let done = 0;
    while (done < bytes.length) done += file.writeSync(bytes.subarray(done));
    if (durable) await file.sync();
    if (confirm !== undefined && !await confirm()) {
      remove(next, about);
      return false;
    }
    Deno.renameSync(next, place);
    return true;
  } catch (error) {
    removeQuietly(next); // its bytes would take space that others need
    throw toStoreError(error, about);
  }
}

/** The text at a place, or undefined where there is none. */
export function readText(place: string, about: string): string | undefined {
  try {
    if (!Deno.lstatSync(place).isFile) throw leadsOut(about);
    return Deno.readTextFileSync(place);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw toStoreError(error, about);
  }
}

function removeQuietly(place: string): void {
  try {
    Deno.removeSync(place);
  } catch {
    // It was not made, or is removed before the next one.
  }
}
