/** Result of a recovery. */
export interface RecoveryReport {
  /** Renames that were finished. */
  movesFinished: number;
  /** Uploads taken back to before their publication: they can be resumed. */
  commitsTakenBack: number;
  /** Parts of acknowledged uploads that were still to be removed. */
  partsRemoved: number;
  /** Unfinished uploads that only their checkpoint knew of. */
  adopted: number;
  /** Parts without a checkpoint, moved to the account's `aside/`. */
  setAside: number;
  /** Removals of accounts that were begun, and are complete now. */
  accountsRemoved: number;
  /** Conflicts that recovery could not resolve, and missing files: sentences with paths. */
  troubles: string[];
}

/** The report of a recovery that found nothing to do. */
export function nothingRecovered(): RecoveryReport {
  return {
    movesFinished: 0,
    commitsTakenBack: 0,
    partsRemoved: 0,
    adopted: 0,
    setAside: 0,
    accountsRemoved: 0,
    troubles: [],
  };
}

/** Scope and limits of a recovery. */
export interface RecoveryOptions {
  /**
   * Workers that have ended with unfinished work: only that is recovered, and others may run.
   * @default everything is, and nothing else may have the engine open
   */
  holders?: readonly string[] | undefined;
  progress?: RecoveryProgress | undefined;
}

/** Called before each thing that is settled: which kind, how many are done, and of how many. */
export type RecoveryProgress = (kind: string, done: number, total: number) => void;
