/** Helpers for tests of stores. */
import { assertEquals, assertRejects } from "@std/assert";
import { assertErrorLike } from "../../support/errors.ts";
import type { StoreErrorKind } from "../../../storage/contract/error.ts";
import type { Content } from "../../../storage/contract/entry.ts";
import type { Store } from "../../../storage/disk/interfaces/store.ts";

/** One sentence of the contract: its name, and what it takes to hold. */
export type Holds = (sentence: string, test: (store: Store) => Promise<void>) => void;

/** A store under test, with the empty trees of alice and bob. */
export interface OpenStore {
  store: Store;
  dispose(): Promise<void>;
}

export const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Makes a part with some content. It is left closed. */
export async function makePart(store: Store, id: string, text: string, account = "alice") {
  const part = await store.createPart(account, id);
  await part.write(encode(text), 0);
  await part.sync();
  part.close();
}

/** Puts a file into a tree, by way of a part that is removed at the end. */
export async function putFile(store: Store, path: string, text: string, account = "alice") {
  const id = `put-${crypto.randomUUID()}`;
  await makePart(store, id, text, account);
  await store.publish(account, id, path, { replace: true });
  await store.syncDirectory(account, path.slice(0, path.lastIndexOf("/")) || "/");
  await store.removePart(account, id);
}

/** Reads what is open to its end. */
export async function readAll(content: Content): Promise<string> {
  const bytes = new Uint8Array(content.size);
  assertEquals(await content.read(bytes, 0), content.size);
  return new TextDecoder().decode(bytes);
}

/** The content of a file. */
export async function contentOf(store: Store, path: string, account = "alice"): Promise<string> {
  const content = await store.open(account, path);
  try {
    return await readAll(content);
  } finally {
    content.close();
  }
}

/** Holds that a call fails with an error of this kind, whether it throws or rejects. */
export async function fails(kind: StoreErrorKind, call: () => unknown): Promise<void> {
  assertErrorLike(await assertRejects(async () => await call()), { name: "StoreError", kind });
}

/** All that can be seen of a tree: paths with types, sizes and contents. */
export async function seen(store: Store, directory = "/", account = "alice"): Promise<string[]> {
  const lines: string[] = [];
  for (const { name, type, size } of await store.list(account, directory)) {
    const path = directory === "/" ? `/${name}` : `${directory}/${name}`;
    if (type === "file") {
      lines.push(`${path} ${size} ${await contentOf(store, path, account)}`);
    } else {
      lines.push(path, ...await seen(store, path, account));
    }
  }
  return lines.sort();
}
