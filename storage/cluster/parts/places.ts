/** State that the parts of the cluster's engine share. */
import type { StepHook } from "../../contract/step.ts";
import type { ContentStore } from "../content/content_store.ts";
import type { Database } from "../postgres/database.ts";
import type { HolderLease } from "../postgres/holder_lease.ts";
import type { UploadBudget } from "./budget.ts";

/** State that the parts of the cluster's engine share. */
export interface ClusterPlaces {
  readonly database: Database;
  readonly store: ContentStore;
  /** Names this start of this worker: no other start has it. */
  readonly holder: string;
  readonly lease: HolderLease;
  readonly budget: UploadBudget;
  /** For tests: called between the steps of a change. */
  readonly step: StepHook | undefined;
}
