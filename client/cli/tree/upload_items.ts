import { clientCommand } from "../../../common/program_name.ts";
import type { Client } from "../../lib/connection/client.ts";
import type { Context } from "../options/command.ts";
import type { ClientError } from "../../lib/common/error.ts";
import { remoteBase } from "../../lib/local/local_path.ts";
import { expected, TransferReport } from "../terminal/report.ts";
import { printable, shellWord } from "../../../common/printable.ts";
import type { IfExists } from "../../lib/upload/upload_options.ts";
import { type UploadItem, uploadMany } from "../../lib/upload/upload_many.ts";
import { localSize } from "../../lib/local/walk.ts";

/** Options for items of either direction. */
export interface ItemsOptions<T> {
  /** Whether they are of a tree, so that there may be thousands. */
  trees?: boolean;
  /** Whether a journal is kept, from which `resume` continues. */
  journaled?: boolean;
  /** Requested items that failed before they could become items. */
  failures?: ClientError[];
  /** The path that a file has in the end, where it is transferred under a temporary one. */
  final?(path: string): string;
  /** Called for each finished item, with its SHA-256. */
  onDone?(item: T, hash: string): void;
}

/**
 * Uploads items, and reports each.
 *
 * @throws {ClientError} once all were tried, where any failed
 */
export async function uploadItems(
  context: Context,
  client: Client,
  items: UploadItem[],
  options: { ifExists: IfExists; makeDirs: boolean },
  { trees = false, journaled = false, failures = [], final, onDone }: ItemsOptions<UploadItem> = {},
): Promise<void> {
  const progress = await context.progress();
  const terminal = Deno.stdout.isTerminal();
  const report = new TransferReport<UploadItem>(context.output, progress, {
    direction: "upload",
    title: (item) => item.path,
    line: (item, result) =>
      // Thousands of names would scroll all else away; those that became others matter.
      trees && terminal && remoteBase(result.filename) === remoteBase(item.remote)
        ? undefined
        : printable(result.filename),
    ...(final && { final }),
    ...(onDone && { onDone: (item, result) => onDone(item, result.hash) }),
  }, items.length === 1 && !trees && failures.length === 0);
  for (const error of failures) report.failed(error);
  // With a progress display, all sizes are read first, for the total; otherwise each when its item
  // begins.
  if (progress.watched) { for (const item of items) item.size ??= localSize(item.path); }
  context.howToResume = journaled
    ? `The sent part is kept; continue with: ${clientCommand("resume")}`
    : howToResume(context.args, items.length);
  const parallel = context.values.number("parallel") ?? (trees ? 4 : 1);
  await uploadMany(client, expected(progress, items), { ...options, parallel }, report);
  report.finish();
}

/** Suggests the command that finishes an interrupted upload. */
function howToResume(args: string[], count: number): string {
  if (count === 1 && args.length === 1) {
    const command = clientCommand(`resume ${shellWord(args[0]!)}`);
    return `The sent part is kept; continue with: ${command}`;
  }
  return `The sent part is kept; continue with: ${
    clientCommand("resume")
  }; files not begun yet are sent by ` +
    "the same command with --if-exists skip";
}
