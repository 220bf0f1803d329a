/**
 * Memory of interrupted transfers: one file each in the config directory, so that `resume` finds
 * them. Without a config directory transfers work all the same, only `resume` knows less.
 */
import { type ConfigDirectory, fileKey } from "./config.ts";

interface Common {
  server: string;
  user: string;
  /** Absolute path of the local file. */
  local: string;
  /** Path at the server, as the user wrote it. */
  remote: string;
  /** Milliseconds since the Unix epoch when it began. */
  started: number;
}

/** An upload that was begun. */
export interface UploadState extends Common {
  kind: "upload";
  temp_id: string;
  /** The upload's own name; missing in what earlier releases wrote. */
  key?: string | undefined;
  size: number;
  mtime: number;
  if_exists: string;
}

/** A download that was begun. */
export interface DownloadState extends Common {
  kind: "download";
  /** Absolute path of the temporary file. */
  part: string;
  /** Its inode number, where the system has such. */
  inode?: number | undefined;
  size: number;
  hash: string;
  overwrite: boolean;
}

/** Key of a transfer. */
export type StateKey =
  | Pick<UploadState, "kind" | "local" | "remote" | "server" | "user">
  | Pick<DownloadState, "kind" | "local" | "server" | "user">;

/** Either of them. */
export type TransferState = UploadState | DownloadState;

const DIRECTORY = "transfers";

/** The transfers that were begun and not finished. */
export class TransferMemory {
  readonly #config: ConfigDirectory | undefined;
  /** Names of files that were listed and hold nothing of use. */
  readonly #damaged = new Set<string>();

  constructor(config: ConfigDirectory | undefined) {
    this.#config = config;
  }

  /** Remembers a transfer; failing to is no reason to stop it. */
  keep(state: TransferState): void {
    try {
      this.#config?.write(place(state), JSON.stringify(state) + "\n", { durable: true });
    } catch {
      // The transfer itself needs no memory.
    }
  }

  /** Removes the state of a transfer that is finished or lost. */
  forget(state: StateKey): void {
    this.#config?.remove(place(state));
  }

  /** All of one server and user, oldest first. */
  list(server: string, user: string): TransferState[] {
    return this.#all(user).filter((state) => state.server === server);
  }

  /**
   * Finds uploads that were begun under another name of the server, oldest first, and moves them to
   * this name.
   *
   * @param tempIds unfinished uploads that the server has
   */
  adoptUploads(server: string, user: string, tempIds: ReadonlySet<string>): UploadState[] {
    const others = this.#all(user)
      .filter((state) => state.kind === "upload")
      .filter((state) => state.server !== server && tempIds.has(state.temp_id));
    return others.map((state) => {
      const adopted: UploadState = { ...state, server };
      this.keep(adopted);
      this.forget(state);
      return adopted;
    });
  }

  #all(user: string): TransferState[] {
    const config = this.#config;
    if (config === undefined) return [];
    return config.list(DIRECTORY)
      .filter((name) => name.endsWith(".json"))
      .map((name) => {
        const path = `${DIRECTORY}/${name}`;
        const state = check(config.readJson(path));
        if (state === undefined) this.#damaged.add(path);
        else if (path !== place(state)) this.#rename(config, path, state);
        return state;
      })
      .filter((state) => state !== undefined)
      .filter((state) => state.user === user)
      .sort((a, b) => a.started - b.started);
  }

  /** Uploads of a local file, oldest first. */
  uploadsOf(local: string, server: string, user: string): UploadState[] {
    return this.list(server, user)
      .filter((state) => state.kind === "upload")
      .filter((state) => state.local === local);
  }

  /** Renames state that an earlier release stored under another name. */
  #rename(config: ConfigDirectory, path: string, state: TransferState): void {
    if (config.read(place(state)) === undefined) this.keep(state);
    config.remove(path);
  }

  /**
   * Removes the damaged files among those that were listed. Unreadable ones stay: they may be
   * readable later.
   *
   * @returns their names
   */
  removeDamaged(): string[] {
    const names = [...this.#damaged].filter((name) => this.#config?.read(name) !== undefined);
    for (const name of names) this.#config?.remove(name);
    this.#damaged.clear();
    return names;
  }

  /** Reads the present state of a transfer; undefined where it has ended. */
  again<S extends TransferState>(state: S): S | undefined {
    return this.find(state) as S | undefined;
  }

  /** The download to a local file, or the upload from one to a place at the server. */
  find<K extends StateKey>(key: K): Extract<TransferState, { kind: K["kind"] }> | undefined {
    const state = check(this.#config?.readJson(place(key)));
    const same = state?.kind === key.kind && state.local === key.local &&
      (key.kind === "download" || state.remote === key.remote);
    return same ? state as Extract<TransferState, { kind: K["kind"] }> : undefined;
  }
}

/** A local file has one download at a time, but may be on its way to several places. */
function place(of: StateKey): string {
  const remote = of.kind === "upload" ? [of.remote] : [];
  return `${DIRECTORY}/${fileKey(of.kind, of.server, of.user, of.local, ...remote)}.json`;
}

function check(value: Record<string, unknown> | undefined): TransferState | undefined {
  if (value === undefined) return undefined;
  const texts = ["server", "user", "local", "remote"].every((name) =>
    typeof value[name] === "string"
  );
  if (!texts || typeof value.size !== "number" || typeof value.started !== "number") {
    return undefined;
  }
  const whole = value.kind === "upload"
    ? typeof value.temp_id === "string" && typeof value.mtime === "number" &&
      typeof value.if_exists === "string"
    : value.kind === "download" && typeof value.part === "string" &&
      typeof value.hash === "string";
  return whole ? value as unknown as TransferState : undefined;
}
