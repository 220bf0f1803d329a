/** Options that say where downloads go, and where they are until they are whole. */
import { quoted } from "../../../common/printable.ts";
import { needWrite } from "../../lib/common/environment.ts";
import { localError } from "../../lib/common/error.ts";
import { keepIncompleteIn } from "../../lib/local/incomplete.ts";
import { localPath } from "../../lib/local/local_path.ts";
import type { OptionSpec, Values } from "./options.ts";

/** The options. */
export const DOWNLOAD_PLACES: readonly OptionSpec[] = [
  {
    name: "download-dir",
    value: "DIR",
    env: "TOWPATH_DOWNLOAD_DIR",
    default: "the current directory",
    summary: "where downloads go without --to; made where it is missing",
  },
  {
    name: "incomplete-dir",
    value: "DIR",
    env: "TOWPATH_INCOMPLETE_DIR",
    default: "beside the file",
    summary: "where temporary files are until they are whole; made where it is missing",
  },
];

/**
 * Where downloads go: `--to`, else into `--download-dir`, which is made; undefined: into the current
 * directory. Has `--incomplete-dir` used from now on.
 *
 * @throws {ClientError} where a directory cannot be made
 */
export function destinationIn(values: Values): string | undefined {
  const incomplete = values.text("incomplete-dir");
  if (incomplete !== undefined) keepIncompleteIn(localPath(incomplete));
  const to = values.text("to");
  const directory = values.text("download-dir");
  if (to !== undefined || directory === undefined) return to;
  const path = localPath(directory);
  needWrite(path);
  try {
    Deno.mkdirSync(path, { recursive: true });
  } catch (error) {
    throw localError(error, `Cannot make the directory ${quoted(path)}`, path);
  }
  return `${path}/`;
}
