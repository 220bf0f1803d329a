/** Members of the bus: what they show, and how they join. */
import type { WorkerLoad } from "../../monitor/bus.ts";

/** Figures that a worker shows with each sign of life. */
export interface WorkerFigures extends WorkerLoad {
  readonly version: string;
  /** The same for all workers of a start of a server. */
  readonly instance: string;
  /** Connections to the database in use, and the most there may be. */
  readonly poolUsed: number;
  readonly poolSize: number;
  /** How long its last sign of life took until it heard of it, ms. */
  readonly lagMs: number;
}

/** A worker of a node, as the others see it. */
export interface Member {
  readonly member: string;
  readonly node: string;
  /** When it joined, by the database's clock, ms since the epoch. */
  readonly sinceMs: number;
  /** Time since its last sign of life, ms. */
  readonly silentMs: number;
  /** Empty for a command of `admin`. */
  readonly figures: Partial<WorkerFigures>;
}

/** A server whose worker joins the bus. */
export interface ServerOfBus {
  /** Version of the program. */
  readonly version: string;
  /** Names this start of the server, the same for all of its workers. */
  readonly instance: string;
  /** Called once another server of the same name turns out to run. */
  readonly onNamesake?: (() => void) | undefined;
}

/** How a worker joins the bus. */
export interface PostgresBusOptions {
  /** Name of the node. */
  readonly node: string;
  /** The server that the worker belongs to; its figures are shown. @default a command of `admin` */
  readonly server?: ServerOfBus | undefined;
  /** Called with failures that concern no caller. */
  readonly onError?: (what: string, error: unknown) => void;
  /** Timeout of a question: a worker that does not answer in this time is busy or gone, ms. */
  readonly timeoutMs?: number;
  /** Interval of the signs of life, ms. */
  readonly beatMs?: number;
}
