/** The clients by which the actors of the load use a server, one for each door and more. */
import type { Content } from "./content.ts";
import type { Site } from "./site.ts";

/**
 * An answer that guarantees that nothing was changed. After any other failure the request may have
 * been carried out.
 */
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

/** Environment of an actor. */
export interface ClientContext {
  place: Site;
  login: Login;
  /** A directory of its own for local files. */
  local: string;
  /** Where the files are: another account's tree for a guest. */
  home: Home;
}

/** Where an actor's files are on the server's disk, and to whom they are counted. */
export interface Home {
  account: string;
  /** Path of the actor's directory in that account's tree. */
  directory: string;
}

/** A client of one door. */
export interface DoorClient {
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
  /**
   * How it continues where it cannot find out to which content the first bytes belong; see
   * blind.ts.
   */
  readonly blind?: BlindResume;
  /** Reads a file whole. */
  get(path: string): Promise<Uint8Array>;
}

/** FTP's way to go on: from where SIZE says. */
export interface BlindResume {
  /** Begins and ends on the way. @returns whether all was acknowledged nevertheless */
  begin(path: string, content: Content, cut: number): Promise<boolean>;
  /** Sends the rest. @param roll chooses the commands, from 0 up to but not 1 */
  goOn(path: string, content: Content, roll: number): Promise<void>;
}
