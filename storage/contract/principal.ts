/** The door by which a principal came in. FTP has two listeners, and one name. */
export type DoorName = "native" | "ftp" | "web";

/** What a token narrows a principal to. */
export interface TokenPrincipal {
  readonly id: string;
  /** No more than these letters of the account's. */
  readonly letters: string;
  /** Nothing outside of this subtree. */
  readonly path: string;
  readonly expiresMs: number | null;
}

/** What a public link narrows its visitors to: they read in its owner's tree, and nothing else. */
export interface LinkPrincipal {
  readonly id: string;
  /** The file or directory that the link is of. */
  readonly path: string;
}

/** Who acts: an account, by which door, and what a token narrows it to. */
export interface Principal {
  /** Name of the account. */
  readonly account: string;
  /** The account's generation at login: a session of an earlier one is over. */
  readonly generation: number;
  readonly door: DoorName;
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
}
