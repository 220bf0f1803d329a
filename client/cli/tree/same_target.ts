/** Several items of one command that would go to one place. */
import { ClientError, ExitCode } from "../../lib/common/error.ts";
import { quoted } from "../../../common/printable.ts";

/**
 * Finds items with the same target in one command: with permission to overwrite, the later one
 * would replace the earlier one, in a random order.
 */
export class TakenPlaces {
  readonly #taken = new Map<string, string>();

  /**
   * Keeps the first item for each target.
   *
   * @param placeOf returns an item's target and its source
   * @param failures gets an error for each of the others
   */
  firsts<T>(
    items: T[],
    placeOf: (item: T) => { place: string; source: string },
    failures: ClientError[],
  ): T[] {
    return items.filter((item) => {
      const { place, source } = placeOf(item);
      try {
        return this.#take(place, source);
      } catch (error) {
        if (!(error instanceof ClientError)) throw error;
        failures.push(error);
        return false;
      }
    });
  }

  /**
   * Takes a target.
   *
   * @param source source of its content
   * @returns false where the same source has taken it already
   * @throws {ClientError} with exit code 8 where another one has
   */
  #take(place: string, source: string): boolean {
    const key = place.normalize();
    const first = this.#taken.get(key);
    if (first === undefined) {
      this.#taken.set(key, source);
      return true;
    }
    if (first === source) return false;
    throw new ClientError(
      `Cannot transfer ${quoted(source)} to ${quoted(place)}: ${quoted(first)} goes there too`,
      { exitCode: ExitCode.conflict, filename: source },
    );
  }
}
