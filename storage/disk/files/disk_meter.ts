import { statfs } from "node:fs/promises";
import type { Space } from "../../contract/engine.ts";

/**
 * Measures the space of the file system that a directory is on. Needs `--allow-sys=statfs`.
 *
 * @returns a function that measures now; undefined where that is not permitted
 */
export function diskMeter(directory: string): () => Promise<Space | undefined> {
  let permitted = true;
  return async () => {
    if (!permitted) return undefined;
    try {
      const { bsize, bavail, blocks } = await statfs(directory);
      return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
    } catch {
      permitted = false;
      return undefined;
    }
  };
}
