import { yieldTurn } from "../../../storage/common/slices.ts";
import type { Content } from "../../../storage/contract/entry.ts";
import type { StoredPart } from "../../../storage/disk/interfaces/store.ts";
import { call } from "./store_errors.ts";
import type { FileNode } from "./inode.ts";

/** Opens a file in memory as the content of an unfinished upload. */
export function partOf(file: FileNode): StoredPart {
  return {
    size: () => Promise.resolve(file.size),
    write: (bytes, offsetBytes) => file.write(bytes, offsetBytes),
    read: (into, offsetBytes) => file.read(into, offsetBytes),
    readAsync: async (into, offsetBytes) => {
      await yieldTurn();
      return file.read(into, offsetBytes);
    },
    truncate: (sizeBytes) => Promise.resolve(file.truncate(sizeBytes)),
    setModified: (mtimeMs) => file.mtimeMs = mtimeMs,
    sync: () => file.sync(),
    claim: () => true,
    close: () => {},
  };
}

/** Opens a file in memory for reading. */
export function contentOf(file: FileNode): Content {
  return {
    size: file.size,
    mtimeMs: file.mtimeMs,
    read: (into, offsetBytes) => call(() => file.read(into, offsetBytes)),
    readAsync: async (into, offsetBytes) => {
      await yieldTurn();
      return file.read(into, offsetBytes);
    },
    close: () => {},
  };
}
