/** Small downloads: written whole to a temporary file, and named once the server confirms them. */
import { localError } from "../common/error.ts";
import { type Attributes, setAttributes } from "./file_mode.ts";
import { PartFile, setTime, writeWhole } from "./part_file.ts";
import { quoted } from "../../../common/printable.ts";

/** Before the umask: what any new file gets, at once, as a call for each of thousands costs time. */
const NEW_FILE_MODE = 0o666;

/** A small file under its temporary name. */
export class SmallPart {
  private constructor(readonly part: PartFile, readonly target: string) {}

  /**
   * Writes a whole file under a temporary name beside its target.
   *
   * @param mtime modification time in ms since the Unix epoch
   * @param replaced attributes of the file that is to be replaced
   * @param mode permission bits that the file gets in addition or instead
   */
  static write(
    target: string,
    bytes: Uint8Array,
    mtime: number,
    replaced: Attributes | undefined,
    mode?: number,
  ): SmallPart {
    const isPlain = replaced === undefined && mode === undefined;
    const part = PartFile.create(target, isPlain ? NEW_FILE_MODE : undefined);
    try {
      writeWhole(part.file, bytes);
      part.file.syncSync();
      if (mode !== undefined) setAttributes(part.path, part.file, { ...replaced, mode });
      else if (replaced !== undefined) setAttributes(part.path, part.file, replaced);
      setTime(part.file, mtime);
      return new SmallPart(part, target);
    } catch (error) {
      part.remove();
      throw error;
    }
  }

  /** Gives the file its name. */
  publish(overwrite: boolean): void {
    try {
      this.part.publish(this.target, overwrite);
    } catch (error) {
      throw localError(error, `Cannot write ${quoted(this.target)}`, this.target);
    }
  }

  /** Removes the file, unless it has its name already. */
  remove(): void {
    this.part.remove();
  }
}
