/** Answers questions of `admin` (server/data/control_files.ts) while the server runs. */
import { join } from "@std/path";
import { getLogger } from "@logtape/logtape";
import { reasonOf } from "../../common/os_reason.ts";
import type { Bus } from "../../storage/monitor/bus.ts";
import { SpaceReserve } from "../../storage/engine_places.ts";
import {
  CONTROL_ENDS,
  CONTROL_QUESTIONS,
  type ControlAnswer,
  controlDirectory,
  type ControlRequest,
  FOLLOW_MOUNTS,
} from "../data/control_files.ts";
import { makePrivateDirectory, removeIfThere, writePrivateFile } from "../data/data_directory.ts";

/** Interval at which the directory is read, which takes some µs. */
const POLL_MS = 200;
/** A question is a line of JSON. */
const MAX_QUESTION_BYTES = 16 * 1024;
/** `admin` waits less long: what is older was left by one that was killed. */
const MAX_AGE_MS = 60_000;

const log = getLogger(["towpath", "control"]);

/** Answers questions until it is closed. */
export class ControlDesk implements Disposable {
  readonly #directory: string;
  readonly #bus: Bus;
  readonly #reserve: SpaceReserve;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #answering = new Set<string>();
  #trouble: string | undefined;

  /**
   * @param bus to all workers
   * @param followMounts has the workers follow the mounts that the catalog has now
   */
  constructor(data: string, bus: Bus, readonly followMounts: () => Promise<void>) {
    this.#directory = controlDirectory(data);
    this.#bus = bus;
    this.#reserve = new SpaceReserve(data);
    this.#look();
    this.#timer = setInterval(() => this.#look(), POLL_MS);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#bus.close();
    try {
      Deno.removeSync(this.#directory, { recursive: true });
    } catch {
      // A request left there is void: the next start checks its age.
    }
  }

  #look(): void {
    try {
      makePrivateDirectory(this.#directory);
      for (const { name } of Deno.readDirSync(this.#directory)) {
        const path = join(this.#directory, name);
        if (isOld(path)) removeIfThere(path);
        else if (name.endsWith(CONTROL_ENDS.question) && !this.#answering.has(path)) {
          this.#answer(path);
        }
      }
      this.#trouble = undefined;
    } catch (error) {
      const reason = reasonOf(error, this.#directory);
      if (reason !== this.#trouble) {
        log.warn("admin cannot reach this server: {reason}", { reason });
      }
      this.#trouble = reason;
    }
  }

  async #answer(path: string): Promise<void> {
    this.#answering.add(path);
    try {
      const request = readRequest(path);
      removeIfThere(path);
      if (request === undefined) return;
      const answer = await this.#ask(request);
      const target = path.slice(0, -CONTROL_ENDS.question.length) + CONTROL_ENDS.answer;
      this.#reserve.use(() => writePrivateFile(target, JSON.stringify(answer)));
    } catch (error) {
      log.warn("A question of admin was not answered: {reason}", { reason: reasonOf(error, path) });
    } finally {
      this.#answering.delete(path);
    }
  }

  async #ask({ name, question }: ControlRequest): Promise<ControlAnswer> {
    try {
      if (name === FOLLOW_MOUNTS) {
        await this.followMounts();
        return { answers: [] };
      }
      return { answers: await this.#bus.ask(name, question as never) };
    } catch (error) {
      return { failed: reasonOf(error) };
    }
  }
}

/** Whether a file was left by a program that was killed. */
function isOld(path: string): boolean {
  const { mtime } = Deno.lstatSync(path);
  return mtime !== null && Math.abs(Date.now() - mtime.getTime()) > MAX_AGE_MS;
}

/** Reads a question; undefined where the file is none. */
function readRequest(path: string): ControlRequest | undefined {
  const { isFile, size } = Deno.lstatSync(path);
  if (!isFile || size > MAX_QUESTION_BYTES) return undefined;
  try {
    const { name, question } = JSON.parse(Deno.readTextFileSync(path));
    const isKnown = name === FOLLOW_MOUNTS || CONTROL_QUESTIONS.includes(name);
    return isKnown ? { name, question } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
