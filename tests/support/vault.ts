/** Vaults over a store and a catalog that a test made, and the way back from a vault to these. */
import type { Catalog } from "../../storage/contract/catalog.ts";
import type { Store } from "../../storage/contract/store.ts";
import { Vault as Opened } from "../../storage/vault.ts";

export type { View } from "../../storage/vault.ts";

/** What a vault of {@linkcode Vault.open} was opened over. */
export interface VaultPlaces {
  readonly store: Store;
  readonly catalog: Catalog;
}

const places = new WeakMap<Opened, VaultPlaces>();

/** As the vault itself, opened over a store and a catalog. */
export type Vault = Opened;
export const Vault = {
  async open(parts: Parameters<typeof Opened.open>[0]): Promise<Opened> {
    const vault = await Opened.open(parts);
    places.set(vault, { store: parts.store, catalog: parts.catalog });
    return vault;
  },
};

/** The store and the catalog that a test's vault was opened over. */
export function placesOf(vault: Opened): VaultPlaces {
  return places.get(vault)!;
}

/** The catalog that a test's vault was opened over. */
export function catalogOf(vault: Opened): Catalog {
  return placesOf(vault).catalog;
}

/** Makes the tree of an account that is in the catalog already. */
export async function prepareAccount(vault: Opened, name: string): Promise<void> {
  await placesOf(vault).store.addAccount(name);
}
