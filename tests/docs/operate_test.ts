// Runs the commands of docs/operate.md in their order, in a fresh directory with the project's files.
import { join } from "@std/path";
import { assert } from "@std/assert";
import { blocksOf, isInstalled } from "../support/docs/blocks.ts";
import { runPage } from "../support/docs/run_page.ts";
import { ROOT } from "../support/import_graph.ts";

const PAGE = "docs/operate.md";

Deno.test("the operator's page does what it says", {
  ignore: Deno.build.os !== "linux" || !["curl", "logrotate"].every(isInstalled),
}, async () => {
  const blocks = blocksOf(Deno.readTextFileSync(join(ROOT, PAGE)));
  assert(blocks.filter(({ kind }) => kind === "run").length >= 6);
  await runPage(PAGE, { copy: true });
});
