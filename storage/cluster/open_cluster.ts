import type { StepHook } from "../contract/step.ts";
import type { Bus } from "../monitor/bus.ts";
import type { ClusterAccess } from "./access.ts";
import type { ServerOfBus } from "./bus/members.ts";
import { PostgresBus } from "./bus/postgres_bus.ts";
import { ClusterCatalog } from "./catalog/cluster_catalog.ts";
import { ClusterEngine } from "./cluster_engine.ts";
import { shownAddress } from "./content/s3/address.ts";
import { CredentialFile, fixedCredentials } from "./content/s3/credentials.ts";
import { S3ContentStore } from "./content/s3/s3_content_store.ts";
import { MIGRATIONS } from "./migrations/all.ts";
import { Database } from "./postgres/database.ts";
import { migrate } from "./postgres/migrations.ts";
import type { OnFault } from "./reach.ts";
import { assertSameStore } from "./store_mark.ts";

/** How an engine is opened, beside its places. */
export interface OpenClusterOptions {
  readonly holder?: string | undefined;
  readonly step?: StepHook | undefined;
  /** See `EngineOptions.onFault`. */
  readonly onFault?: OnFault | undefined;
  /** Whether the object store is asked, too, and compared with the one that the database knows. */
  readonly check: boolean;
}

/**
 * Opens the engine of several nodes, and brings the database to this program's schema.
 *
 * @throws {StoreError} `unreachable`, `io`, also where the store is not the database's
 */
export async function openCluster(
  { database: place, store: { address, ca, credentials }, bufferBytes }: ClusterAccess,
  { check, ...options }: OpenClusterOptions,
): Promise<ClusterEngine> {
  const database = new Database(place);
  const source = "file" in credentials
    ? new CredentialFile(credentials.file)
    : fixedCredentials(credentials);
  const store = new S3ContentStore({ address, credentials: source, ca });
  try {
    await migrate(database, MIGRATIONS);
    if (check) {
      await store.assertUsable();
      await assertSameStore(database, store, shownAddress(address));
    }
    const catalog = new ClusterCatalog(database);
    await catalog.listen();
    return await ClusterEngine.open({ database, store, catalog, bufferBytes, ...options });
  } catch (error) {
    await Promise.allSettled([store.close(), database.close()]);
    throw error;
  }
}

/** Joins the bus between the workers of all nodes. */
export async function joinBus(
  engine: ClusterEngine,
  node: string,
  onError: (what: string, error: unknown) => void,
  server?: ServerOfBus,
): Promise<Bus> {
  const bus = new PostgresBus(engine.database, { node, onError, server });
  await bus.join();
  return bus;
}
