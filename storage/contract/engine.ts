/** An engine: stores the accounts' files, unfinished uploads, and all their metadata. */
import type { AccountAnswer, AddedAccount, Catalog } from "./catalog.ts";
import type { FileRecord } from "./file_record.ts";
import type { Mounts } from "./mount.ts";
import type { Parts } from "./parts.ts";
import type { VirtualPath } from "./path.ts";
import type { RecoveryOptions, RecoveryReport } from "./recovery.ts";
import type { StepHook } from "./step.ts";
import type { Tree } from "./tree.ts";

export type * from "./recovery.ts";

/** How an engine treats power cuts; `relaxed` skips the syncs, not the order of writes. */
export type Durability = "full" | "relaxed";

/** A file that is recorded but missing, and the entry in its place. */
export interface LostFile {
  path: VirtualPath;
  /** Undefined: nothing. */
  instead: "directory" | "other" | undefined;
}

/** Content of an account that nothing knew of when the server started. */
export interface SetAside {
  id: string;
  owner: string;
  bytes: number;
  /** Time at which it was found, ms since the Unix epoch. */
  atMs: number;
}

/** Space where an engine keeps content, in bytes. */
export interface Space {
  /** As programs without privileges see it. */
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** A system that an engine needs and that does not answer. */
export interface EngineFault {
  /** Its name, as in `database`. */
  readonly part: string;
  /** Why, in one sentence, for the operator: it may name addresses and paths. */
  readonly reason: string;
}

/** A node, among those that share an engine. */
export interface NodeState {
  readonly name: string;
  /** Of its program. */
  readonly version: string;
  /** Whether it gave a sign of life in the last 10 s. */
  readonly isAlive: boolean;
  /** When the first of its workers joined, ms since the Unix epoch. */
  readonly sinceMs: number;
  /** Time since its last sign of life, ms. */
  readonly silentMs: number;
  readonly workers: number;
  readonly sessions: number;
  readonly transfers: number;
  /** Connections to the database that are in use, and the most that its workers may have. */
  readonly pool: { readonly used: number; readonly size: number };
  /** How long its last notification took until it came back, ms. */
  readonly lagMs: number;
  /** Whether it is about to stop. */
  readonly isDraining: boolean;
}

/** State of what several nodes share. */
export interface SharedState {
  /** By name; also those that gave no sign of life for up to an hour. */
  readonly nodes: readonly NodeState[];
  /** Open connections to the database, of all programs, and how many its server allows. */
  readonly connections: { readonly used: number; readonly max: number };
  /** Objects that wait for their deletion, and about how many bytes of them are in no content. */
  readonly garbage: {
    readonly objects: number;
    readonly bytes: number;
    /** Since when the oldest waits, ms since the Unix epoch; null: there is none. */
    readonly oldestMs: number | null;
  };
}

/** The tree of a removed account. */
export interface KeptTree {
  readonly id: string;
  /** The account. */
  readonly name: string;
  /** When it was removed, ms since the Unix epoch. */
  readonly removedMs: number;
  readonly files: number;
  readonly bytes: number;
}

/** Trees of removed accounts that an engine keeps for the operator. */
export interface KeptTrees {
  /** All, the oldest first. */
  list(): Promise<KeptTree[]>;
  /** Deletes one. @throws {StoreError} `not-found` */
  remove(id: string): Promise<void>;
  /**
   * Puts one into an account, as a directory at its top with the name of the removed account. The
   * bytes count there, also beyond the quota.
   *
   * @throws {StoreError} `not-found`, `exists`
   */
  restore(id: string, account: string): Promise<void>;
}

/** How an account is removed. */
export interface RemoveAccountOptions {
  /** Whether its files are set aside instead of removed. */
  readonly keepFiles: boolean;
  /** Whether to remove even the last administrator. @default false */
  readonly evenLast?: boolean;
  /** Called once no session can act for the account any more: what runs is to end. */
  readonly retired?: (() => Promise<void>) | undefined;
}

/** Tree, parts and catalog of one data directory, with their upkeep. */
export interface Engine {
  readonly tree: Tree;
  readonly parts: Parts;
  readonly catalog: Catalog;
  /**
   * Names this start of this worker, as it was given when the engine was opened: the `holder` of
   * what it writes.
   */
  readonly holder: string;
  /** For tests: called between the steps of a change. */
  step: StepHook | undefined;

  /**
   * Creates an account with an empty tree; content of an earlier account of the name is discarded.
   * If an account of the name was removed before, the new generation is above its last one.
   *
   * @returns false where the name is taken
   */
  addAccount(account: AddedAccount): Promise<boolean>;
  /**
   * Removes an account and all that is kept of it. A crash leaves an account without a login,
   * whose removal recovery completes; never files that a later account of the name would find.
   *
   * @returns `last-administrator` where no administrator would remain: nothing is removed
   */
  removeAccount(name: string, options: RemoveAccountOptions): Promise<AccountAnswer>;

  /**
   * Brings everything into agreement after a crash, before anything else is done. It may itself be
   * interrupted at any point and run again.
   */
  recover(options?: RecoveryOptions): Promise<RecoveryReport>;
  /**
   * Corrects times after `nowMs`, which the clock wrote while it was ahead: creation and last use
   * become `nowMs`, and an expiry keeps its original duration.
   */
  redate(nowMs: number): Promise<void>;
  /**
   * Whether this worker is the one that keeps house for all that share the engine, from now on for
   * some minutes. @default it is
   *
   * @throws {StoreError} `unreachable`
   */
  keepsHouse?(): Promise<boolean>;
  /**
   * Removes suspended uploads, and content that nothing knows, that were last touched before a time.
   *
   * @returns their ids
   */
  expire(beforeMs: number): Promise<string[]>;
  /**
   * Lowers the reservations of uploads that were last touched before a time to their safe bytes,
   * and removes the records of those whose content was removed by other means.
   */
  shrinkReservations(beforeMs: number): Promise<void>;
  /**
   * Lists files of an account that are recorded but missing, in no order.
   *
   * @param settlingMs how long a server may take for a rename or removal that has begun, ms; 0
   * where none runs
   */
  lostFiles(owner: string, settlingMs?: number): AsyncIterable<LostFile>;
  /**
   * Accepts that a file is lost: removes its record and frees its bytes in the quota.
   *
   * @returns the record; undefined where the file exists again, or has another record
   */
  forgetLost(owner: string, path: VirtualPath): Promise<FileRecord | undefined>;
  /** Directories of the host in accounts' trees. @default there are none */
  readonly mounts?: Mounts;
  /** Trees of removed accounts. @default they are directories of the host, as the operator sees */
  readonly kept?: KeptTrees;
  /** Content that nothing knew of, and that is kept for the operator until it expires. */
  setAside(): AsyncIterable<SetAside>;
  /** Measures the space now; undefined where the engine has no limit that it knows. */
  space(): Promise<Space | undefined>;
  /**
   * Systems that the engine needs and that do not answer: it cannot serve without them. It waits for
   * none that another machine runs: what it knows of these is at most three seconds old.
   */
  faults(): Promise<readonly EngineFault[]>;
  /** State of what several nodes share; undefined where the engine belongs to one server. */
  shared(): Promise<SharedState | undefined>;
  /** Resolves once everything that was begun is done, and closes the engine. */
  close(): Promise<void>;
}
