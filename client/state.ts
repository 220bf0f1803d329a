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
  /** Path at the server, as it was asked for. */
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

/** Either of them. */
export type TransferState = UploadState | DownloadState;

const DIRECTORY = "transfers";

/** The transfers that were begun and not finished. */
export class TransferMemory {
  readonly #config: ConfigDirectory | undefined;

  constructor(config: ConfigDirectory | undefined) {
    this.#config = config;
  }

  /** Remembers a transfer; failing to is no reason to stop it. */
  keep(state: TransferState): void {
    try {
      this.#config?.write(place(state), JSON.stringify(state) + "\n");
    } catch {
      // The transfer itself needs no memory.
    }
  }

  /** Forgets a transfer that is finished or gone. */
  forget(state: Pick<TransferState, "kind" | "local" | "server" | "user">): void {
    this.#config?.remove(place(state));
  }

  /** All of one server and user, oldest first. */
  list(server: string, user: string): TransferState[] {
    return this.#all(user).filter((state) => state.server === server);
  }

  /**
   * Uploads that were begun under another name of the server, oldest first; they are this name's
   * from now on.
   *
   * @param tempIds of the unfinished uploads that the server has
   */
  adoptUploads(server: string, user: string, tempIds: ReadonlySet<string>): UploadState[] {
    const others = this.#all(user)
      .filter((state) => state.kind === "upload")
      .filter((state) => state.server !== server && tempIds.has(state.temp_id));
    return others.map((state) => {
      const adopted = { ...state, server };
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
        const state = check(config.readJson(`${DIRECTORY}/${name}`));
        if (state === undefined) config.remove(`${DIRECTORY}/${name}`); // damaged: of no use
        return state;
      })
      .filter((state) => state !== undefined)
      .filter((state) => state.user === user)
      .sort((a, b) => a.started - b.started);
  }

  /** What is remembered of a transfer now; undefined where it has ended since. */
  again<S extends TransferState>(state: S): S | undefined {
    const now = this.find(state.kind, state.local, state.server, state.user);
    return now?.remote === state.remote ? now as unknown as S : undefined;
  }

  /** The one of a local file. */
  find<K extends TransferState["kind"]>(
    kind: K,
    local: string,
    server: string,
    user: string,
  ): Extract<TransferState, { kind: K }> | undefined {
    const state = check(this.#config?.readJson(place({ kind, local, server, user })));
    return state?.kind === kind && state.local === local
      ? state as Extract<TransferState, { kind: K }>
      : undefined;
  }
}

function place(of: Pick<TransferState, "kind" | "local" | "server" | "user">): string {
  return `${DIRECTORY}/${fileKey(of.kind, of.server, of.user, of.local)}.json`;
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
