/** Compares everything that must be stored with what is stored, while nothing else happens. */
import { delay } from "@std/async";
import type { Actor } from "./actor.ts";
import { bytesOf, type Content, firstDifference } from "./common/content.ts";
import { Refused } from "./common/door_client.ts";
import { Http } from "./doors/http.ts";
import type { State } from "./model.ts";
import { settleMoves } from "./moves.ts";
import type { Log } from "./user.ts";

/** Timeout for uploads to finish. */
const REST_MS = 120_000;
/** Number of equal observations in a row, with pauses between, that count as rest. */
const QUIET = { looks: 4, pauseMs: 200 };

/** A request whose connection is lost is sent so often: all workers may be about to start again. */
const AGAIN = { tries: 90, pauseMs: 500 };

/** Lines of the audit log that the report of a difference has. */
const MAX_LINES = 12;

/** Files of each user that a check downloads; all are compared on the disk. */
const DOWNLOADS = 5;

interface Usage {
  usedBytes: number;
  reservedBytes: number;
}

/** Checks all accounts. @returns number of files and bytes compared */
export async function checkAll(
  actors: readonly Actor[],
  log: Log,
): Promise<{ files: number; bytes: number }> {
  const total = { files: 0, bytes: 0 };
  for (const [account, group] of Map.groupBy(actors, (actor) => actor.home.account)) {
    const { context } = group.find((actor) => actor.context.login.username === account)!;
    const http = new Http(context);
    const { stored } = context.place;
    const parts = () => stored.parts(account);
    const aside = () => stored.asideBytes(account);
    await rest(http, parts, aside);
    let used = 0;
    for (const actor of group) {
      await settleMoves(actor, http, log);
      for (const path of actor.model.mixed) {
        await again(() => actor.http.ask("DELETE", `/api/v1/files${path}`, { also: 404 }));
        actor.model.set(path, null);
      }
      actor.model.mixed.clear();
      const found = await settle(actor, http, log);
      // An interrupted removal leaves a file that is counted once it is read.
      for (const path of found.uncertain) {
        await again(() => actor.http.ask("GET", `/api/v1/files${path}`));
      }
      total.files += found.files;
      total.bytes += found.bytes;
      used += found.bytes;
      await compareByDownload(actor);
    }
    const { usedBytes, reservedBytes } = await again(() => http.json("GET", "/account")) as Usage;
    const setAside = aside();
    if (usedBytes !== used || reservedBytes !== setAside) {
      log.difference(
        `${account}: ${usedBytes} bytes used and ${reservedBytes} reserved, ` +
          `where the files have ${used} and ${setAside} are set aside`,
      );
    }
    const left = parts();
    if (left.length > 0) log.difference(`${account}: ${left.join(", ")} left in parts/`);
  }
  return total;
}

/**
 * Drops all unfinished uploads, also those that clients left open, and waits until what had all its
 * bytes has its name: until nothing changes any more.
 */
async function rest(http: Http, parts: () => string[], aside: () => number): Promise<void> {
  const deadline = performance.now() + REST_MS;
  let before = "";
  for (let quiet = 0; quiet < QUIET.looks && performance.now() < deadline;) {
    const uploads = await again(() => http.uploads());
    for (const { id } of uploads) {
      await again(() => http.ask("DELETE", `/api/v1/uploads/${id}`, { also: 404 }));
    }
    const usage = await again(() => http.json("GET", "/account")) as Usage;
    const now = JSON.stringify([usage, parts()]);
    const still = now === before && uploads.length === 0 &&
      usage.reservedBytes === aside();
    quiet = still ? quiet + 1 : 0;
    before = now;
    await delay(QUIET.pauseMs);
  }
}

/** Compares an actor's files, as they are stored; what was uncertain is what is found there. */
async function settle(
  actor: Actor,
  owner: Http,
  log: Log,
): Promise<{ files: number; bytes: number; uncertain: string[] }> {
  const { model, directory, home } = actor;
  const inDirectory = await actor.context.place.stored.files(owner, home.directory);
  const there = new Map(
    [...inDirectory ?? []].map(([name, read]) => [`${directory}/${name}`, read]),
  );
  let files = 0;
  let bytes = 0;
  const uncertain: string[] = [];
  const moved = new Map<string, State>();
  for (const path of new Set([...model.paths(), ...there.keys()])) {
    const actual = await there.get(path)?.() ?? null;
    const states = [...model.statesAt(path)];
    const versions = model.floating.filter(({ base }) => path.startsWith(`${base}_v`));
    const state = [...states, ...versions.map(({ content }) => content)]
      .find((state) => isSame(state, actual));
    if (model.broken.has(path)) {
      // Reported by an earlier check.
    } else if (state === undefined) {
      log.difference(
        `${actor.id}: ${path} as it is stored is ${
          actual === null ? "missing" : `${actual.length} bytes${likeness(states, actual)}`
        }` +
          `, and may be ${states.map(shown).join(" or ")}` +
          [...model.historyOf(path), ...auditOf(actor, path)].map((line) => `\n    ${line}`).join(
            "",
          ),
      );
      model.broken.add(path);
    } else {
      model.set(path, state);
      moved.set(path, state);
    }
    if (actual !== null) {
      if (states.length > 1) uncertain.push(path);
      files++;
      bytes += actual.length;
    }
  }
  for (const { from, to } of model.renames) {
    if ((moved.get(from) ?? null) !== null === ((moved.get(to) ?? null) !== null)) {
      log.difference(
        `${actor.id}: of the rename of ${from} to ${to} both names, or none, is there`,
      );
    }
  }
  model.renames.length = 0;
  model.floating.length = 0;
  return { files, bytes, uncertain };
}

/** Whether content is the beginning of what was expected: an upload that was cut, and taken for whole. */
function likeness(states: readonly State[], actual: Uint8Array): string {
  const cut = states.some((state) =>
    state !== null && actual.length < state.size &&
    firstDifference(bytesOf(state).subarray(0, actual.length), actual) === undefined
  );
  return cut ? ", the beginning of it" : "";
}

/** The last lines of the audit log that name a file. */
function auditOf({ context, home, directory }: Actor, path: string): string[] {
  const own = `"${home.directory}${path.slice(directory.length)}"`;
  return context.place.stored.auditLines()
    .filter((line) => line.includes(`"${path}"`) || line.includes(own)).slice(-MAX_LINES);
}

/** Reads some files, each by some door. */
async function compareByDownload(actor: Actor): Promise<void> {
  const paths = actor.model.files();
  for (let i = 0; i < DOWNLOADS && paths.length > 0; i++) {
    const path = actor.random.pick(paths);
    const door = actor.random.pick(actor.doors);
    const bytes = await again(() => door.get(path)).catch((error) => {
      if (error instanceof Refused) return undefined; // by FTP, where an upload to it is unfinished
      throw error;
    });
    if (bytes === undefined) continue;
    actor.compare(path, actor.model.at(path)!, bytes, `${door.name} at the check`);
  }
}

/** Asks again where the connection is lost, as when its worker fails just then. */
async function again<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 1;; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof Refused || tries === AGAIN.tries) throw error;
      await delay(AGAIN.pauseMs);
    }
  }
}

function isSame(state: State, actual: Uint8Array | null): boolean {
  if (state === null || actual === null) return state === actual;
  return firstDifference(bytesOf(state as Content), actual) === undefined;
}

function shown(state: State): string {
  return state === null ? "nothing" : `${state.size} bytes of seed ${state.seed}`;
}
