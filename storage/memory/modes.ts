import type { ModeBook } from "../contract/books/mode_book.ts";
import { nameOf, parentOf, type VirtualPath } from "../contract/path.ts";
import type { Books } from "./books.ts";
import type { Run } from "./tokens.ts";

/** Permission bits in memory. */
export class MemoryModes implements ModeBook {
  constructor(private readonly books: Books, private readonly run: Run) {}

  get(owner: string, path: VirtualPath): Promise<number | undefined> {
    return this.run(false, () => this.books.modes.get(owner + path)?.mode);
  }

  in(
    owner: string,
    directory: VirtualPath,
    names: readonly string[],
  ): Promise<ReadonlyMap<string, number>> {
    return this.run(false, () => {
      const within = this.books.modes.values()
        .filter((at) => at.owner === owner && parentOf(at.path) === directory)
        .filter(({ path }) => names.includes(nameOf(path)));
      return new Map(within.map(({ path, mode }) => [nameOf(path), mode]));
    });
  }

  set(owner: string, path: VirtualPath, mode: number): Promise<void> {
    return this.run(false, () => void this.books.modes.set(owner + path, { owner, path, mode }));
  }
}
