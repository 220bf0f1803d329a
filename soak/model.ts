/** Model of the content that must be stored at the server, and that may be after a lost answer. */
import type { Content } from "./common/content.ts";

/** Content at a path; null: nothing. */
export type State = Content | null;

/** A rename whose answer was lost: exactly one of the two names has the content. */
interface LostRename {
  from: string;
  to: string;
}

/** A directory that was renamed while files were uploaded into it. */
export interface Moved {
  from: string;
  to: string;
  /** Acknowledged files by name: each is in exactly one of both directories. */
  acknowledged: Map<string, Content>;
}

/** Changes of a path that are kept for the report of a difference. */
const MAX_NOTES = 12;

/** The files of one actor, which alone changes them. */
export class Model {
  readonly #history = new Map<string, string[]>();
  /** Several states: the answer to a change was lost. */
  readonly #paths = new Map<string, State[]>();
  /** Versions that may have been made: the name is chosen by the server. */
  readonly floating: { base: string; content: Content }[] = [];
  readonly renames: LostRename[] = [];
  readonly moved: Moved[] = [];
  /** Paths that may have the beginning of one content and the end of another: removed by a check. */
  readonly mixed = new Set<string>();
  /** Paths whose content differed: reported once, and not used any more. */
  readonly broken = new Set<string>();

  /** Content at a path; undefined where it is uncertain. */
  at(path: string): State | undefined {
    if (this.broken.has(path) || this.mixed.has(path)) return undefined;
    const states = this.#paths.get(path) ?? [null];
    return states.length === 1 ? states[0] : undefined;
  }

  /** Everything that may be at a path. */
  statesAt(path: string): readonly State[] {
    return this.#paths.get(path) ?? [null];
  }

  /** The last changes of a path, oldest first: when, and what it then had or may have had. */
  historyOf(path: string): readonly string[] {
    return this.#history.get(path) ?? [];
  }

  #note(path: string, word: string, state: State): void {
    const notes = this.#history.get(path) ?? [];
    const shown = state === null ? "nothing" : `${state.size} bytes of seed ${state.seed}`;
    notes.push(`${new Date().toISOString()} ${word} ${shown}`);
    if (notes.length > MAX_NOTES) notes.shift();
    this.#history.set(path, notes);
  }

  /** Notes what a path has for certain. */
  set(path: string, state: State): void {
    this.#note(path, "has", state);
    if (state === null) this.#paths.delete(path);
    else this.#paths.set(path, [state]);
  }

  /** Notes that a path may have this too. */
  maybe(path: string, state: State): void {
    this.#note(path, "may have", state);
    this.#paths.set(path, [...this.statesAt(path), state]);
  }

  /** Paths that have or may have a file. */
  paths(): string[] {
    return [...this.#paths.keys()];
  }

  /** Paths that have a file for certain. */
  files(): string[] {
    return this.paths().filter((path) => this.at(path));
  }

  /** Bytes of all files, where everything is certain. */
  bytes(): number {
    return this.files().reduce((sum, path) => sum + this.at(path)!.size, 0);
  }
}
