/** Removals and renames that are carried out late, after their client has stored something newer. */
import { assertEquals, assertRejects } from "@std/assert";
import { arrivals } from "../../storage/contract/arrivals.ts";
import type { Spot, Tree } from "../../storage/contract/tree.ts";
import { assertErrorLike } from "../support/errors.ts";
import {
  append,
  bytesOf,
  newUpload,
  sha256,
  spot,
  store,
  textOf,
} from "../storage/suites/engine_samples.ts";
import { clusterTest, type TestCluster } from "./cluster_engine.ts";

/** Time by which uploads arrive later than what is to come before them, in numbers of arrivals. */
const LATER = 300_000;

/** Changes that would take "/d/f" away, or what it is in. */
const CHANGES: Record<string, (tree: Tree, at: (path: string) => Spot) => Promise<unknown>> = {
  "a removal": (tree, at) => tree.remove(at("/d/f")),
  "a rename": (tree, at) => tree.rename(at("/d/f"), spot("/h"), { replace: false }),
  "a rename over it": (tree, at) => tree.rename(at("/g"), spot("/d/f"), { replace: true }),
  "a removal of its directory": (tree, at) => tree.removeDirectory(at("/d"), { recursive: true }),
};

/** Stores a text that arrived at a point of the order. */
async function storeAt({ first }: TestCluster, arrival: number): Promise<void> {
  const part = await first.parts.begin(newUpload("/d/f", { ifExists: "overwrite" }));
  await append(part, "newer");
  const [size, hash] = [5, sha256(bytesOf("newer"))];
  await first.tree.publish({ part, size, hash, occupied: undefined, arrival });
}

for (const [name, change] of Object.entries(CHANGES)) {
  clusterTest(`${name} that was asked for earlier removes nothing newer`, async (cluster) => {
    const { tree, catalog } = cluster.first;
    await tree.makeDirectory("alice", "/d");
    await store(cluster.first, "/d/f", "old");
    await store(cluster.first, "/g", "other");
    const asked = arrivals.now().last;
    const at = (path: string) => ({ ...spot(path), asked });
    await storeAt(cluster, asked + LATER);
    assertErrorLike(await assertRejects(() => change(tree, at)), {
      kind: "changed",
      message: /Something newer was stored at .* meanwhile; try again/,
    });
    assertEquals(await textOf(await tree.open("alice", "/d/f")), "newer");
    assertEquals((await catalog.usage("alice")).usedBytes, 10);
    // One that is asked for now is carried out.
    await change(tree, (path) => ({ ...spot(path), asked: asked + LATER }));
  });
}
