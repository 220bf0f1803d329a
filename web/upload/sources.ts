/** Files and folders as they are chosen or dropped. */

/** One file that is to be uploaded. */
export interface Source {
  file: File;
  /** Where it goes, relative to the directory that was chosen for it: `photos/may/1.jpg`. */
  path: string;
  /** Handle to open the file again after a reload, in browsers that have it. */
  handle?: FileSystemFileHandle;
}

/** Files and folders chosen at once. */
export interface Chosen {
  files: Source[];
  /** Folders without a file, relative likewise. */
  emptyFolders: string[];
}

/** The choice made in `<input type="file">`, with folders where it asks for them. */
export function fromInput(input: HTMLInputElement): Chosen {
  const files = Array.from(input.files ?? [], (file) => ({
    file,
    path: file.webkitRelativePath || file.name,
  }));
  return { files, emptyFolders: [] };
}

/**
 * Reads dropped files and folders. Call it before the drop event has ended; the folders are read
 * later. They are read as entries and not by handles, which omit names that Windows would not
 * allow.
 */
export async function fromDrop(data: DataTransfer): Promise<Chosen> {
  const items = Array.from(data.items)
    .filter(({ kind }) => kind === "file")
    .map((item) => ({
      handle: (item as WithHandle).getAsFileSystemHandle?.().catch(() => null),
      entry: item.webkitGetAsEntry(),
      file: item.getAsFile(),
    }));
  const chosen: Chosen = { files: [], emptyFolders: [] };
  for (const { handle, entry, file } of items) {
    const found = await handle;
    if (entry?.isDirectory) await takeEntry(entry, entry.name, chosen);
    else if (file) {
      const kept = found instanceof FileSystemFileHandle ? { handle: found } : {};
      chosen.files.push({ file, path: file.name, ...kept });
    }
  }
  return chosen;
}

/** Not in every browser: https://wicg.github.io/file-system-access/#drag-and-drop */
type WithHandle = DataTransferItem & {
  getAsFileSystemHandle?(): Promise<FileSystemHandle | null>;
};

async function takeEntry(entry: FileSystemEntry, path: string, chosen: Chosen): Promise<void> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject)
    );
    chosen.files.push({ file, path });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  let empty = true;
  while (true) { // a reader gives a hundred at a time
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject)
    );
    if (some.length === 0) break;
    empty = false;
    for (const child of some) await takeEntry(child, `${path}/${child.name}`, chosen);
  }
  if (empty) chosen.emptyFolders.push(path);
}
