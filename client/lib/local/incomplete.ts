/** The directory in which downloads are until they are whole, where the user wants one. */
import { dirname } from "node:path";
import { quoted } from "../../../common/printable.ts";
import { needWrite } from "../common/environment.ts";
import { ClientError, ExitCode, localError } from "../common/error.ts";

let kept: { readonly path: string; readonly device: number | null } | undefined;
/** Directories of targets that are on the same file system. */
const suitable = new Set<string>();

/**
 * From now on temporary files of downloads are in this directory, and no longer beside their
 * targets. It is made where it is missing.
 *
 * @param path absolute
 * @throws {ClientError} where it cannot be made, or is none
 */
export function keepIncompleteIn(path: string): void {
  needWrite(path);
  try {
    Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
    kept = { path, device: Deno.statSync(path).dev };
    suitable.clear();
  } catch (error) {
    throw localError(error, `Cannot use ${quoted(path)} for incomplete downloads`, path);
  }
}

/**
 * The directory for the temporary file of a target; undefined: its own.
 *
 * @throws {ClientError} where the target is on another file system: it could not get its name in one
 * step
 */
export function incompleteDirectoryOf(target: string): string | undefined {
  if (kept === undefined) return undefined;
  const directory = dirname(target);
  if (!suitable.has(directory)) {
    const { dev } = Deno.statSync(directory);
    if (dev !== kept.device) {
      throw new ClientError(
        `Cannot download to ${quoted(target)}: ${quoted(kept.path)} is on another file system. ` +
          `Choose an --incomplete-dir on the same one`,
        { exitCode: ExitCode.usage, filename: target },
      );
    }
    suitable.add(directory);
  }
  return kept.path;
}
