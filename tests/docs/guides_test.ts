// Runs the marked commands of each page in docs/guides/ in their order, against a real server.
import { join } from "@std/path";
import { assert } from "@std/assert";
import { blocksOf } from "../support/docs/blocks.ts";
import { runPage } from "../support/docs/run_page.ts";
import { ROOT } from "../support/import_graph.ts";

/** Pages whose commands cannot run here; each has its reason. */
const WITHOUT_COMMANDS: Readonly<Record<string, string>> = {
  "containers.md": "tests/docs/containerfile_test.ts runs the steps of the image",
  "several-nodes.md":
    "tests/cluster/nodes_test.ts runs such nodes: they need PostgreSQL and a store",
  "several-nodes-data.md":
    "tests/cluster/data/ moves, collects, verifies, backs up and restores such data",
  "several-nodes-sizing.md": "it has figures and formulas, no commands",
  "windows-and-macos.md": "it describes other systems",
};

const pages = [...Deno.readDirSync(join(ROOT, "docs/guides"))].map(({ name }) => name)
  .filter((name) => name.endsWith(".md")).sort();

for (const name of pages) {
  const page = `docs/guides/${name}`;
  const ignore = Deno.build.os !== "linux";
  Deno.test(`the commands of ${page} work as written`, { ignore }, async () => {
    const blocks = blocksOf(Deno.readTextFileSync(join(ROOT, page)));
    const hasCommands = blocks.some(({ kind }) => kind === "run");
    assert(hasCommands || Object.hasOwn(WITHOUT_COMMANDS, name), "no block has test=run");
    await runPage(page, { copy: false });
  });
}
