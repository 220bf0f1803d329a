/** Small downloads: written to a temporary file, checked and named in one go. */
import { localError } from "../common/error.ts";
import { type Attributes, setAttributes } from "./file_mode.ts";
import { PartFile, setTime, writeWhole } from "./part_file.ts";
import { quoted } from "../../../common/printable.ts";

/** Before the umask: what any new file gets, at once, as a call for each of thousands costs time. */
const NEW_FILE_MODE = 0o666;

/** How a small file is stored. */
export interface SmallFile {
  /** Modification time in ms since the Unix epoch. */
  mtime: number;
  /** Attributes of the file that is replaced; undefined where there is none. */
  replaced: Attributes | undefined;
  /** Permission bits that it gets in addition or instead. */
  mode: number | undefined;
  /** Whether a file at the name is replaced. */
  overwrite: boolean;
}

/**
 * Stores a whole file under its name, without a pause in which another task of this process runs.
 *
 * @param target absolute path
 * @throws {ClientError} with exit code 8 where the name exists and is not to be replaced
 */
export function storeSmall(
  target: string,
  bytes: Uint8Array,
  { mtime, replaced, mode, overwrite }: SmallFile,
): void {
  try {
    const isPlain = replaced === undefined && mode === undefined;
    const part = PartFile.create(target, isPlain ? NEW_FILE_MODE : undefined, { look: false });
    try {
      writeWhole(part.file, bytes);
      part.file.syncSync();
      if (mode !== undefined) setAttributes(part.path, part.file, { ...replaced, mode });
      else if (replaced !== undefined) setAttributes(part.path, part.file, replaced);
      setTime(part.file, mtime);
      part.publishWritten(target, overwrite, { size: bytes.length, mtime });
    } catch (error) {
      part.remove();
      throw error;
    }
  } catch (error) {
    throw localError(error, `Cannot write ${quoted(target)}`, target);
  }
}
