import { assertEquals } from "@std/assert";
import { LocalPart } from "../../../storage/disk/files/local_part.ts";

const PIECE_BYTES = 64 * 1024 * 1024;

/** A file that takes a piece in no time or, where it is slow, in more than 1 ms for each MiB. */
class Disk {
  slow = false;
  readonly #calls: string[] = [];

  writeSync(bytes: Uint8Array): number {
    this.#calls.push("blocking");
    const endMs = performance.now() + (this.slow ? 2 * bytes.length / 1048576 : 0);
    while (performance.now() < endMs);
    return bytes.length;
  }

  write(bytes: Uint8Array): Promise<number> {
    this.#calls.push("background");
    return Promise.resolve(bytes.length);
  }

  /** How the writes since the last call were made. */
  calls(): string[] {
    return this.#calls.splice(0);
  }
}

/** Writes large pieces to a part of which the disk is known. */
function writer(syncing: LocalPart["syncing"]) {
  const disk = new Disk();
  const part = new LocalPart(disk as unknown as Deno.FsFile, "part", "id", syncing);
  const piece = new Uint8Array(PIECE_BYTES);
  let offset = 0;
  const write = async (count = 1) => {
    for (let i = 0; i < count; i++) {
      await part.write(piece, offset);
      offset += piece.length;
    }
    return disk.calls();
  };
  return { disk, write };
}

Deno.test("large pieces are written in blocking calls while those are quick", async () => {
  const { disk, write } = writer("quick");
  assertEquals(await write(2), ["blocking", "blocking"]);
  disk.slow = true;
  assertEquals(await write(1), ["blocking"]);
  assertEquals(await write(16), Array(16).fill("background"));
  disk.slow = false;
  assertEquals(await write(2), ["blocking", "blocking"]);
});

Deno.test("where syncs are not quick, large pieces never hold up the event loop", async () => {
  for (const syncing of ["background", "no"] as const) {
    const { write } = writer(syncing);
    assertEquals(await write(3), Array(3).fill("background"));
  }
});
