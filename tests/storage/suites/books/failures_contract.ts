import { assertEquals } from "@std/assert";
import type { HoldsBooks } from "../catalog_samples.ts";

export function failureContract(holds: HoldsBooks): void {
  holds("failures are counted by key, and still when opened again", async (catalog, reopen) => {
    const bounds = { forgetBeforeMs: 0, maxKeys: 10 };
    await catalog.failures.count(["a", "b"], 100, bounds);
    await catalog.failures.count(["a"], 200, bounds);
    const again = await reopen();
    assertEquals(await again.failures.of(["b", "none", "a"]), [
      { count: 1, lastMs: 100 },
      undefined,
      { count: 2, lastMs: 200 },
    ]);
    await again.failures.forget("a");
    await again.failures.forget("none");
    assertEquals(await again.failures.of(["a"]), [undefined]);
  });

  holds("failures that are long ago are forgotten, and the oldest of too many", async (catalog) => {
    const count = (key: string, atMs: number) =>
      catalog.failures.count([key], atMs, { forgetBeforeMs: atMs - 100, maxKeys: 3 });
    const known = async () =>
      (await catalog.failures.of(["a", "b", "c", "d"])).map((failures) => failures?.count ?? 0);
    await count("a", 100);
    await count("a", 200);
    await count("b", 201);
    assertEquals(await known(), [2, 1, 0, 0]);
    await count("a", 301);
    assertEquals(await known(), [1, 1, 0, 0]);
    await count("c", 302);
    assertEquals(await known(), [1, 0, 1, 0]);
    await count("b", 303);
    await count("d", 304);
    assertEquals(await known(), [0, 1, 1, 1]);
  });
}
