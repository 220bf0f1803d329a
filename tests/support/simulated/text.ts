/** Small texts as files in memory. */
import { type DirectoryNode, FileNode } from "./inode.ts";

/**
 * Replaces a text as a whole.
 *
 * @returns whether it did: not where `confirm`, asked as the last thing before, says no
 */
export async function saveText(
  place: () => DirectoryNode,
  name: string,
  text: string,
  { durable, confirm }: { durable: boolean; confirm?: () => Promise<boolean> },
): Promise<boolean> {
  const directory = place();
  if (confirm !== undefined && !await confirm()) return false;
  // A file of its own each time: the one before stays whole until the name is durable.
  const file = new FileNode();
  file.write(new TextEncoder().encode(text), 0);
  directory.entries.set(name, file);
  if (durable) {
    file.sync();
    directory.sync();
  }
  return true;
}

/** The text of a name; undefined where there is none. */
export function loadText(directory: DirectoryNode | undefined, name: string): string | undefined {
  const file = directory?.entries.get(name);
  if (!(file instanceof FileNode)) return undefined;
  const bytes = new Uint8Array(file.size);
  file.read(bytes, 0);
  return new TextDecoder().decode(bytes);
}
