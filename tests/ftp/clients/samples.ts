/** Material of the clients: trees with names that trip programs up, and the comparison of trees. */
import { dirname, join } from "@std/path";
import { assert, assertEquals } from "@std/assert";
import { randomFillSync } from "node:crypto";

export const KIB = 1024;
export const MIB = 1024 * KIB;

/** Unicode, spaces, quotes, leading dots, and what shells, URLs and wildcards are made of. */
const NAMES = [
  "plain.bin",
  "-dash",
  "#hash;semi&amp%20.txt",
  "[brackets]*star?.txt",
  "sub dir/with space.txt",
  `sub dir/it's "quoted".txt`,
  "sub dir/deep/empty",
  ".hidden dir/.dot",
  "Ünïcödé/日本語 файл.txt",
];

/** Bytes that cannot be there by chance. */
export function noise(length: number): Uint8Array<ArrayBuffer> {
  return randomFillSync(new Uint8Array(length));
}

/** Makes a tree of {@link NAMES} under a directory; `except` leaves some out. */
export function makeTree(directory: string, except: (name: string) => boolean = () => false): void {
  for (const name of NAMES) {
    if (except(name)) continue;
    const path = join(directory, name);
    Deno.mkdirSync(dirname(path), { recursive: true });
    const content = name.endsWith("empty") ? 0 : name.endsWith(".bin") ? 300 * KIB : 40;
    Deno.writeFileSync(path, noise(content));
    // A time of long ago, so that a client that keeps times is distinguished from one that does not.
    Deno.utimeSync(path, 1_600_000_000, 1_600_000_000);
  }
}

/** Every file under a directory with its content in hex, but for the listings that wget keeps. */
export function filesUnder(directory: string, prefix = ""): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { name, isDirectory } of Deno.readDirSync(directory)) {
    const path = join(directory, name);
    if (name === ".listing") continue;
    if (isDirectory) Object.assign(found, filesUnder(path, `${prefix}${name}/`));
    else found[prefix + name] = Deno.readFileSync(path).toHex();
  }
  return found;
}

/** Asserts that two trees hold the same files. */
export function sameTree(one: string, other: string): void {
  const [first, second] = [filesUnder(one), filesUnder(other)];
  assertEquals(Object.keys(second).sort(), Object.keys(first).sort());
  for (const [name, content] of Object.entries(first)) {
    assert(second[name] === content, `${name} has other content`);
  }
}

/** Asserts that a file holds these bytes. */
export function sameFile(path: string, content: Uint8Array): void {
  const bytes = Deno.readFileSync(path);
  assertEquals(bytes.length, content.length, `the length of ${path}`);
  assert(bytes.toHex() === content.toHex(), `${path} has other content`);
}
