/**
 * Journals of tree transfers: the planned tree, and which of its files are done, so that `resume`
 * continues without a request for those. The first JSON line describes the transfer, one line for
 * each file follows, and then, while the transfer runs, the number of each file that is done. Until
 * all files are listed, the journal consists of its first line.
 */
import { join, SEPARATOR } from "@std/path";
import { type ConfigDirectory, fileKey } from "../../lib/connection/config.ts";
import { writeWhole } from "../../lib/local/part_file.ts";
import { newUploadKey } from "../../lib/upload/upload_key.ts";
import type { IfExists } from "../../lib/upload/upload_options.ts";

/** A file of a tree transfer. */
export interface JournalFile {
  /** Absolute local path. */
  local: string;
  /** Path at the server. */
  remote: string;
  /** Bytes when it was listed; undefined where it was not. */
  size: number | undefined;
  /** SHA-256 at the server when it was listed, where known. */
  hash?: string | undefined;
}

/** A file or directory to download that was named. */
export interface JournalSource extends JournalFile {
  directory: boolean;
}

/** State of a file when it was listed. */
export interface Seen {
  /** Bytes. */
  size: number;
  /** Modification time in ms since the Unix epoch. */
  mtime?: number | undefined;
  /** SHA-256 where it was known. */
  hash?: string | undefined;
}

/** An entry of the target that is to be removed. */
export interface Removable {
  path: string;
  directory: boolean;
  /** A file that is another one by now is not removed. */
  seen?: Seen | undefined;
}

/** Something that the target is to lose at the end, and what must still be missing then. */
export interface JournalRemoval extends Removable {
  /** Its place at the source; where something is there again, it is not removed. */
  source: string;
}

/** Something of the target that is replaced by something of another kind, once that has arrived. */
export interface JournalSwap {
  /** Temporary path at the target of what comes. */
  staged: string;
  /** Its final path. */
  path: string;
  /** True: a directory in the place of a file; false: a file in the place of a directory. */
  directory: boolean;
  /** Entries of the target that it replaces, children before parents. */
  removals: Removable[];
}

/** A tree transfer, as it was planned. */
export interface TreeWork {
  command: "upload" | "download" | "sync";
  direction: "upload" | "download";
  server: string;
  user: string;
  /** Absolute local paths that were named on the command line. */
  roots: string[];
  /** How uploads treat an existing name. */
  ifExists: IfExists;
  /** Whether downloads replace existing files. */
  overwrite: boolean;
  /** Sources that are listed for its files during the transfer. */
  sources?: JournalSource[];
  /** Those that are listed already. */
  files: JournalFile[];
  /** Directories of the target to make. */
  directories: string[];
  /** Permission bits of new directories of the target, made before their files; parents first. */
  modes?: Record<string, number>;
  removals: JournalRemoval[];
  swaps?: JournalSwap[];
  /** Names this work to the server, so that a file sent again in a later run is stored once. */
  id?: string;
  /** The directory at the server of a sync: two syncs of it are the same work. */
  place?: string;
}

const DIRECTORY = "trees";
/**
 * How long finished files are gathered before they are written: after a crash these are checked
 * again.
 */
const GATHER_MS = 50;
const encoder = new TextEncoder();

/** The journal of one tree transfer. */
export class Journal {
  #file: Deno.FsFile | undefined;
  /** Numbers of files that are done and not yet written. */
  #lines = "";
  #timer: ReturnType<typeof setTimeout> | undefined;

  private constructor(
    readonly config: ConfigDirectory,
    readonly name: string,
    readonly work: TreeWork,
    /** Numbers of the files that are done. */
    readonly finished: Set<number>,
    /** Whether all files of the tree are known. */
    public listed: boolean,
  ) {}

  /**
   * Begins one in place of an earlier one of the same; undefined where nothing can be kept.
   *
   * @param listed whether all files are known; else `allListed()` follows
   */
  static begin(
    config: ConfigDirectory | undefined,
    work: TreeWork,
    listed: boolean,
  ): Journal | undefined {
    if (config === undefined) return undefined;
    const { command, direction, server, user, roots, files, sources } = work;
    const first = work.place ?? (sources ?? files)[0]?.remote ?? "";
    const name = `${DIRECTORY}/${fileKey(command, direction, server, user, first, ...roots)}.jsonl`;
    work.id ??= newUploadKey();
    const journal = new Journal(config, name, work, new Set(), listed);
    try {
      journal.#begin();
      return journal;
    } catch {
      return undefined; // the transfer itself needs no journal
    }
  }

  /** All files of the tree are known from now on. */
  allListed(): void {
    this.listed = true;
    try {
      this.#begin();
    } catch {
      this.listed = false; // `resume` lists them again
    }
  }

  /** Writes the first part of the journal: all but the finished files. */
  #begin(): void {
    const { files, ...about } = this.work;
    const lines = [JSON.stringify(this.listed ? { ...about, count: files.length } : about)];
    if (this.listed) {
      for (const { local, remote, size, hash } of files) {
        lines.push(JSON.stringify([local, remote, size, hash]));
      }
      for (const number of this.finished) lines.push(`${number}`);
      this.#lines = "";
    }
    this.config.write(this.name, lines.join("\n") + "\n", { durable: true });
  }

  /**
   * Those of a server and user.
   *
   * @param damaged gets the names of those that can be read and hold nothing of use
   */
  static list(
    config: ConfigDirectory | undefined,
    server: string,
    user: string,
    damaged: string[],
  ): Journal[] {
    if (config === undefined) return [];
    const names = config.list(DIRECTORY).filter((name) => name.endsWith(".jsonl"))
      .map((name) => `${DIRECTORY}/${name}`);
    return names.flatMap((name) => {
      const journal = Journal.#read(config, name);
      if (journal === undefined && config.read(name) !== undefined) damaged.push(name);
      const isTheirs = journal?.work.server === server && journal.work.user === user;
      return isTheirs ? [journal] : [];
    });
  }

  /** Reads it again; undefined where it has ended meanwhile. */
  reload(): Journal | undefined {
    return Journal.#read(this.config, this.name);
  }

  static #read(config: ConfigDirectory, name: string): Journal | undefined {
    // An incomplete last line was cut off while it was written.
    const lines = config.read(name)?.split("\n").slice(0, -1) ?? [];
    try {
      const { count, ...about } = JSON.parse(lines[0]!);
      if (count === undefined && Array.isArray(about.sources) && Array.isArray(about.roots)) {
        return new Journal(config, name, { ...about, files: [] }, new Set(), false);
      }
      const files = lines.slice(1, count + 1).map((line): JournalFile => {
        const [local, remote, size, hash] = JSON.parse(line);
        return { local, remote, size: size ?? undefined, hash: hash ?? undefined };
      });
      if (files.length !== count || !Array.isArray(about.roots)) return undefined;
      const finished = new Set(lines.slice(count + 1).map(Number));
      return new Journal(config, name, { ...about, files }, finished, true);
    } catch {
      return undefined;
    }
  }

  /** Files that are known and not done. */
  get left(): JournalFile[] {
    return this.work.files.filter((_, number) => !this.finished.has(number));
  }

  /** Whether a local file may be of those that are not listed. */
  mayHave(local: string): boolean {
    return !this.listed &&
      this.work.roots.some((root) => local === root || local.startsWith(join(root, SEPARATOR)));
  }

  /** Notes that the file of a number is done. */
  done(number: number): void {
    this.finished.add(number);
    if (!this.listed) return;
    this.#lines += `${number}\n`;
    this.#timer ??= setTimeout(() => this.#write(), GATHER_MS);
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#lines === "") return;
    try {
      this.#file ??= Deno.openSync(join(this.config.path, this.name), { append: true });
      writeWhole(this.#file, encoder.encode(this.#lines));
    } catch {
      // `resume` then checks these files again.
    }
    this.#lines = "";
  }

  /** Removes the journal: there is nothing left to resume. */
  end(): void {
    this.#lines = "";
    this.close();
    this.config.remove(this.name);
  }

  /** Keeps it for `resume`. */
  close(): void {
    this.#write();
    this.#file?.close();
    this.#file = undefined;
  }
}
