/** The user's config directory: logins, trusted authorities, unfinished transfers. */
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { env, mayRead, mayWrite } from "../common/environment.ts";
import { ClientError, localError } from "../common/error.ts";

/** Names under which files are written before they are whole. */
const TEMPORARY = /\.[0-9a-f-]{36}\.tmp$/;
/** Age in ms from which such a file is one whose writer was killed. */
const TEMPORARY_MS = 60_000;

/** A directory 700 with JSON and PEM files 600; every write is atomic. */
export class ConfigDirectory {
  /** A directory, which need not exist yet. @param path absolute path */
  constructor(readonly path: string) {}

  /**
   * The user's: `XDG_CONFIG_HOME/towpath`, else `HOME/.config/towpath`; undefined where neither is
   * known or the directory may not be read and written. Needs `--allow-env`, `--allow-read` and
   * `--allow-write` to be of use, and does without.
   */
  static find(): ConfigDirectory | undefined {
    const home = env("HOME") ?? env("USERPROFILE");
    const base = env("XDG_CONFIG_HOME") ?? (home === undefined ? undefined : join(home, ".config"));
    if (base === undefined) return undefined;
    const path = join(base, "towpath");
    return mayRead(path) && mayWrite(path) ? new ConfigDirectory(path) : undefined;
  }

  /** A file's text, or undefined where there is none (or it cannot be read). */
  read(name: string): string | undefined {
    try {
      return Deno.readTextFileSync(join(this.path, name));
    } catch {
      return undefined;
    }
  }

  /** A file's JSON object, or undefined where there is none or it is damaged. */
  readJson(name: string): Record<string, unknown> | undefined {
    const text = this.read(name);
    if (text === undefined) return undefined;
    try {
      const value: unknown = JSON.parse(text);
      return typeof value === "object" && value !== null
        ? value as Record<string, unknown>
        : undefined;
    } catch {
      return undefined;
    }
  }

  /**
   * Writes a file atomically.
   *
   * @param options.durable whether it must be on disk, so that a power cut leaves it whole
   * @throws {ClientError} where it cannot be written
   */
  write(name: string, text: string, { durable = false } = {}): void {
    const path = join(this.path, name);
    const temporary = `${path}.${crypto.randomUUID()}.tmp`;
    try {
      Deno.mkdirSync(this.path, { recursive: true, mode: 0o700 });
      Deno.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      const options = { mode: 0o600, createNew: true };
      Deno.writeTextFileSync(temporary, text, options);
      if (durable) syncFile(temporary);
      Deno.renameSync(temporary, path);
    } catch (error) {
      throw localError(error, `Cannot write the client's settings in "${this.path}"`);
    }
  }

  /** Removes a file; whether there was one. */
  remove(name: string): boolean {
    try {
      Deno.removeSync(join(this.path, name));
      return true;
    } catch {
      return false;
    }
  }

  /** Names of the files in a directory of it; what a kill left half-written is removed. */
  list(directory: string): string[] {
    try {
      const names = [...Deno.readDirSync(join(this.path, directory))].map((entry) => entry.name);
      const [temporary, whole] = [true, false].map((is) =>
        names.filter((name) => TEMPORARY.test(name) === is)
      );
      for (const name of temporary!) this.#removeOld(`${directory}/${name}`);
      return whole!.sort();
    } catch {
      return [];
    }
  }

  #removeOld(name: string): void {
    try {
      const { mtime } = Deno.lstatSync(join(this.path, name));
      if (Date.now() - (mtime?.getTime() ?? 0) > TEMPORARY_MS) this.remove(name);
    } catch {
      // Written to its end meanwhile.
    }
  }
}

/** Returns the config directory. @throws {ClientError} where there is none */
export function needConfig(config: ConfigDirectory | undefined): ConfigDirectory {
  if (config !== undefined) return config;
  throw new ClientError(
    "There is no place to keep settings: set HOME or XDG_CONFIG_HOME, and allow Deno to read and write there",
  );
}

function syncFile(path: string): void {
  using file = Deno.openSync(path, { read: true, write: true });
  file.syncSync();
}

/** A short file name for anything. */
export function fileKey(...parts: string[]): string {
  return createHash("sha256").update(parts.join("\0")).digest("hex").slice(0, 32);
}
