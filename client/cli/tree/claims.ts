/**
 * Claims: which process works on which local files and uploads, so that two never do the same work.
 * A claim is a locked file in the config directory; the system drops the lock when its process ends,
 * however it ends. Without a config directory, or where files cannot be locked, nothing is claimed:
 * temporary files of downloads have locks of their own all the same.
 */
import { basename, dirname, join, SEPARATOR } from "@std/path";
import { dirname as posixDirname, normalize as posixNormalize } from "@std/path/posix";
import type { Context } from "../options/command.ts";
import type { ConfigDirectory } from "../../lib/connection/config.ts";
import { mayRead } from "../../lib/common/environment.ts";
import { ClientError, ExitCode, Interrupted } from "../../lib/common/error.ts";
import type { TreeWork } from "./journal.ts";
import { showTime } from "../terminal/show_time.ts";
import { sleep } from "../../lib/common/sleep.ts";
import { quoted } from "../../../common/printable.ts";

/** Timeout for a claimed piece of work, in ms. */
const MAX_WAIT_MS = 10_000;
const LOOK_MS = 200;
const DIRECTORY = "claims";

/** An upload: what goes where. Two are the same work where both places overlap. */
interface UploadPlace {
  server: string;
  user: string;
  /** Absolute local path of a file or directory. */
  local: string;
  /** Path at the server. */
  remote: string;
}

/** A piece of work that one process does at a time. */
export interface Work {
  /** Absolute local paths that are written to, with all below them. */
  writes?: string[];
  uploads?: UploadPlace[];
}

interface Claim extends Required<Work> {
  pid: number;
  /** Milliseconds since the Unix epoch. */
  since: number;
}

/** The work of a whole tree. */
export function workOf(tree: TreeWork): Work {
  const { server, user, roots, direction } = tree;
  if (direction === "download") return { writes: roots };
  const remotes = [...tree.files.map((file) => file.remote), ...tree.directories];
  const remote = commonParent(remotes.map(cleanRemote));
  return { uploads: roots.map((local) => ({ server, user, local, remote })) };
}

/** The claims of one command; they end when it is disposed of, or with the process. */
export class Claims implements Disposable {
  readonly #held: { file: Deno.FsFile; name: string }[] = [];
  #deadline: number | undefined;

  constructor(readonly context: Pick<Context, "config" | "signal" | "output">) {}

  /**
   * Claims work; waits up to 10 seconds in all for other processes that have claimed it.
   *
   * @param title description of the work, for the message of an error
   * @throws {ClientError} with exit code 8, which names the other process and its start
   */
  async take(title: string, work: Work): Promise<void> {
    const { config, signal, output } = this.context;
    if (config === undefined) return;
    const { writes = [], uploads = [] } = work;
    const wanted: Claim = {
      pid: Deno.pid,
      since: Date.now(),
      writes: writes.map(realPath),
      uploads: uploads.map((one) => ({
        ...one,
        local: realPath(one.local),
        remote: cleanRemote(one.remote),
      })),
    };
    for (;;) {
      const other = this.#try(config, wanted);
      if (other === undefined) return;
      const who = `process ${other.pid} has been working on it since ${showTime(other.since)} UTC`;
      if (this.#deadline === undefined) output.note(`Waiting for ${quoted(title)}: ${who}.`);
      this.#deadline ??= performance.now() + MAX_WAIT_MS;
      if (performance.now() > this.#deadline) {
        throw new ClientError(
          `Cannot work on ${quoted(title)}: ${who}. Try again when it has ended`,
          {
            exitCode: ExitCode.conflict,
            filename: title,
          },
        );
      }
      await sleep(LOOK_MS, signal);
      if (signal.aborted) throw new Interrupted();
    }
  }

  [Symbol.dispose](): void {
    for (const { file, name } of this.#held.splice(0)) {
      this.context.config!.remove(`${name}.json`);
      this.context.config!.remove(`${name}.lock`);
      file.close();
    }
  }

  /** @returns the claim of another process, or of another command of this one, that is in the way */
  #try(config: ConfigDirectory, wanted: Claim): Claim | undefined {
    let mutex: Deno.FsFile | undefined;
    try {
      mutex = openLock(config, "mutex");
      mutex.lockSync(true);
      const mine = new Set(this.#held.map(({ name }) => name));
      const other = others(config, mine).find((claim) => overlaps(claim, wanted));
      if (other !== undefined) return other;
      const name = `${DIRECTORY}/${crypto.randomUUID()}`;
      config.write(`${name}.json`, JSON.stringify(wanted) + "\n");
      const file = openLock(config, basename(name));
      this.#held.push({ file, name });
      file.tryLockSync(true);
    } catch {
      // No locks here: the work itself needs none.
    } finally {
      mutex?.close();
    }
    return undefined;
  }
}

function openLock(config: ConfigDirectory, name: string): Deno.FsFile {
  const directory = join(config.path, DIRECTORY);
  Deno.mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, `${name}.lock`);
  return Deno.openSync(path, { read: true, write: true, create: true, mode: 0o600 });
}

/** Claims of processes that run; those that a process left when it was killed are removed. */
function others(config: ConfigDirectory, mine: ReadonlySet<string>): Claim[] {
  const claims: Claim[] = [];
  for (const file of config.list(DIRECTORY)) {
    const name = `${DIRECTORY}/${file.replace(/\.json$/, "")}`;
    if (!file.endsWith(".json") || mine.has(name)) continue;
    using lock = openLock(config, basename(name));
    if (lock.tryLockSync(true)) {
      config.remove(`${name}.json`);
      config.remove(`${name}.lock`);
      continue;
    }
    const claim = config.readJson(`${name}.json`);
    if (isClaim(claim)) claims.push(claim);
  }
  return claims;
}

function isClaim(value: unknown): value is Claim {
  const claim = value as Partial<Claim> | undefined;
  return typeof claim?.pid === "number" && typeof claim.since === "number" &&
    Array.isArray(claim.writes) && Array.isArray(claim.uploads);
}

function overlaps(one: Claim, other: Claim): boolean {
  return one.writes.some((a) => other.writes.some((b) => contain(a, b, SEPARATOR))) ||
    one.uploads.some((a) =>
      other.uploads.some((b) =>
        a.server === b.server && a.user === b.user && contain(a.local, b.local, SEPARATOR) &&
        contain(a.remote, b.remote, "/")
      )
    );
}

/** Whether two paths are the same, or one contains the other. */
function contain(one: string, other: string, separator: string): boolean {
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  return short === long ||
    long.startsWith(short.endsWith(separator) ? short : short + separator);
}

/** A local path with the links on the way to it resolved, as far as it exists. */
function realPath(path: string): string {
  for (const [known, rest] of [[path, ""], [dirname(path), basename(path)]] as const) {
    try {
      if (mayRead(known)) return join(Deno.realPathSync(known), rest);
    } catch {
      // Not there yet.
    }
  }
  return path;
}

function cleanRemote(path: string): string {
  return posixNormalize(`/${path}`).replace(/(.)\/$/, "$1").normalize();
}

function commonParent(paths: string[]): string {
  const [first = "/", ...others] = paths;
  let common = first;
  for (const path of others) {
    while (!contain(common, path, "/") || common.length > path.length) {
      common = posixDirname(common);
    }
  }
  return common;
}
