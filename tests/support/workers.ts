/** Several workers in one process: vaults that share what one engine of the run keeps. */
import { assert, assertEquals } from "@std/assert";
import { isStoreError } from "../../storage/contract/error.ts";
import type { Engine } from "../../storage/contract/engine.ts";
import { ClusterEngine } from "../../storage/cluster/cluster_engine.ts";
import { DiskEngine } from "../../storage/disk/disk_engine.ts";
import type { StepHook } from "../../storage/contract/step.ts";
import type { Principal } from "../../storage/contract/principal.ts";
import type { UploadRequest } from "../../storage/transfer/transfers.ts";
import type { VaultParts } from "../../storage/vault.ts";
import { ON_DISK, openTestEngine } from "./engine.ts";
import { diskCatalogOf, engineOf, Vault, type VaultOptions } from "./vault.ts";
import type { View } from "../../storage/view.ts";
import { addAccount } from "./in_process.ts";
import { sha256 } from "./raw_client.ts";

/** One worker, in which `alice` is logged in. */
export interface TestWorker {
  vault: Vault;
  view: View;
}

/** A data directory on which workers are opened. */
export class Workers implements AsyncDisposable {
  readonly data = Deno.makeTempDirSync({ prefix: "towpath-workers-" });
  readonly #opened: Vault[] = [];

  /** Opens a worker; the first one recovers everything and makes the accounts. */
  async open(
    options: VaultOptions & {
      recover?: VaultParts["recover"];
      engine?: Engine;
      /** Whether no other worker is opened here. */
      alone?: boolean;
    } = {},
    account = "alice",
  ): Promise<TestWorker> {
    const first = this.#opened.length === 0;
    const { engine: given, alone, ...rest } = options;
    const { holder, step } = rest;
    const engine = given ?? await openTestEngine({ data: this.data, holder, step, alone });
    const { recover = first } = rest;
    const vault = await Vault.open({ ...rest, engine, recover });
    this.#opened.push(vault);
    if (first) { for (const name of ["alice", "bob"]) await addAccount(vault, name); }
    return { vault, view: vault.enter(principal(account, this.#opened.length)) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Work that a test has stopped never ends, so it is not awaited; some are closed already.
    for (const vault of this.#opened) await closeAtOnce(vault);
    await Deno.remove(this.data, { recursive: true });
  }
}

/** Closes a worker's engine without its work: that may never end. */
async function closeAtOnce(vault: Vault): Promise<void> {
  const engine = engineOf(vault);
  const places = engine instanceof DiskEngine
    ? [engine.catalog]
    : engine instanceof ClusterEngine
    ? [engine.store, engine.database]
    : [engine];
  await Promise.all(places.map((place) => place.close().catch(() => {})));
}

export function principal(account: string, worker: number): Principal {
  const sessionId = `${account}-${worker}`;
  return { account, generation: 1, door: "native", sessionId, address: "127.0.0.1" };
}

/** A hook that stops what comes to a step, until it may go on. */
export function stopAt(step: string): {
  hook: StepHook;
  /** Resolves once the step is reached. */
  reached: Promise<void>;
  goOn: () => void;
} {
  const reached = Promise.withResolvers<void>();
  const going = Promise.withResolvers<void>();
  const hook: StepHook = async (name) => {
    if (name !== step) return;
    reached.resolve();
    await going.promise;
  };
  return { hook, reached: reached.promise, goOn: going.resolve };
}

/** Uploads a text. @returns the path that it got */
export async function put(
  view: View,
  path: string,
  text: string,
  request: Partial<UploadRequest> = {},
): Promise<string> {
  const opening = await view.transfers.upload({ path, sizeBytes: text.length, ...request });
  assert("upload" in opening);
  await opening.upload.write(new TextEncoder().encode(text));
  return (await opening.upload.finish({ hash: sha256(text) })).path;
}

/** Errors that are possible because others were quicker, or random paths do not fit together. */
const REFUSALS = [
  "not-found",
  "exists",
  "not-directory",
  "is-directory",
  "not-empty",
  "bad-request",
] as const;

/** Waits for work that may be refused. */
export async function attempt<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (!isStoreError(error, ...REFUSALS)) throw error;
  }
}

const PATHS = ["/a", "/a/f", "/a/g", "/b", "/b/f", "/b/a", "/b/a/f"];

/**
 * Stores, overwrites, renames and removes at random paths that sessions share.
 *
 * @param prefix of the texts that it stores
 * @param acknowledged gets each text that was acknowledged
 * @param next called after each round, with its number
 */
export async function changeAtRandom(
  view: View,
  prefix: string,
  rounds: number,
  acknowledged: Set<string>,
  next: (round: number) => Promise<unknown> = () => Promise.resolve(),
): Promise<void> {
  const { tree } = view;
  const pick = () => PATHS[Math.floor(Math.random() * PATHS.length)]!;
  for (let round = 0; round < rounds; round++) {
    const text = `${prefix}-${round}`;
    const ifExists = (["overwrite", "version", "keep"] as const)[round % 3]!;
    const opening = put(view, `${pick()}/x`, text, {
      ifExists,
      makeDirectories: true,
      pipelined: round % 2 === 0,
    });
    if (await attempt(opening) !== undefined) acknowledged.add(text);
    const chance = Math.random();
    if (chance < 0.3) await attempt(tree.remove(`${pick()}/x`));
    else if (chance < 0.6) await attempt(tree.rename(`${pick()}/x`, `${pick()}/x`));
    else if (chance < 0.8) await attempt(tree.rename(pick(), pick()));
    else await attempt(tree.removeDirectory(pick(), { recursive: true }));
    await next(round);
  }
}

/** All files that a view shows: content by path. */
export async function contents(view: View): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { name, type } of (await view.tree.list("/", { recursive: true })).entries) {
    if (type !== "file") continue;
    const download = await view.transfers.download(`/${name}`);
    const bytes = new Uint8Array(download.record.size);
    await download.read(bytes, 0);
    await download.finish();
    download.close();
    found[name] = new TextDecoder().decode(bytes);
  }
  return found;
}

/**
 * Asserts that the account has exactly these files, with this content, all of them known and
 * counted, and that nothing is left of work that is over.
 */
export async function assertSound(
  { vault, view }: TestWorker,
  files: Record<string, string>,
): Promise<void> {
  const { account } = view.principal;
  const { tree, catalog } = engineOf(vault);
  const found = await contents(view);
  let bytes = 0;
  for (const [name, text] of Object.entries(found)) {
    const record = (await tree.look(account, `/${name}`))?.record;
    assert(record, `/${name} is not recorded`);
    assertEquals(sha256(text), record.hash, `/${name}`);
    bytes += record.size;
  }
  assertEquals(found, files);
  assertEquals((await catalog.usage(account)).usedBytes, bytes);
  if (!ON_DISK) return;
  const records = diskCatalogOf(vault);
  assertEquals(await records.commitIntents(account), []);
  assertEquals(await records.moveIntents(), []);
  assertEquals(await records.claims.all(), []);
}
