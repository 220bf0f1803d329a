/** What the actors of the load use a server by. */
import type { Content } from "./content.ts";
import type { Place } from "./place.ts";

/** An answer that says that nothing was changed. Whatever else fails may have been carried out. */
export class Refused extends Error {
  override readonly name = "Refused";

  /** @param expected whether it belongs to the load: a quota, a name that is in use */
  constructor(message: string, readonly expected: boolean) {
    super(message);
  }
}

/** An account of the load. */
export interface Login {
  username: string;
  password: string;
  token: string;
}

/** What an actor works with. */
export interface DoorContext {
  place: Place;
  login: Login;
  /** A directory of its own for local files. */
  local: string;
}

/** One way to use the server. */
export interface Door {
  readonly name: string;
  /**
   * Stores content.
   *
   * @param how `version`: under the next free name
   * @param cut ends the client on the way, then goes on with a new one
   * @returns the path that it got
   */
  put(
    path: string,
    content: Content,
    how: "overwrite" | "version",
    cut: number | undefined,
  ): Promise<string>;
  /** Whether it can make versions. */
  readonly versions: boolean;
  /** Reads a file whole. */
  get(path: string): Promise<Uint8Array>;
}

/** Resolves after so many milliseconds. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
