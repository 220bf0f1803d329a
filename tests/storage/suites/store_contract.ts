/** Contract of stores: store_test.ts runs it against each implementation. */
import { partContract } from "./store_contract_parts.ts";
import { publishContract } from "./store_contract_publish.ts";
import { treeContract } from "./store_contract_tree.ts";
import type { Holds, OpenStore } from "./store_samples.ts";

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
