/** The small file beside a part that holds its checkpoint. */
import type { SpaceReserve } from "../reserve/space_reserve.ts";
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
  { place, next, text, durable, confirm, reserve }: {
    place: string;
    next: string;
    text: string;
    durable: boolean;
    confirm: (() => Promise<boolean>) | undefined;
    /** Space for the text on a full disk. */
    reserve: SpaceReserve | undefined;
  },
  about: string,
): Promise<boolean> {
  try {
    const bytes = new TextEncoder().encode(text);
    const write = () => writeNew(next, bytes, about);
    using file = reserve === undefined ? write() : reserve.share(write);
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

/** Writes a file; one that exists there, of any origin, is never written to. */
function writeNew(place: string, bytes: Uint8Array, about: string): Deno.FsFile {
  remove(place, about);
  const file = Deno.openSync(place, { write: true, createNew: true, mode: 0o600 });
  try {
    for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
    return file;
  } catch (error) {
    file.close();
    throw error;
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
