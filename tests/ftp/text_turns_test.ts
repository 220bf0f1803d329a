/** Text of TYPE A passes byte by byte: others have their turn, however fast the client is. */
import { assert, assertEquals } from "@std/assert";
import { yieldTurn } from "../../storage/common/slices.ts";
import type { Context } from "../../server/ftp/context/context.ts";
import type { Upload } from "../../storage/transfer/upload.ts";
import { retrieve } from "../../server/ftp/commands/downloads.ts";
import { receive } from "../../server/ftp/data/receive.ts";

const [LF, CR] = [10, 13];
const PIECE = new Uint8Array(256 * 1024).fill(CR);
/** Pieces of a transfer: some tenths of a second of work. */
const PIECES = 120;

/** A session in TYPE A whose client sends and takes everything at once. */
function contextOf(file: object): Context {
  let left = PIECES;
  const channel = {
    endedCleanly: false, // the server waits for nothing more then
    read: () => Promise.resolve(left-- > 0 ? { bytes: PIECE, release() {}, retain() {} } : null),
    write: () => Promise.resolve(),
    end: () => Promise.resolve(),
    drop() {},
  };
  const transfer = {
    over: false,
    own: <T>(work: () => T) => work(),
    moved() {},
    settle() {},
  };
  return {
    ascii: true,
    restart: 0,
    protectedData: true,
    present: true,
    data: { compression: { on: false } },
    limits: {
      pieceBytes: Infinity,
      throttle: () => undefined,
      piecesOf: (bytes: Uint8Array) => [bytes],
    },
    view: { transfers: { download: () => Promise.resolve(file) } },
    requireData() {},
    resolve: (path: string) => path,
    transfer: (_: string, run: (...args: unknown[]) => unknown) => run(channel, transfer),
  } as unknown as Context;
}

/** Number of turns that others had during `work`. */
async function turnsDuring(work: () => unknown): Promise<number> {
  let turns = 0;
  let running = true;
  const others = (async () => {
    for (; running; turns++) await yieldTurn();
  })();
  await work();
  running = false;
  await others;
  return turns;
}

Deno.test("RETR in TYPE A gives others their turn", async () => {
  const file = {
    path: "/lines",
    record: { size: PIECES * PIECE.length, hash: "x" },
    read: (into: Uint8Array) => Promise.resolve(into.fill(LF).length),
    finish: () => Promise.resolve(),
    close() {},
  };
  const turns = await turnsDuring(async () => {
    const { code } = await retrieve.run(contextOf(file), "/lines");
    assertEquals(code, 226);
  });
  assert(turns > 9, `${turns} turns`);
});

Deno.test("STOR in TYPE A gives others their turn", async () => {
  const upload = {
    offset: 0,
    part: { safeOffset: 0 },
    write: () => Promise.resolve(),
  } as unknown as Upload;
  const turns = await turnsDuring(async () => {
    const { code } = await receive(contextOf({}), upload, "");
    assertEquals(code, 426);
  });
  assert(turns > 9, `${turns} turns`);
});
