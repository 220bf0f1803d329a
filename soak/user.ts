/** Environment of a load's operations: one user, and the known state of its files. */
import type { Random } from "./common/random.ts";
import type { ClientContext, DoorClient, Home } from "./common/door_client.ts";
import type { Http } from "./doors/http.ts";
import type { Model } from "./model.ts";

/** Log of a run's actors. */
export interface Log {
  /** Counts operations by name. */
  count(operation: string): void;
  /** Something that must not be: the run fails. */
  difference(text: string): void;
  /** A refusal that was not expected. */
  surprise(text: string): void;
}

/** A user with a directory of its own. */
export interface User {
  readonly id: string;
  /** As its account sees it. */
  readonly directory: string;
  readonly home: Home;
  readonly context: ClientContext;
  readonly doors: readonly DoorClient[];
  readonly http: Http;
  readonly model: Model;
  readonly random: Random;
  readonly log: Log;
}
