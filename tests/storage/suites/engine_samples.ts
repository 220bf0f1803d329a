/** Samples for the contract of engines. */
import { assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import type { AddedAccount } from "../../../storage/contract/catalog.ts";
import type { Engine } from "../../../storage/contract/engine.ts";
import type { PartContent, SafePrefix, TakenUpload } from "../../../storage/contract/parts.ts";
import type { Committed, OpenFile, Spot } from "../../../storage/contract/tree.ts";
import type { NewUpload } from "../../../storage/contract/upload_record.ts";

/** An engine with the accounts `alice` and `bob`, each with a quota of 1,000,000 bytes. */
export interface OpenEngine {
  readonly engine: Engine;
  /** Another engine over the same places, as another worker has it. */
  another(): Promise<Engine>;
  dispose(): Promise<void>;
}

/** Registers a test of the contract. */
export type HoldsEngine = (
  sentence: string,
  test: (engine: Engine, another: () => Promise<Engine>) => Promise<void>,
) => void;

export function account(name: string): AddedAccount {
  return {
    name,
    passwordHash: "x",
    letters: "rwcd",
    quotaBytes: 1_000_000,
    createdMs: 1,
    lastLoginMs: null,
    generation: 1,
  };
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

export const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** A path of alice's. */
export function spot(path: string): Spot {
  return { owner: "alice", path, shown: path };
}

/** A new upload of alice's. */
export function newUpload(path: string, change: Partial<NewUpload> = {}): NewUpload {
  return {
    owner: "alice",
    account: "alice",
    path,
    shownPath: path,
    sizeBytes: null,
    hash: null,
    mtimeMs: 1_700_000_000_000,
    ifExists: "version",
    appendsTo: null,
    createdMs: 1,
    updatedMs: 1,
    reservedBytes: 0,
    ...change,
  };
}

/** Appends all of a text. */
export async function append(part: PartContent, text: string): Promise<void> {
  await (await part.append(bytesOf(text)))?.written;
}

/** Publishes a part that holds a text. */
export function publish(engine: Engine, part: PartContent, text: string): Promise<Committed> {
  const bytes = bytesOf(text);
  const { length: size } = bytes;
  return engine.tree.publish({ part, size, hash: sha256(bytes), occupied: undefined });
}

/** Stores a file of alice's. */
export async function store(
  engine: Engine,
  path: string,
  text: string,
  change: Partial<NewUpload> = {},
): Promise<Committed> {
  const part = await engine.parts.begin(newUpload(path, change));
  await append(part, text);
  return await publish(engine, part, text);
}

/** The safe prefix of an upload that consists of a text. */
export function prefix(text: string): SafePrefix {
  return { offset: text.length, hash: sha256(bytesOf(text)) };
}

/** Steps of an upload of {@linkcode replaceInTwo}, in order. */
export const STEPS = [
  "checkpoint: content is stored",
  "checkpoint: noted",
  "publish: verified",
  "publish: content is stored",
  "publish: live",
] as const;

/**
 * Begins to replace alice's `/f`, which holds `old`, by `safe bytes`, with a checkpoint behind
 * `safe `.
 *
 * @returns the upload's id, and whether it is acknowledged
 */
export async function replaceInTwo(
  engine: Engine,
): Promise<{ id: string; acknowledged: Promise<boolean> }> {
  const part = await engine.parts.begin(newUpload("/f", { ifExists: "overwrite" }));
  const upload = async () => {
    await part.keep();
    await append(part, "safe ");
    await part.checkpoint(prefix("safe "));
    await append(part, "bytes");
    await publish(engine, part, "safe bytes");
  };
  return { id: part.record.id, acknowledged: upload().then(() => true, () => false) };
}

/** Asserts that alice's `/f` was replaced by `safe bytes`, or is as it was, and that it is counted. */
export async function assertReplaced(engine: Engine, live: boolean): Promise<void> {
  const content = await textOf(await engine.tree.open("alice", "/f"));
  assertEquals(content, live ? "safe bytes" : "old");
  const usage = await engine.catalog.usage("alice");
  assertEquals(usage, { usedBytes: live ? 10 : 3, reservedBytes: 0 });
}

/** Asserts that an upload goes on behind a text, and completes it. */
export async function resume(engine: Engine, taken: TakenUpload, safe: string): Promise<void> {
  const opened = await engine.parts.open(taken);
  assertEquals({ offset: opened.offset, hash: (await opened.hash).digest() }, prefix(safe));
  await append(opened.content, "and sound");
  await publish(engine, opened.content, `${safe}and sound`);
  assertEquals(await textOf(await engine.tree.open("alice", "/f")), `${safe}and sound`);
  assertEquals((await engine.catalog.usage("alice")).reservedBytes, 0);
}

/** Reads a file to its end, and closes it. */
export async function textOf({ content }: OpenFile): Promise<string> {
  const bytes = new Uint8Array(content.size);
  await content.read(bytes, 0);
  content.close();
  return new TextDecoder().decode(bytes);
}
