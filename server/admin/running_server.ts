/** The server that runs on a data directory, as `admin` asks it (server/data/control_files.ts). */
import { delay } from "@std/async";
import { join } from "@std/path";
import { reasonOf } from "../../common/os_reason.ts";
import { programName } from "../../common/program_name.ts";
import type { Bus, Questions } from "../../storage/monitor/bus.ts";
import { SpaceReserve } from "../../storage/engine_places.ts";
import {
  CONTROL_ENDS,
  CONTROL_QUESTIONS,
  type ControlAnswer,
  controlDirectory,
  type ControlQuestion,
  FOLLOW_MOUNTS,
} from "../data/control_files.ts";
import { isThere, removeIfThere } from "../data/data_directory.ts";
import { holderOf, isHeld } from "../data/data_lock.ts";
import { failure } from "../options/error.ts";
import { give, ownerOf } from "./host/ownership.ts";

/** How long the server may take: it looks every 0.2 s, and waits up to 1 s for its workers. */
const MAX_WAIT_MS = 20_000;
const POLL_MS = 20;

/** Throws where no server runs on a data directory. @throws {ExitError} */
export function assertRuns(data: string): void {
  if (isHeld(data)) return;
  throw failure(
    `No server runs on ${data}, and sessions exist only while one runs: start it with ` +
      `${programName("serve")} --data ${data}`,
  );
}

/** Bus to the workers of the server that runs on a data directory; none answers where none runs. */
export function serverBus(data: string): Bus {
  return {
    listen() {},
    async ask(name, question) {
      // The server notices the other changes in the catalog.
      const known = (CONTROL_QUESTIONS as readonly string[]).includes(name);
      if (!known || !isHeld(data)) return [];
      return await askServer(data, name as keyof Questions & ControlQuestion, question as never);
    },
    close() {},
  };
}

/**
 * Has the server that runs on a data directory follow the mounts that the catalog has now.
 *
 * @returns whether one runs
 */
export async function followMounts(data: string): Promise<boolean> {
  const end = performance.now() + MAX_WAIT_MS;
  while (isHeld(data)) {
    // One that is starting may have read the mounts before they changed.
    if (!isThere(controlDirectory(data)) && performance.now() < end) await delay(POLL_MS);
    else {
      await ask(data, FOLLOW_MOUNTS, null);
      return true;
    }
  }
  return false;
}

async function askServer<Q extends keyof Questions & ControlQuestion>(
  data: string,
  name: Q,
  question: Questions[Q]["question"],
): Promise<Questions[Q]["answer"][]> {
  return await ask(data, name, question) as Questions[Q]["answer"][];
}

async function ask(data: string, name: ControlQuestion, question: unknown): Promise<unknown[]> {
  const directory = controlDirectory(data);
  if (!isThere(directory)) throw failure(`${serverOf(data)} is starting or stopping: try again`);
  const path = join(directory, crypto.randomUUID());
  const draft = path + CONTROL_ENDS.draft;
  const asked = path + CONTROL_ENDS.question;
  const answered = path + CONTROL_ENDS.answer;
  try {
    new SpaceReserve(data).use(() => write(data, draft, JSON.stringify({ name, question })));
    Deno.renameSync(draft, asked);
    const answer = await waitFor(answered);
    if (answer === undefined) {
      throw failure(`${serverOf(data)} did not answer within ${MAX_WAIT_MS / 1000} s: try again`);
    }
    if ("failed" in answer) throw failure(`${serverOf(data)} failed: ${answer.failed}`);
    return answer.answers;
  } finally {
    for (const file of [draft, asked, answered]) removeIfThere(file);
  }
}

/** Writes a file that the server's user can read, also where this process has another user. */
function write(data: string, path: string, text: string): void {
  try {
    Deno.writeTextFileSync(path, text, { createNew: true, mode: 0o600 });
    const [owner, maker] = [ownerOf(data), ownerOf(path)];
    if (owner !== undefined && maker !== undefined && maker.uid !== owner.uid) {
      give(path, maker.uid, owner);
    }
  } catch (error) {
    throw failure(`The server cannot be asked: ${reasonOf(error, path)}`, error);
  }
}

async function waitFor(path: string): Promise<ControlAnswer | undefined> {
  const end = performance.now() + MAX_WAIT_MS;
  while (performance.now() < end) {
    await delay(POLL_MS);
    try {
      if (Deno.lstatSync(path).isFile) return JSON.parse(Deno.readTextFileSync(path));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return undefined;
}

function serverOf(data: string): string {
  const pid = holderOf(data);
  return pid === undefined ? "The server" : `The server (process ${pid})`;
}
