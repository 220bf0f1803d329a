import type { Entrance } from "../../common/entrances.ts";

/** The door by which a principal came in. FTP has two listeners, and one name. */
export type DoorName = "native" | "ftp" | "web";

/** The restrictions that a token puts on a principal. */
export interface TokenPrincipal {
  readonly id: string;
  /** Permissions of the token; the account must have them too. */
  readonly letters: string;
  /** Nothing outside this subtree is visible. */
  readonly path: string;
  readonly expiresMs: number | null;
}

/** The restrictions of a public link's visitors: they may only read in its owner's tree. */
export interface LinkPrincipal {
  readonly id: string;
  /** The file or directory that the link is of. */
  readonly path: string;
}

/** The name under which sessions without an account act; no account has it. */
export const ANONYMOUS = "anonymous";

/** A directory that the operator publishes: sessions without an account may read in it. */
export interface Published {
  /** The account whose tree it is. */
  readonly owner: string;
  /** The directory in the owner's tree that is the root of such a session. */
  readonly path: string;
}

/** Restrictions of a principal, compared with its account. */
export type Narrowed = Pick<Principal, "token" | "published">;

/** The actor of an operation: an account, its door (protocol), and the token that restricts it. */
export interface Principal {
  /** Name of the account. */
  readonly account: string;
  /** The account's generation at login: a session of an earlier one is over. */
  readonly generation: number;
  readonly door: DoorName;
  /** The part of the web door that it uses. @default the door itself */
  readonly entrance?: Entrance;
  /** The connection or session, as `WHO` shows it. */
  readonly sessionId: string;
  /** Address the principal comes from, without port. */
  readonly address: string;
  /** Browser and system of a web session, as in `Firefox 130 on Linux`. */
  readonly agent?: string;
  /** Set where a token was shown in place of a password. */
  readonly token?: TokenPrincipal;
  /** Set for a visitor of a public link: `account` is then its owner, who is not there himself. */
  readonly link?: LinkPrincipal;
  /** Set for a session without an account: `account` is then {@linkcode ANONYMOUS}. */
  readonly published?: Published;
}
