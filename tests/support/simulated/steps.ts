import type { Claim } from "../../../storage/disk/interfaces/claim_book.ts";
import type { FirstStep, SeenFiles, StepBook } from "../../../storage/disk/interfaces/step_book.ts";
import {
  type FileRecord,
  isSameRecord,
  type MoveIntent,
} from "../../../storage/disk/interfaces/intents.ts";
import { isWithin, type VirtualPath } from "../../../storage/contract/path.ts";
import type { Books } from "./books.ts";
import { isRelated, moveKey } from "./keys.ts";
import type { Run } from "../../../storage/memory/accounts/tokens.ts";

/** Claims with their first steps in memory. */
export class MemorySteps implements StepBook {
  constructor(private readonly books: Books, private readonly run: Run) {}

  forgetFile(
    claim: Claim,
    path: VirtualPath,
    seen: FileRecord,
    arrival?: number,
  ): Promise<FirstStep | undefined> {
    return this.#first(claim, [[path, seen]], () => this.books.forget(claim.owner, path, arrival));
  }

  beginMove(
    claim: Claim,
    move: MoveIntent,
    { source, target }: SeenFiles,
  ): Promise<FirstStep | undefined> {
    const note = () => this.books.moves.set(moveKey(move), { ...move });
    return this.#first(claim, [[move.from, source], [move.to, target]], note);
  }

  #first(
    claim: Claim,
    seen: readonly (readonly [VirtualPath, FileRecord | undefined])[],
    step: () => void,
  ): Promise<FirstStep | undefined> {
    const { owner, paths } = claim;
    const { books } = this;
    return this.run(true, () => {
      const same = seen.every(([path, known]) =>
        isSameRecord(books.files.get(owner + path), known)
      );
      const taken = paths.some((path) => books.covering(owner, path) !== undefined);
      const written = books.commits.values().some((commit) =>
        commit.owner === owner && paths.some((path) => isRelated(commit.path, path))
      );
      const locked = claim.account && books.locks.values().some((lock) => lock.owner === owner);
      if (!same || taken || written || locked) return undefined;
      books.claims.set(claim.id, { ...claim, paths: paths.toSorted(), ready: true });
      const shared = books.shares.values()
        .some((share) => share.owner === owner && paths.some((path) => isWithin(share.path, path)));
      step();
      return { shared };
    });
  }
}
