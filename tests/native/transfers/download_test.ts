/** PROTOCOL, "Download" and `VIEW`: ranges, checks, one version whatever happens to the name. */
import { Buffer } from "node:buffer";
import { assert, assertEquals } from "@std/assert";
import {
  type Bench,
  holds,
  holdsOnDisk,
  is,
  KIB,
  login,
  MIB,
  onDisk,
  randomBytes,
} from "../../support/native.ts";
import { sha256 } from "../../support/raw_client.ts";

const CONTENT = randomBytes(3 * MIB + 5);
const HASH = sha256(CONTENT);

/** Changes bytes of a file on disk and leaves its size and time as they were. */
async function damage(server: Bench["server"], name: string, at = 0): Promise<void> {
  const place = onDisk(server, name);
  const { mtime } = await Deno.stat(place);
  using file = await Deno.open(place, { read: true, write: true });
  await file.seek(at, Deno.SeekMode.Start);
  await file.write(new TextEncoder().encode("damaged"));
  file.utimeSync(mtime!, mtime!);
}

holds(
  "step 2 describes the whole file, the final reply the whole file's hash",
  async ({ alice }) => {
    is(await alice.upload("a", CONTENT, { mtime: 1_234_567_890_123 }), "OK", 226);
    const cases: [Record<string, unknown>, number, number][] = [
      [{}, 0, CONTENT.length],
      [{ offset: 0 }, 0, CONTENT.length],
      [{ offset: 1_000_000 }, 1_000_000, CONTENT.length - 1_000_000],
      [{ offset: 1, length: 70_000 }, 1, 70_000],
      [{ length: 5 }, 0, 5],
      [{ length: 0 }, 0, 0],
      [{ offset: 10, length: Number.MAX_SAFE_INTEGER }, 10, CONTENT.length - 10],
      [{ offset: CONTENT.length }, CONTENT.length, 0],
      [{ if_hash: HASH, offset: 7 }, 7, CONTENT.length - 7],
      [{ offset: null, length: null, if_hash: null }, 0, CONTENT.length],
    ];
    for (const [data, offset, length] of cases) {
      const { head, content, final } = await alice.download("a", data);
      assertEquals(is(head, "OK", 150), {
        filename: "/a",
        file_size: CONTENT.length,
        file_hash: HASH,
        mtime: 1_234_567_890_123,
        offset,
        length,
      });
      assert(Buffer.from(content).equals(CONTENT.subarray(offset, offset + length)));
      assertEquals(is(final, "OK", 226).hash, HASH);
    }
  },
);

holds("past the end, another hash, nothing there, a directory", async ({ alice }) => {
  is(await alice.upload("dir/a", "content", { make_dirs: true }), "OK", 226);
  const past = await alice.ask("RETR", { filename: "dir/a", offset: 8 });
  assertEquals(is(past, "OFFSET_MISMATCH", 554).offset, 7);
  is(await alice.ask("DOWNLOAD", { filename: "dir/a", if_hash: HASH }), "FILE_CHANGED", 551);
  is(await alice.ask("DOWNLOAD", { filename: "dir/none" }), "FILE_NOT_FOUND", 550);
  is(await alice.ask("DOWNLOAD", { filename: "none/a" }), "FILE_NOT_FOUND", 550);
  is(await alice.ask("DOWNLOAD", { filename: "dir/a/b" }), "NOT_A_DIRECTORY", 550);
  is(await alice.ask("DOWNLOAD", { filename: "dir" }), "IS_A_DIRECTORY", 550);
  is(await alice.ask("DOWNLOAD", { filename: "/" }), "IS_A_DIRECTORY", 550);
  is(await alice.ask("NOOP"), "OK");
});

holds("REST then RETR begins at the offset, once", async ({ alice }) => {
  is(await alice.upload("a", "content"), "OK", 226);
  is(await alice.ask("REST", { offset: 3 }), "OK", 350);
  is(await alice.ask("RETR", { filename: "a" }), "OK", 150);
  assertEquals(new TextDecoder().decode(await alice.content(4)), "tent");
  is(await alice.reply(), "OK", 226);
  assertEquals((await alice.download("a")).content.length, 7);
  is(await alice.ask("REST", { offset: 8 }), "OK", 350);
  is(await alice.ask("RETR", { filename: "a" }), "OFFSET_MISMATCH");
  assertEquals((await alice.download("a")).content.length, 7);
});

for (const change of ["replaced", "deleted", "renamed"]) {
  holds(
    `a file that is ${change} while it is downloaded is sent to its end`,
    async ({ server, alice }) => {
      const large = randomBytes(24 * MIB); // more than the connection's buffers hold
      is(await alice.upload("a", large), "OK", 226);
      using other = await login(server);
      is(await other.ask("DOWNLOAD", { filename: "a" }), "OK", 150);
      if (change === "replaced") {
        is(await alice.upload("a", CONTENT, { overwrite: true }), "OK", 226);
      } else if (change === "deleted") {
        is(await alice.ask("DELE", { filename: "a" }), "OK", 250);
      } else is(await alice.ask("RENAME", { from: "a", to: "b" }), "OK", 250);
      assertEquals(sha256(await other.content(large.length)), sha256(large));
      assertEquals(is(await other.reply(), "OK", 226).hash, sha256(large));
    },
  );
}

holdsOnDisk(
  "content damaged on disk, same size and time, ends in CHECKSUM_FAILED",
  async ({ server, alice }) => {
    for (
      const [name, content] of [["large", CONTENT], ["small", CONTENT.subarray(0, 100)]] as const
    ) {
      is(await alice.upload(name, content), "OK", 226);
      await damage(server, name, 50);
      const { head, content: received, final } = await alice.download(name);
      is(head, "OK", 150);
      const reported = is(final, "CHECKSUM_FAILED", 551);
      assertEquals([reported.expected, reported.actual], [sha256(content), sha256(received)]);
      // It is known as damaged from now on: no data at all.
      is(await alice.ask("DOWNLOAD", { filename: name }), "CHECKSUM_FAILED", 551);
      is(await alice.ask("VIEW", { filename: name }), "CHECKSUM_FAILED", 551);
      is(await alice.upload(name, content, { overwrite: true }), "OK", 226);
      is((await alice.download(name)).final, "OK", 226);
    }
  },
);

holdsOnDisk(
  "large content that was hashed before is still verified",
  async ({ server, alice }) => {
    const content = new Uint8Array(2 * MIB).fill(7); // from one on it is known by its CRC-32
    for (const hashed of ["by its upload", "by its download"]) {
      is(await alice.upload("f", content, { overwrite: true }), "OK", 226);
      if (hashed === "by its download") is((await alice.download("f")).final, "OK", 226);
      await damage(server, "f", 50);
      is((await alice.download("f")).final, "CHECKSUM_FAILED", 551);
    }
  },
);

holdsOnDisk("VERIFY finds damage, and tells so until it is mended", async ({ server, alice }) => {
  is(await alice.upload("dir/a", "content", { make_dirs: true }), "OK", 226);
  is(await alice.upload("dir/b", "12345"), "OK", 226);
  const clean = { files: 2, bytes: 12, damaged: [], damaged_files: 0, left_out: 0 };
  assertEquals(is(await alice.ask("VERIFY"), "OK", 200), clean);
  await damage(server, "dir/a");
  const damaged = [{ filename: "/dir/a", expected: sha256("content"), actual: sha256("damaged") }];
  for (const path of ["/", "dir", ""]) {
    assertEquals(is(await alice.ask("VERIFY", { path }), "OK"), {
      ...clean,
      damaged,
      damaged_files: 1,
    });
  }
  const one = is(await alice.ask("VERIFY", { path: "dir/a" }), "OK");
  assertEquals(one, { files: 1, bytes: 7, damaged, damaged_files: 1, left_out: 0 });
  assertEquals(is(await alice.ask("VERIFY", { path: "dir/b" }), "OK").damaged, []);
  is(await alice.ask("DOWNLOAD", { filename: "dir/a" }), "CHECKSUM_FAILED");
  is(await alice.ask("APPE", { filename: "dir/a" }), "CHECKSUM_FAILED");
  is(await alice.ask("VERIFY", { path: "none" }), "FILE_NOT_FOUND");
});

holds("VIEW shows text, cut at a character, and binary content as base64", async ({ alice }) => {
  const view = async (name: string, bytes?: number) => {
    const data = is(await alice.ask("VIEW", { filename: name, bytes }), "OK", 200);
    return [data.content, data.encoding, data.truncated, data.size];
  };
  const text = "aé€😀";
  is(await alice.upload("text", text), "OK", 226);
  const cuts = ["", "a", "a", "aé", "aé", "aé", "aé€", "aé€", "aé€", "aé€"];
  for (const [bytes, shown] of cuts.entries()) {
    assertEquals(await view("text", bytes), [shown, "utf-8", true, 10], `${bytes} bytes`);
  }
  assertEquals(await view("text"), [text, "utf-8", false, 10]);
  assertEquals(await view("text", 65_536), [text, "utf-8", false, 10]);
  is(await alice.upload("binary", new Uint8Array([0x61, 0xff, 0x62])), "OK", 226);
  assertEquals(await view("binary"), [btoa("a\xffb"), "base64", false, 3]);
  assertEquals(await view("binary", 2), [btoa("a\xff"), "base64", true, 3]);
  is(await alice.upload("cut", new Uint8Array([0x61, 0xe2, 0x82])), "OK", 226);
  assertEquals((await view("cut"))[1], "base64"); // its end is no cut of ours
  is(await alice.upload("long", "x".repeat(2 * KIB)), "OK", 226);
  assertEquals(await view("long"), ["x".repeat(KIB), "utf-8", true, 2 * KIB]);
  is(await alice.upload("empty", ""), "OK", 226);
  assertEquals(await view("empty"), ["", "utf-8", false, 0]);
  is(await alice.upload("bom", "\u{feff}x"), "OK", 226);
  assertEquals((await view("bom"))[0], "\u{feff}x");
  is(await alice.ask("VIEW", { filename: "none" }), "FILE_NOT_FOUND");
  is(await alice.ask("VIEW", { filename: "/" }), "IS_A_DIRECTORY");
});
