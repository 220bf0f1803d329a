import type { Claim, ClaimAnswer, ClaimBook } from "../../../storage/disk/interfaces/claim_book.ts";
import { compareCodePoints } from "../../../storage/contract/path.ts";
import { assertFree } from "../../../storage/memory/accounts/locks.ts";
import type { Books } from "./books.ts";
import { isRelated } from "./keys.ts";
import type { Run } from "../../../storage/memory/accounts/tokens.ts";

/** Claims of paths in memory. */
export class MemoryClaims implements ClaimBook {
  constructor(private readonly books: Books, private readonly run: Run) {}

  claim({ id, owner, paths, holder, account }: Claim): Promise<ClaimAnswer> {
    return this.run<ClaimAnswer>(false, () => {
      const { books } = this;
      assertFree(books, owner, paths, account);
      if (paths.some((path) => books.covering(owner, path, id) !== undefined)) return "busy";
      const ready = !books.commits.values().some((commit) =>
        commit.owner === owner && paths.some((path) => isRelated(commit.path, path))
      );
      books.claims.set(id, { id, owner, paths: paths.toSorted(), holder, ready });
      return ready ? "ready" : "waiting";
    });
  }

  release({ id }: Claim): Promise<void> {
    return this.run(false, () => this.books.claims.delete(id));
  }

  releaseSoon(claim: Claim): void {
    this.release(claim);
  }

  all(): Promise<Claim[]> {
    return this.run(false, () =>
      this.books.claims.values()
        .map(({ ready: _, ...claim }) => claim)
        .sort((a, b) => compareCodePoints(a.id, b.id)));
  }
}
