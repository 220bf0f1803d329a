/** What the operations of a load work with: one user, and what is known of its files. */
import type { Random } from "./random.ts";
import type { ClientContext, DoorClient, Home } from "./door_client.ts";
import type { Http } from "./doors/http.ts";
import type { Model } from "./model.ts";

/** What the actors of a run tell of. */
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
