/** Runs the marked blocks of a page in their order. */
import { join } from "@std/path";
import { fail } from "@std/assert";
import { ROOT } from "../import_graph.ts";
import { assertOutput, blocksOf, isInstalled } from "./blocks.ts";
import { Place, type PlaceOptions } from "./place.ts";

/** Runs a page of the project, such as `docs/operate.md`, in a new directory. */
export async function runPage(page: string, options: PlaceOptions): Promise<void> {
  await using place = new Place(options);
  /** Standard output of the last `run`; undefined if it was left out. */
  let output: string | undefined = "";
  for (const block of blocksOf(Deno.readTextFileSync(join(ROOT, page)))) {
    const { kind, needs, port, text, line } = block;
    const where = `${page}:${line}`;
    if (kind === "output") {
      if (output !== undefined) assertOutput(output, text, where);
      continue;
    }
    const missing = needs.filter((program) => !isInstalled(program));
    if (missing.length > 0) {
      output = undefined;
      console.log(`${where} is not tested: ${missing.join(", ")} is not installed`);
    } else if (kind === "run") output = await place.run(text);
    else if (kind.startsWith("exit:")) {
      output = await place.run(text, Number(kind.slice("exit:".length)));
    } else if (kind === "serve") await place.serve(text);
    else if (kind === "stop") await place.stop();
    else if (kind === "end") await place.end();
    else if (kind === "start") await place.start(text, port);
    else if (kind.startsWith("file:")) place.write(kind.slice("file:".length), text);
    else fail(`${where}: unknown mark ${kind}`);
  }
}
