/**
 * Counts work between two turns of the event loop: calls into the file system, rows of the catalog,
 * entries of directories, items that are sorted, texts that are decoded. Unlike time, that does not grow on a busy machine.
 */
import { delay } from "@std/async";
import { lstatSync } from "node:fs";
import { StatementSync } from "node:sqlite";
import { socketPair } from "./socket_pair.ts";

type Method = (...args: never[]) => unknown;

/** Replaces a method for as long as the meter runs. */
function wrap<T extends object, K extends keyof T>(
  target: T,
  name: K,
  wrapped: (original: Method) => Method,
): () => void {
  const original = target[name];
  Object.assign(target, { [name]: wrapped(original as Method) });
  return () => Object.assign(target, { [name]: original });
}

const FILE_CALLS = [
  ...["lstatSync", "statSync", "openSync", "renameSync", "linkSync", "mkdirSync"],
  ...["utimeSync", "readTextFileSync"],
] as (keyof typeof Deno)[];

/** An empty directory is as large as it once was, and its removal looks through all of it. */
const BYTES_OF_AN_ENTRY = 32;

function directoryBytes(place: string): number {
  const info = lstatSync(place, { throwIfNoEntry: false });
  return info?.isDirectory() ? info.size : 0;
}

/** Rows that a statement has changed; BEGIN and COMMIT tell the number of the statement before. */
function rowsChanged(result: unknown, statement: unknown): number {
  const changing = /^\s*(INSERT|UPDATE|DELETE)/.test((statement as StatementSync).sourceSQL);
  return 1 + (changing ? Number((result as { changes: number }).changes) : 0);
}

/**
 * Runs `work`.
 *
 * @param pause between two bytes. With a timer the event loop polls its sockets more often than it
 * does in a server that has none
 * @returns the most work between two bytes that came through a socket
 */
export async function mostWorkInATurn(
  work: () => unknown,
  pause: () => Promise<unknown> = () => delay(0),
): Promise<number> {
  let units = 0;
  let most = 0;
  const count = (original: Method, cost: (result: unknown, self: unknown) => number): Method =>
    function (this: unknown, ...args) {
      const result = original.apply(this, args);
      units += cost(result, this);
      return result;
    };
  const statements = StatementSync.prototype as unknown as Record<string, Method>;
  const restore = [
    ...FILE_CALLS.map((name) => wrap(Deno, name, (original) => count(original, () => 1))),
    wrap(Deno, "removeSync", (original) =>
      function (...args) {
        units += 1 + directoryBytes(String(args[0])) / BYTES_OF_AN_ENTRY;
        return original(...args);
      }),
    wrap(Deno, "readDirSync", (original) =>
      function* (...args) {
        for (const entry of original(...args) as Iterable<Deno.DirEntry>) {
          units++;
          yield entry;
        }
      }),
    wrap(Deno, "readDir", (original) =>
      async function* (...args) {
        for await (const entry of original(...args) as AsyncIterable<Deno.DirEntry>) {
          units += 0.2; // read in the background
          yield entry;
        }
      }),
    wrap(TextDecoder.prototype, "decode", (original) => count(original, () => 0.2)),
    wrap(statements, "all", (original) => count(original, (rows) => 1 + (rows as []).length)),
    wrap(statements, "get", (original) => count(original, () => 1)),
    wrap(statements, "run", (original) => count(original, rowsChanged)),
    ...(["sort", "toSorted"] as const).map((name) =>
      wrap(Array.prototype, name, (original) => count(original, (all) => (all as []).length / 4))
    ),
  ];
  let running = true;
  // Others have had a turn once a byte has come through a socket: timers alone say less.
  const [here, there] = await socketPair();
  const turns = (async () => {
    const byte = new Uint8Array(1);
    while (running) {
      await here.write(byte);
      await there.read(byte);
      most = Math.max(most, units);
      units = 0;
      await pause();
    }
  })();
  try {
    await work();
  } finally {
    running = false;
    await turns;
    for (const one of [here, there]) one.close();
    for (const one of restore) one();
  }
  return most;
}
