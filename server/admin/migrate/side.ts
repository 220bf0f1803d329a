/** The two sides of a move: each is held, so that no server starts on it. */
import { delay } from "@std/async";
import { counted } from "../../../common/counted.ts";
import type { Engine } from "../../../storage/contract/engine.ts";
import { holdsObjects, otherHolders } from "../../../storage/open_engine.ts";
import {
  assertCatalogIsThere,
  assertRestored,
  prepareDataDirectory,
} from "../../data/data_directory.ts";
import { holdDataDirectory } from "../../data/data_lock.ts";
import { type DataPlace, openData } from "../../data/open_data.ts";
import { EXIT, ExitError } from "../../options/error.ts";

/** A killed server's lease lasts 20 s. */
const MAX_WAIT_MS = 25_000;
const POLL_MS = 500;
/** How long a move out of a database counts as running after its last sign of life, ms. */
const OUTGOING_MS = 60_000;
const RENEWAL_MS = 10_000;

/** One side of a move. */
export interface Side extends AsyncDisposable {
  readonly engine: Engine;
  /** How it is called in messages. */
  readonly shown: string;
  readonly isCluster: boolean;
  /** Random number that names its catalog. */
  readonly identity: number;
}

/** Whether options lead to a database that several nodes share. */
export function isCluster({ options }: DataPlace): boolean {
  return options.catalog !== null;
}

/** How a place is called in messages. */
export function shownPlace({ data, options }: DataPlace): string {
  return options.catalog === null ? data : `${options.catalog} with ${options.store}`;
}

/**
 * Opens a data directory, and holds it.
 *
 * @throws {ExitError} where a server runs on it
 */
export async function openDirectory(place: DataPlace): Promise<Side> {
  const data = prepareDataDirectory(place.data);
  const lock = await holdDataDirectory(data);
  try {
    assertRestored(data);
    assertCatalogIsThere(data);
    const { durability } = place.options;
    const engine = await openData({ ...place, data }, { durability, moving: true });
    const close = async () => {
      await engine.close();
      lock[Symbol.dispose]();
    };
    return await side(engine, { shown: data, isCluster: false, close });
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

/**
 * Opens a database with its store.
 *
 * @param tag names the move: what an earlier run of it left behind is ended
 */
export async function openCluster(place: DataPlace, tag: string): Promise<Side> {
  const holder = `migrate-${tag}-${crypto.randomUUID()}`;
  const engine = await openData(place, { moving: true, holder });
  const close = () => engine.close();
  return await side(engine, { shown: shownPlace(place), isCluster: true, close });
}

async function side(
  engine: Engine,
  { close, ...rest }: Pick<Side, "shown" | "isCluster"> & { close: () => Promise<void> },
): Promise<Side> {
  const { marks } = engine.catalog;
  const random = crypto.getRandomValues(new Uint32Array(2));
  const made = random[0]! * 2 ** 20 + random[1]! % 2 ** 20 + 1;
  const identity = await marks.get("identity") ?? made;
  if (identity === made) await marks.set("identity", identity);
  return { engine, identity, ...rest, [Symbol.asyncDispose]: close };
}

/** Why a move does not begin. */
function conflict(message: string): ExitError {
  return new ExitError(EXIT.conflict, message);
}

/**
 * Makes sure that no server runs on a side.
 *
 * @param tag names the move, where no other run of it can be running
 * @param waiting called where it waits for a lease to end
 */
export async function assertIdle(
  { engine, shown, isCluster }: Side,
  tag: string | undefined,
  waiting: (text: string) => void,
): Promise<void> {
  if (!isCluster) return; // the lock of the directory is held
  const end = performance.now() + MAX_WAIT_MS;
  const leases = new Map<string, number>();
  while (true) {
    const others = await otherHolders(engine);
    const isOfMove = (holder: string) => tag !== undefined && holder.startsWith(`migrate-${tag}-`);
    const ended = others.filter(({ holder }) => isOfMove(holder)).map(({ holder }) => holder);
    if (ended.length > 0) await engine.recover({ holders: ended });
    const left = others.filter(({ holder }) => !isOfMove(holder));
    if (left.length === 0) return;
    const isRenewed = left.some(({ holder, untilMs }) => untilMs > (leases.get(holder) ?? untilMs));
    if (isRenewed || performance.now() > end) {
      throw conflict(
        `A server runs on ${shown} (${counted(left.length, "worker")}): stop all its nodes first`,
      );
    }
    if (leases.size === 0) {
      waiting(`Waiting up to 25 s for ${counted(left.length, "worker")} of ${shown} to end`);
    }
    for (const { holder, untilMs } of left) leases.set(holder, untilMs);
    await delay(POLL_MS);
  }
}

/**
 * Marks the target as one that a move fills.
 *
 * @returns takes the mark back, unless the move had begun before
 * @throws {ExitError} where it is not empty, and no move from this source has begun
 */
export async function markTarget(source: Side, target: Side): Promise<() => Promise<void>> {
  if (source.identity === target.identity) {
    throw conflict(`Source and target are the same: ${target.shown}`);
  }
  const { marks } = target.engine.catalog;
  const before = await marks.get("incoming");
  if (before === source.identity) return () => Promise.resolve();
  if (before) {
    throw conflict(
      `A move from another source to ${target.shown} has begun: choose another target`,
    );
  }
  const [account] = await target.engine.catalog.accounts({ count: 1 });
  if (account !== undefined) {
    throw conflict(
      `${target.shown} is not empty: it has the account "${account.name}", and no move from this ` +
        "source has begun there. Choose a new place",
    );
  }
  if (target.isCluster && await holdsObjects(target.engine)) {
    throw conflict(
      `The store of ${target.shown} is not empty: choose another bucket or prefix for --to`,
    );
  }
  await marks.set("incoming", source.identity);
  return () => marks.set("incoming", 0);
}

/** Keeps nodes from starting on a source while it is moved. @returns ends it */
export async function markSource({ engine, isCluster }: Side): Promise<() => Promise<void>> {
  if (!isCluster) return () => Promise.resolve(); // the lock of the directory is held
  const { marks } = engine.catalog;
  const renew = () => marks.set("outgoing", Date.now() + OUTGOING_MS);
  await renew();
  const timer = setInterval(() => {
    renew().catch(() => {}); // it is tried again before the mark ends
  }, RENEWAL_MS);
  return async () => {
    clearInterval(timer);
    await marks.set("outgoing", 0);
  };
}
