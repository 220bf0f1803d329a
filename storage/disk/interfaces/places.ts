/** State that the parts of the disk engine share. */
import type { DiskCatalog } from "./disk_catalog.ts";
import type { Store } from "./store.ts";
import type { Proofs } from "../../common/proofs.ts";
import type { StepHook } from "../../contract/step.ts";

/** Two systems, files and a catalog, and who works on them. */
export interface Places {
  readonly store: Store;
  readonly catalog: DiskCatalog;
  /** Names this start of this worker in the catalog: no other start has it. */
  readonly holder: string;
  /** Content that was hashed lately in this worker. */
  readonly proofs: Proofs;
  /** For tests: called between the steps of a change. */
  readonly step: StepHook | undefined;
}

/** Store and catalog of uploads, and the id of the calling worker. */
export type UploadPlaces = Pick<Places, "store" | "catalog" | "holder">;
