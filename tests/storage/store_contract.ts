/** What every store must do: run against each implementation by store_test.ts. */
import type { Store } from "../../storage/store.ts";
import { partContract } from "./store_contract_parts.ts";
import { publishContract } from "./store_contract_publish.ts";
import { treeContract } from "./store_contract_tree.ts";
import type { OpenStore } from "./store_samples.ts";

/** One sentence of the contract: its name, and what it takes to hold. */
export type Holds = (sentence: string, test: (store: Store) => Promise<void>) => void;

/** Registers the contract's tests for one implementation. */
export function storeContract(name: string, open: () => Promise<OpenStore>): void {
  const holds: Holds = (sentence, test) => {
    Deno.test(`${name}: ${sentence}`, async () => {
      const { store, dispose } = await open();
      try {
        await test(store);
      } finally {
        await dispose();
      }
    });
  };
  treeContract(holds);
  partContract(holds);
  publishContract(holds);
}
