/** Vaults over a store and a catalog that a test made, and the way back from a vault to these. */
import type { Catalog } from "../../storage/contract/catalog.ts";
import { DiskEngine } from "../../storage/disk/disk_engine.ts";
import type { Engine, Space } from "../../storage/contract/engine.ts";
import type { DiskCatalog } from "../../storage/disk/interfaces/disk_catalog.ts";
import type { UploadRecord } from "../../storage/contract/upload_record.ts";
import type { VaultOptions as CoreOptions } from "../../storage/core/vault_core.ts";
import { diskOf, type DiskPlaces } from "./engine.ts";
import { ALL } from "./pages.ts";
import { YieldingEngine } from "./simulated/yielding_engine.ts";
import { MemoryStore } from "./simulated/memory_store.ts";
import { Vault as Opened, type VaultParts } from "../../storage/vault.ts";

export type { View } from "../../storage/vault.ts";

/** Settings of a vault and its engine in a test. */
export interface VaultOptions extends CoreOptions, Pick<VaultParts, "step"> {
  readonly holder?: string;
  /** Space that the engine reports. @default its own */
  readonly measure?: () => Space;
}

/** Parts of a disk engine that a test made, or an engine. */
export type TestPlaces = DiskPlaces | { readonly engine: Engine };

/** How a test opens a vault. */
export type TestParts = TestPlaces & Omit<VaultParts, "engine"> & VaultOptions;

const engines = new WeakMap<Opened, Engine>();
const places = new WeakMap<Opened, DiskPlaces>();

/** As the vault itself, opened over an engine, or over a store and a catalog. */
export type Vault = Opened;
export const Vault = {
  async open(options: TestParts): Promise<Opened> {
    const { holder, measure, ...parts } = options;
    const engine = "engine" in parts ? parts.engine : engineOver(parts, holder);
    if (measure !== undefined) engine.space = () => Promise.resolve(measure());
    const vault = await Opened.open({ ...parts, engine });
    engines.set(vault, engine);
    if ("store" in parts) places.set(vault, parts);
    return vault;
  },
};

function engineOver(
  { store, catalog, step }: DiskPlaces & Pick<VaultParts, "step">,
  holder?: string,
) {
  const of = { store, catalog, holder, step };
  // In memory every call takes a turn: what a vault gets wrong that counts on others is seen.
  return store instanceof MemoryStore ? new YieldingEngine(of) : new DiskEngine(of);
}

/** The engine of a test's vault. */
export function engineOf(vault: Opened): Engine {
  return engines.get(vault)!;
}

/** The catalog of a test's vault. */
export function catalogOf(vault: Opened): Catalog {
  return engineOf(vault).catalog;
}

/** The catalog of a test's vault with files on the disk, for tests about its records. */
export function diskCatalogOf(vault: Opened): DiskCatalog {
  return (places.get(vault) ?? diskOf(engineOf(vault))).catalog;
}

/** Unfinished uploads of an account, or all, the latest updated first. */
export function uploadsIn(engine: Engine, account?: string): Promise<UploadRecord[]> {
  const which = account === undefined
    ? { by: "all" } as const
    : { by: "account", account } as const;
  return engine.parts.list(which, ALL);
}
