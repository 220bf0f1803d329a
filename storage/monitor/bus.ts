/** Messages between the workers of one server: each of the other workers answers a question. */
import type { SharedLimits } from "../contract/shared_limits.ts";
import type { Principal } from "../contract/principal.ts";
import type { Counts } from "./counters.ts";
import type { SessionInfo, SessionSelector } from "./sessions.ts";

/** The questions and their answers. Both are plain data. */
export interface Questions {
  /** The sessions there. */
  who: { question: null; answer: SessionInfo[] };
  /** Counters of the worker. */
  counts: { question: null; answer: Counts };
  /** Ends sessions there; how many there were. */
  end: { question: { which: SessionSelector; reason: string }; answer: number };
  /**
   * Ends the uploads of an account, or of all, that it may no longer continue: its permissions
   * changed, or it was removed.
   */
  recheck: { question: { account: string | null }; answer: null };
  /** Takes an upload from its writer there, if that came by this door; whether there was one. */
  takeOver: {
    question: { uploadId: string; reason: string; door?: Principal["door"] };
    answer: boolean;
  };
}

/** The handlers of a worker, one for each question. */
export type Answers = {
  [Q in keyof Questions]: (
    question: Questions[Q]["question"],
  ) => Questions[Q]["answer"] | Promise<Questions[Q]["answer"]>;
};

/** How busy a worker is. */
export interface WorkerLoad {
  readonly sessions: number;
  readonly transfers: number;
  /** Whether its server is about to stop. */
  readonly isDraining: boolean;
}

/** Messages between the workers of one server. */
export interface Bus {
  /** From now on, questions of others are answered. */
  listen(answers: Answers): void;
  /**
   * Whether a question arrives after the notifications of all changes that were made before it.
   * @default false: a worker may know of a change only after `Catalog.lagMs`
   */
  readonly followsChanges?: boolean;
  /** Limits that the workers of several nodes keep together. @default those of one machine do by themselves */
  readonly limits?: SharedLimits;
  /**
   * Asks all others, or those of this node alone.
   *
   * @returns their answers; one that does not answer in time is left out
   */
  ask<Q extends keyof Questions>(
    name: Q,
    question: Questions[Q]["question"],
    among?: "all" | "node",
  ): Promise<Questions[Q]["answer"][]>;
  /** Names of nodes that do not answer now. @default none */
  silent?(): Promise<string[]>;
  /** Shows the others, and operators, how busy this worker is. @default not shown */
  show?(load: () => WorkerLoad): void;
  close(): void;
}

/** The bus of a vault that only one process has open. */
export const NO_BUS: Bus = {
  listen() {},
  ask: () => Promise.resolve([]),
  close() {},
};
