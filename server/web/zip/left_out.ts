/** List of the entries missing in an archive, as a text in it. */
import { StoreError, type StoreErrorKind } from "../../../storage/contract/error.ts";

/** Why a file could not be put in; for other kinds of errors it "was replaced". */
const REASONS: Partial<Record<StoreErrorKind, string>> = {
  "not-found": "was removed while the archive was made",
  "denied": "may not be read",
  "bad-name": "has a name that cannot be used",
};

/** Files that are named; more are counted. */
const MAX_NAMED = 10_000;

/** Collects the entries missing in an archive, and lists them in a text file within it. */
export class LeftOut {
  /** Name of the text file, unless it is taken. */
  static readonly FILE_NAME = "MISSING IN THIS ARCHIVE.txt";
  readonly #lines: string[] = [];
  #more = 0;

  /** Adds a missing entry by its name in the archive. */
  add(name: string, error: unknown): void {
    const reason = error instanceof StoreError ? REASONS[error.kind] : undefined;
    if (this.#lines.length === MAX_NAMED) this.#more++;
    else this.#lines.push(`${name} ${reason ?? "was replaced while the archive was made"}`);
  }

  /** The text in UTF-8; undefined if no entry is missing. */
  text(): Uint8Array<ArrayBuffer> | undefined {
    if (this.#lines.length === 0) return undefined;
    const lines = ["These files are not in the archive:", "", ...this.#lines];
    if (this.#more > 0) lines.push(`and ${this.#more} more`);
    return new TextEncoder().encode(lines.join("\n") + "\n");
  }
}
