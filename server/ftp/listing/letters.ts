import { isWithin } from "../../../storage/contract/path.ts";
import { SHARED_ROOT } from "../../../storage/access/shares.ts";
import type { View } from "../../../storage/vault.ts";

/** Permissions of a session at the entries of a listing, for the fact `perm`. */
export class Letters {
  #own: Promise<string> | undefined;
  readonly #directories = new Map<string, Promise<string>>();

  constructor(readonly view: View) {}

  /** Returns the permissions at a path in a directory, both absolute. */
  async at(path: string, directory: string): Promise<string> {
    if (!isWithin(path, SHARED_ROOT)) {
      return await (this.#own ??= this.view.permissions.letters());
    }
    // Shares of others have permissions of their own.
    let letters = this.#directories.get(directory);
    if (letters === undefined) {
      letters = this.#askFor(directory);
      this.#directories.set(directory, letters);
    }
    // A permission on a directory holds below it; a file can also be shared by itself.
    return /[wcd]/.test(await letters) ? await letters : await this.#askFor(path);
  }

  async #askFor(path: string): Promise<string> {
    const { letters } = await this.view.permissions.why(path);
    return letters.filter(({ allowed }) => allowed).map(({ letter }) => letter).join("");
  }
}
