import { MemoryCatalog } from "../support/simulated/memory_catalog.ts";
import { SqliteCatalog } from "../../storage/disk/sqlite_catalog.ts";
import { catalogContract } from "./suites/catalog_contract.ts";

catalogContract("MemoryCatalog", () => {
  const catalog = new MemoryCatalog();
  return Promise.resolve({
    catalog,
    reopen: () => Promise.resolve(catalog),
    dispose: () => Promise.resolve(),
  });
});

for (const durability of ["full", "relaxed"] as const) {
  catalogContract(`SqliteCatalog (${durability})`, async () => {
    const directory = await Deno.makeTempDir();
    const opened: SqliteCatalog[] = [];
    const open = () => {
      const catalog = SqliteCatalog.open(`${directory}/catalog.db`, { durability });
      opened.push(catalog);
      return catalog;
    };
    return {
      catalog: open(),
      // The first is not closed before: nothing may wait for a clean end.
      reopen: () => Promise.resolve(open()),
      dispose: async () => {
        for (const catalog of opened) await catalog.close();
        await Deno.remove(directory, { recursive: true });
      },
    };
  });
}
