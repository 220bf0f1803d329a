/** Several workers in one process: vaults that share a directory of real files and its catalog. */
import { assert, assertEquals } from "@std/assert";
import { LocalStore } from "../../storage/disk/files/local_store.ts";
import type { StepHook } from "../../storage/contract/step.ts";
import type { Principal } from "../../storage/contract/principal.ts";
import { SqliteCatalog } from "../../storage/disk/sqlite_catalog.ts";
import type { UploadRequest } from "../../storage/transfer/transfers.ts";
import { catalogOf, Vault, type VaultOptions } from "./vault.ts";
import type { View } from "../../storage/view.ts";
import { addAccount } from "./in_process.ts";
import { sha256 } from "./raw_client.ts";

type OpenParts = Parameters<typeof Vault.open>[0];

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
    options: VaultOptions & Partial<Pick<OpenParts, "recover" | "store">> = {},
    account = "alice",
  ): Promise<TestWorker> {
    const first = this.#opened.length === 0;
    const vault = await Vault.open({
      store: new LocalStore(this.data, { durability: "relaxed" }),
      catalog: SqliteCatalog.open(`${this.data}/catalog.db`, { durability: "relaxed" }),
      recover: first,
      ...options,
    });
    this.#opened.push(vault);
    if (first) { for (const name of ["alice", "bob"]) await addAccount(vault, name); }
    return { vault, view: vault.enter(principal(account, this.#opened.length)) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Work that a test has stopped never ends, so it is not awaited; some are closed already.
    for (const vault of this.#opened) await catalogOf(vault).close().catch(() => {});
    await Deno.remove(this.data, { recursive: true });
  }
}

export function principal(account: string, worker: number): Principal {
  const sessionId = `${account}-${worker}`;
  return { account, generation: 1, door: "native", sessionId, address: "127.0.0.1" };
}

/** A hook that stops what comes to a step, until it is told to go on. */
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

/**
 * Asserts that the account has exactly these files, with this content, all of them known and
 * counted, and that nothing is left of work that is over.
 */
export async function assertSound(
  { vault, view }: TestWorker,
  files: Record<string, string>,
): Promise<void> {
  const { account } = view.principal;
  const catalog = catalogOf(vault);
  const entries = (await view.tree.list("/", { recursive: true })).entries;
  const found: Record<string, string> = {};
  let bytes = 0;
  for (const { name, type } of entries) {
    if (type !== "file") continue;
    const record = await catalog.file(account, `/${name}`);
    assert(record, `/${name} is not recorded`);
    const download = await view.transfers.download(`/${name}`);
    const content = new Uint8Array(download.record.size);
    await download.read(content, 0);
    await download.finish();
    download.close();
    assertEquals(sha256(content), record.hash, `/${name}`);
    found[name] = new TextDecoder().decode(content);
    bytes += content.length;
  }
  assertEquals(found, files);
  assertEquals((await catalog.usage(account)).usedBytes, bytes);
  assertEquals(await catalog.commitIntents(account), []);
  assertEquals(await catalog.moveIntents(), []);
  assertEquals(await catalog.claims.all(), []);
}
