// Material of the transfers: one large file, and a tree of many small ones.

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";

/** Name of the large file. */
export const LARGE_NAME = "large.bin";
/** Name of the directory with the small files. */
export const TREE_NAME = "tree";
/** Size of each small file. */
export const SMALL_BYTES = 4096;
/** The tree has one level of directories. */
const FILES_PER_DIRECTORY = 100;
const BLOCK = 1 << 20;

/** The large file and the tree, with what is needed to know them again. */
export interface Material {
  large: { path: string; bytes: number; hash: string };
  tree: { path: string; names: string[] };
}

/** Makes a large file of `bytes` random bytes and `files` small ones in a directory. */
export function makeMaterial(directory: string, bytes: number, files: number): Material {
  const large = `${directory}/${LARGE_NAME}`;
  writeLarge(large, bytes);
  const tree = `${directory}/${TREE_NAME}`;
  const names = writeTree(tree, files);
  return {
    large: { path: large, bytes, hash: hashFile(large) },
    tree: { path: tree, names },
  };
}

/** Checks a transferred large file. @throws {Error} where it has other content */
export function verifyLarge(material: Material, path: string): void {
  const size = Deno.statSync(path).size;
  if (size !== material.large.bytes) {
    throw new Error(`${path} has ${size} bytes, expected ${material.large.bytes}`);
  }
  if (hashFile(path) !== material.large.hash) throw new Error(`${path} has other content`);
}

/**
 * Checks the transferred files of the tree.
 *
 * @param count number of the tree's files that were sent
 * @throws {Error} where the directory does not contain them with the same content
 */
export function verifyTree(
  material: Material,
  path: string,
  count = material.tree.names.length,
): void {
  for (const name of material.tree.names.slice(0, count)) {
    const [sent, arrived] = [material.tree.path, path].map((directory) =>
      Deno.readFileSync(`${directory}/${name}`)
    );
    if (Buffer.compare(sent!, arrived!) !== 0) throw new Error(`${path}/${name} has other content`);
  }
}

function writeLarge(path: string, bytes: number): void {
  using file = Deno.openSync(path, { write: true, create: true, truncate: true });
  const block = new Uint8Array(BLOCK);
  for (let at = 0; at < BLOCK; at += 65536) crypto.getRandomValues(block.subarray(at, at + 65536));
  const counter = new DataView(block.buffer);
  for (let written = 0; written < bytes;) {
    // No two blocks are alike, so a block out of its place is found out.
    counter.setFloat64(0, written);
    written += file.writeSync(block.subarray(0, Math.min(BLOCK, bytes - written)));
  }
}

function writeTree(path: string, files: number): string[] {
  const names: string[] = [];
  const content = new Uint8Array(SMALL_BYTES);
  for (let index = 0; index < files; index++) {
    const directory = `d${String(Math.floor(index / FILES_PER_DIRECTORY)).padStart(4, "0")}`;
    if (index % FILES_PER_DIRECTORY === 0) {
      Deno.mkdirSync(`${path}/${directory}`, { recursive: true });
    }
    const name = `${directory}/f${String(index).padStart(6, "0")}.dat`;
    Deno.writeFileSync(`${path}/${name}`, crypto.getRandomValues(content));
    names.push(name);
  }
  return names;
}

function hashFile(path: string): string {
  using file = Deno.openSync(path);
  const hash = createHash("sha256");
  const buffer = new Uint8Array(BLOCK);
  for (let count; (count = file.readSync(buffer)) !== null;) hash.update(buffer.subarray(0, count));
  return hash.digest("hex");
}
