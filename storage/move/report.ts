/** Results of a move from one engine to another, and its progress. */
import type { VirtualPath } from "../contract/path.ts";

/** Something of the source that the target does not get. */
export interface LeftOut {
  readonly kind: "file" | "directory" | "upload" | "aside";
  readonly username: string;
  /** A path of the account; the id of an unfinished upload, or of content that was set aside. */
  readonly filename: string;
  /** Bytes, where they are known. */
  readonly size?: number;
  /** One clause. */
  readonly reason: string;
  /** Whether the source has lost content: it is damaged, or cannot be read. */
  readonly isLost: boolean;
}

/** Maximum of things that are named. */
const MAX_NAMED = 1000;

/** Things that were left out: of very many the first ones, and their number. */
export class LeftOuts {
  readonly named: LeftOut[] = [];
  /** Paths of files and directories by account. */
  readonly #paths = new Map<string, Set<VirtualPath>>();
  readonly #uploads = new Set<string>();
  count = 0;
  lost = 0;

  add(one: LeftOut): void {
    this.count++;
    if (one.isLost) this.lost++;
    if (this.named.length < MAX_NAMED) this.named.push(one);
    if (one.kind === "upload") this.#uploads.add(one.filename);
    if (one.kind !== "file" && one.kind !== "directory") return;
    const paths = this.#paths.get(one.username) ?? new Set();
    this.#paths.set(one.username, paths.add(one.filename));
  }

  /** Whether an unfinished upload was left out. */
  hasUpload(id: string): boolean {
    return this.#uploads.has(id);
  }

  /** Whether a file or directory was left out. */
  has(owner: string, path: VirtualPath): boolean {
    return this.#paths.get(owner)?.has(path) ?? false;
  }
}

/** How far a move is. */
export interface MoveProgress {
  phase: "copying" | "comparing";
  /** The account whose tree is being read; empty before the first. */
  account: string;
  /** Files that are in the target, those of an earlier run included. */
  files: number;
  bytes: number;
}

/** Numbers of one side. */
export interface SideCounts {
  accounts: number;
  directories: number;
  files: number;
  bytes: number;
  groups: number;
  /** Accounts in groups, each once for each group. */
  members: number;
  tokens: number;
  shares: number;
  links: number;
  sessions: number;
  /** Unfinished uploads. */
  uploads: number;
  limits: number;
  bans: number;
}

/** The numbers of a side of which nothing was counted. */
export function noCounts(): SideCounts {
  return {
    ...{ accounts: 0, directories: 0, files: 0, bytes: 0 },
    ...{ groups: 0, members: 0, tokens: 0, shares: 0, links: 0, sessions: 0 },
    ...{ uploads: 0, limits: 0, bans: 0 },
  };
}

/** A comparison of both sides. */
export interface Comparison {
  readonly source: SideCounts;
  readonly target: SideCounts;
  /** Sentences without a period: of very many the first ones. */
  readonly differences: string[];
  readonly differenceCount: number;
}

/** Result of a move. */
export interface MoveReport extends Comparison {
  /** Files that this run copied. */
  readonly copied: { readonly files: number; readonly bytes: number };
  readonly leftOut: readonly LeftOut[];
  readonly leftOutCount: number;
  /** Those of them whose content the source has lost. */
  readonly lostCount: number;
}
