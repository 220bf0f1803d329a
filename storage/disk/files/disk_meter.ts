import { statfsSync } from "node:fs";
import type { MeasuredSpace } from "../../space/disk_space.ts";

/**
 * Measures the space of the file system that a directory is on. Needs `--allow-sys=statfs`.
 *
 * @returns a function that measures now; undefined where that is not permitted
 */
export function diskMeter(directory: string): () => MeasuredSpace | undefined {
  let permitted = true;
  return () => {
    if (!permitted) return undefined;
    try {
      const { bsize, bavail, blocks } = statfsSync(directory);
      return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
    } catch {
      permitted = false;
      return undefined;
    }
  };
}
