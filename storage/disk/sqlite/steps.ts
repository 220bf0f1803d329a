import type { Claim } from "../interfaces/claim_book.ts";
import type { FirstStep, SeenFiles, StepBook } from "../interfaces/step_book.ts";
import { type FileRecord, isSameRecord, type MoveIntent } from "../interfaces/intents.ts";
import type { VirtualPath } from "../../contract/path.ts";
import type { SqliteClaims } from "./files/claims.ts";
import type { Connection } from "./connection/connection.ts";
import type { Files } from "./files/files.ts";
import type { SqliteShares } from "./sharing/shares.ts";

/** Claims with their first steps in SQLite, each in one transaction. */
export class SqliteSteps implements StepBook {
  constructor(
    private readonly connection: Connection,
    private readonly files: Files,
    private readonly claims: SqliteClaims,
    private readonly shares: SqliteShares,
  ) {}

  forgetFile(
    claim: Claim,
    path: VirtualPath,
    seen: FileRecord,
    arrival?: number,
  ): Promise<FirstStep | undefined> {
    const { owner } = claim;
    return this.#first(claim, [[path, seen]], () => {
      const held = this.files.held(owner, path);
      this.files.forget(owner, path, { held, arrival });
      return held.grants.includes(this.shares);
    });
  }

  beginMove(
    claim: Claim,
    move: MoveIntent,
    { source, target }: SeenFiles,
  ): Promise<FirstStep | undefined> {
    const seen = [[move.from, source], [move.to, target]] as const;
    return this.#first(claim, seen, () => {
      this.files.beginMove(move);
      return claim.paths.some((path) => this.shares.hasWithin(claim.owner, path));
    });
  }

  /** @param step returns whether anything at or below the claimed paths is shared */
  #first(
    claim: Claim,
    seen: readonly (readonly [VirtualPath, FileRecord | undefined])[],
    step: () => boolean,
  ): Promise<FirstStep | undefined> {
    const { owner } = claim;
    return this.connection.write(true, () => {
      const same = seen.every(([path, known]) => isSameRecord(this.files.get(owner, path), known));
      return same && this.claims.takes(claim) ? { shared: step() } : undefined;
    });
  }
}
