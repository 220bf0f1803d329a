import { LocalStore } from "../../storage/disk/files/local_store.ts";
import { MemoryStore } from "../support/simulated/memory_store.ts";
import type { Store } from "../../storage/disk/interfaces/store.ts";
import { storeContract } from "./suites/store_contract.ts";

const withAccounts = async (store: Store) => {
  for (const account of ["alice", "bob"]) await store.addAccount(account);
  return store;
};

storeContract("MemoryStore", async () => ({
  store: await withAccounts(new MemoryStore()),
  dispose: () => Promise.resolve(),
}));

for (const durability of ["full", "relaxed"] as const) {
  storeContract(`LocalStore (${durability})`, async () => {
    const root = await Deno.makeTempDir();
    return {
      store: await withAccounts(new LocalStore(root, { durability })),
      dispose: () => Deno.remove(root, { recursive: true }),
    };
  });
}
