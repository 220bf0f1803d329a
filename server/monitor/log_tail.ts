/** The end of a log file and of those it was rotated into, for `LOGS`. */
import { join } from "@std/path";
import { Pace } from "../../storage/common/slices.ts";
import { PLACES } from "../data/data_directory.ts";
import type { LogQuery, LogReader } from "../door/door.ts";

const BLOCK_BYTES = 64 * 1024;
/** Maximum of bytes that a request reads, even if matching lines are rare. */
const MAX_READ_BYTES = 32 * 1024 * 1024;
/** Longest line that is returned whole. */
const MAX_LINE_BYTES = 16 * 1024;
/** Most that the lines of one reply take as JSON. */
const MAX_REPLY_BYTES = 900 * 1024;
const OLDEST_FILE = 5;

const LEVELS = ["trace", "debug", "info", "warning", "error", "fatal"];
const LINE_FEED = 10;

/** Reads the logs of a data directory. Needs `--allow-read` for it. */
export function logReader(data: string): LogReader {
  return { tail: (query) => tail(join(data, PLACES.logs), query) };
}

async function tail(directory: string, query: LogQuery): Promise<string[]> {
  const budget = { read: MAX_READ_BYTES, reply: MAX_REPLY_BYTES };
  const encoder = new TextEncoder();
  const least = query.level === undefined ? -1 : LEVELS.indexOf(query.level);
  const isAbout = aboutAccount(query.account);
  const found: string[] = [];
  const pace = new Pace();
  // Lines that belong to the one before them (stacks), until that has come.
  let behind: string[] = [];
  for (let age = 0; age <= OLDEST_FILE; age++) {
    const name = `${query.name}.log${age === 0 ? "" : `.${age}`}`;
    for await (const line of linesBackward(join(directory, name), budget, pace)) {
      if (/^ {4}/.test(line)) {
        behind.push(line);
        if (behind.length < query.lines) continue;
      }
      const record = [...behind, line];
      behind = [];
      if (levelOf(line) < least) continue;
      for (const text of record) {
        if (query.contains !== undefined && !text.includes(query.contains)) continue;
        if (!isAbout(text)) continue;
        if (found.length >= query.lines) return found.reverse();
        budget.reply -= encoder.encode(JSON.stringify(text)).length + 1;
        if (budget.reply < 0) return found.reverse();
        found.push(text);
      }
    }
  }
  return found.reverse();
}

/** Lines of a file from its last to its first; none where there is no such file. */
async function* linesBackward(
  path: string,
  budget: { read: number },
  pace: Pace,
): AsyncGenerator<string> {
  let file: Deno.FsFile;
  try {
    if (!(await Deno.stat(path)).isFile) return; // a pipe would wait for its other end
    file = await Deno.open(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  using _closing = file;
  const decoder = new TextDecoder();
  const block = new Uint8Array(BLOCK_BYTES);
  /** The beginning of a line whose end was read already. */
  let rest = new Uint8Array(0);
  for (let end = (await file.stat()).size; end > 0 && budget.read > 0;) {
    await pace.turn();
    const length = Math.min(BLOCK_BYTES, end);
    end -= length;
    budget.read -= length;
    await file.seek(end, Deno.SeekMode.Start);
    const count = await readFull(file, block.subarray(0, length));
    let stop = count;
    for (let at = count - 1; at >= 0; at--) {
      if (block[at] !== LINE_FEED) continue;
      const line = joined(block.subarray(at + 1, stop), rest);
      rest = new Uint8Array(0);
      stop = at;
      if (line.length > 0) yield decoder.decode(line);
    }
    rest = joined(block.subarray(0, stop), rest);
  }
  if (rest.length > 0 && budget.read > 0) yield decoder.decode(rest);
}

async function readFull(file: Deno.FsFile, into: Uint8Array): Promise<number> {
  let at = 0;
  while (at < into.length) {
    const count = await file.read(into.subarray(at));
    if (count === null) break;
    at += count;
  }
  return at;
}

/** Two parts of a line, cut to the longest that is returned. */
function joined(head: Uint8Array, tail: Uint8Array): Uint8Array<ArrayBuffer> {
  const line = new Uint8Array(Math.min(MAX_LINE_BYTES, head.length + tail.length));
  line.set(head.subarray(0, line.length));
  if (head.length < line.length) line.set(tail.subarray(0, line.length - head.length), head.length);
  return line;
}

/** Finds the lines about an account: their member of that name, or the name in a sentence. */
function aboutAccount(account: string | undefined): (line: string) => boolean {
  if (account === undefined) return () => true;
  const member = `"account":${JSON.stringify(account)}`;
  const word = new RegExp(`(?<![\\w.-])${RegExp.escape(account)}(?![\\w-]|\\.\\w)`);
  return (line) => line.startsWith("{") ? line.includes(member) : word.test(line);
}

/** Place of a line's level in their order; a line without a level matches every query. */
function levelOf(line: string): number {
  const name = line.startsWith("{")
    ? /"level":"([a-z]+)"/.exec(line)?.[1]
    : /^\S+ ([A-Z]+) /.exec(line)?.[1]?.toLowerCase();
  const level = LEVELS.indexOf(name ?? "");
  return level < 0 ? LEVELS.length : level;
}
