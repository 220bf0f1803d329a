/**
 * Unfinished uploads that the browser remembers, in IndexedDB: the properties of their files, and a
 * handle to the file in browsers that have it. The server stores everything else; a browser that
 * keeps nothing only prompts for the file again.
 */

/** One unfinished upload. */
export interface Remembered {
  /** The server's name of the upload. */
  id: string;
  name: string;
  sizeBytes: number;
  modifiedMs: number;
  handle?: FileSystemFileHandle;
}

/**
 * Store of the unfinished uploads that this browser began. Its methods never throw: a lost entry
 * costs a prompt, never an upload.
 */
export interface Memory {
  all(): Promise<Remembered[]>;
  keep(upload: Remembered): Promise<void>;
  forget(id: string): Promise<void>;
}

const STORE = "uploads";

/** Opens the memory of an account of the server below a path of the host. */
export function openMemory(basePath: string, account: string): Memory {
  const opened = new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(`towpath${basePath} ${account}`, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "id" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const run = async <T>(
    mode: IDBTransactionMode,
    ask: (store: IDBObjectStore) => IDBRequest<T>,
  ): Promise<T | undefined> => {
    try {
      const database = await opened;
      return await new Promise((resolve, reject) => {
        const request = ask(database.transaction(STORE, mode).objectStore(STORE));
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    } catch {
      return undefined;
    }
  };
  return {
    all: async () => await run("readonly", (store) => store.getAll()) ?? [],
    keep: async (upload) => void await run("readwrite", (store) => store.put(upload)),
    forget: async (id) => void await run("readwrite", (store) => store.delete(id)),
  };
}
