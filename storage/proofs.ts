/** Which content was hashed lately, so that it need not be hashed again for one who hashes it too. */

/** One state of a file's inode: anything done to the file makes it another. */
export interface Inode {
  /** Device, number, size and time of the last change of content or attributes (ctime). */
  readonly state: string;
  /** That time in ms since the Unix epoch, in the steps of the kernel's clock. */
  readonly changedMs: number;
}

/** Content of at least this many bytes is noted: of less, hashing is no effort. */
export const NOTED_BYTES = 16 * 1024 * 1024;

/** How long a proof holds: a disk can lose what it was given, and nobody would look. */
const PROOF_MS = 3600 * 1000;
const MOST_PROOFS = 1024;
/** A second change within a step of the clock would leave no trace; no step is longer. */
const CLOCK_STEP_MS = 20;

/**
 * SHA-256 of states of files, as this process found them. A state is an inode with the time of its
 * last change, which nobody can set: whoever alters the file and puts its modification time back
 * makes another state of it, of which nothing is known.
 */
export class Proofs {
  readonly #known = new Map<string, { hash: string; sinceMs: number }>();

  /** @param now a clock in ms that never goes back */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Notes the checksum of content that had this state from before it was read to its end. */
  note(inode: Inode | undefined, hash: string): void {
    if (inode === undefined) return;
    this.#known.delete(inode.state);
    for (const state of this.#known.keys()) {
      if (this.#known.size < MOST_PROOFS) break;
      this.#known.delete(state); // the oldest
    }
    this.#known.set(inode.state, { hash, sinceMs: this.now() });
  }

  /** As {@linkcode note}, where the last change is long enough ago that none can hide in it. */
  noteRead(before: Inode | undefined, after: Inode | undefined, begunMs: number, hash: string) {
    if (before === undefined || before.state !== after?.state) return;
    if (begunMs - before.changedMs > CLOCK_STEP_MS) this.note(before, hash);
  }

  /** Whether content of this state was found to have this checksum lately. */
  hold(inode: Inode | undefined, hash: string): boolean {
    const known = inode && this.#known.get(inode.state);
    if (known === undefined || known.hash !== hash) return false;
    return this.now() - known.sinceMs < PROOF_MS;
  }
}
