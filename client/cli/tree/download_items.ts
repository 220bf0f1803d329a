import { clientCommand } from "../../../common/program_name.ts";
import type { Client } from "../../lib/connection/client.ts";
import type { Context } from "../options/command.ts";
import { type DownloadItem, downloadMany } from "../../lib/download/download_many.ts";
import { expected, TransferReport } from "../terminal/report.ts";
import { printable } from "../../../common/printable.ts";
import type { ItemsOptions } from "./upload_items.ts";

/**
 * Downloads items, at once or page by page as they are found, and reports each.
 *
 * @throws {ClientError} once all were tried, where any failed
 */
export async function downloadItems(
  context: Context,
  client: Client,
  items: DownloadItem[] | AsyncIterable<DownloadItem[]>,
  options: { overwrite: boolean; resume: boolean },
  { trees = false, journaled = false, failures = [], final, onDone }: ItemsOptions<DownloadItem> =
    {},
): Promise<void> {
  const progress = await context.progress();
  const terminal = Deno.stdout.isTerminal();
  const report = new TransferReport<DownloadItem>(context.output, progress, {
    direction: "download",
    title: (item) => item.remote,
    // Thousands of names would scroll all else away.
    line: (_item, result) => trees && terminal ? undefined : printable(result.filename),
    ...(final && { final }),
    ...(onDone && { onDone: (item, result) => onDone(item, result.hash) }),
  }, Array.isArray(items) && items.length === 1 && !trees && failures.length === 0);
  for (const error of failures) report.failed(error);
  context.howToResume = journaled
    ? `The received part is kept; continue with: ${clientCommand("resume")}`
    : "The received part is kept; run the same command with --resume to continue, or: " +
      clientCommand("resume");
  const parallel = context.values.number("parallel") ?? (trees ? 4 : 1);
  const before = failures.length;
  await downloadMany(client, expected(progress, items), { ...options, parallel }, report);
  for (const error of failures.slice(before)) report.failed(error); // found while it was listed
  report.finish();
}
