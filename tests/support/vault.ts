/** Vaults over a store and a catalog that a test made, and the way back from a vault to these. */
import { DiskEngine } from "../../storage/disk/disk_engine.ts";
import type { Space } from "../../storage/contract/engine.ts";
import type { DiskCatalog } from "../../storage/disk/interfaces/disk_catalog.ts";
import type { Store } from "../../storage/disk/interfaces/store.ts";
import type { VaultOptions as CoreOptions } from "../../storage/core/vault_core.ts";
import { YieldingEngine } from "./simulated/yielding_engine.ts";
import { MemoryStore } from "./simulated/memory_store.ts";
import { Vault as Opened, type VaultParts } from "../../storage/vault.ts";

export type { View } from "../../storage/vault.ts";

/** Parts over which {@linkcode Vault.open} opened a vault. */
export interface VaultPlaces {
  readonly store: Store;
  readonly catalog: DiskCatalog;
}

/** Settings of a vault and its engine in a test. */
export interface VaultOptions extends CoreOptions, Pick<VaultParts, "step"> {
  readonly holder?: string;
  /** Space that the engine reports. @default its own */
  readonly measure?: () => Space;
}

/** How a test opens a vault: over a store and a catalog. */
export interface TestParts extends VaultPlaces, Omit<VaultParts, "engine">, VaultOptions {}

const places = new WeakMap<Opened, VaultPlaces>();

/** As the vault itself, opened over a store and a catalog. */
export type Vault = Opened;
export const Vault = {
  async open({ store, catalog, holder, measure, ...parts }: TestParts): Promise<Opened> {
    const of = { store, catalog, holder, step: parts.step };
    // In memory every call takes a turn: what a vault gets wrong that counts on others is seen.
    const engine = store instanceof MemoryStore ? new YieldingEngine(of) : new DiskEngine(of);
    if (measure !== undefined) engine.space = () => Promise.resolve(measure());
    const vault = await Opened.open({ engine, ...parts });
    places.set(vault, { store, catalog });
    return vault;
  },
};

/** The store and the catalog that a test's vault was opened over. */
export function placesOf(vault: Opened): VaultPlaces {
  return places.get(vault)!;
}

/** The catalog that a test's vault was opened over. */
export function catalogOf(vault: Opened): DiskCatalog {
  return placesOf(vault).catalog;
}

/** Makes the tree of an account that is in the catalog already. */
export async function prepareAccount(vault: Opened, name: string): Promise<void> {
  await placesOf(vault).store.addAccount(name);
}
