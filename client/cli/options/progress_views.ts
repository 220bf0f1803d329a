import type { Values } from "./options.ts";
import { env } from "../../lib/common/environment.ts";
import type { Output } from "../terminal/output.ts";
import type { ProgressView } from "../terminal/progress.ts";
import { JsonProgress } from "../terminal/report.ts";

/** Views that draw progress: JSON events, bars on a terminal, or none. */
export async function progressViews(values: Values, output: Output): Promise<ProgressView[]> {
  if (output.json) return [new JsonProgress(output)];
  const able = Deno.stderr.isTerminal() && env("TERM") !== "dumb";
  const wanted = able && !output.quiet && !values.flag("no-progress");
  if (!wanted) return [];
  const { ProgressBars } = await import("../terminal/progress_bars.ts");
  return [new ProgressBars(output)];
}
