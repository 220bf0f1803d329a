/** PROTOCOL section 4 and "Files": what others put into the tree: files, links, pipes. */
import { delay } from "@std/async";
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { holdsOnDisk, is, namesIn, onDisk, until } from "../support/native.ts";
import { sha256 } from "../support/raw_client.ts";

holdsOnDisk(
  "a file put there by hand is served, and hashed when it is asked for",
  async ({ server, alice }) => {
    await Deno.mkdir(onDisk(server, "dir"));
    await Deno.writeTextFile(onDisk(server, "dir/a.txt"), "content");
    const { entries } = is(await alice.ask("LIST", { path: "dir" }), "OK");
    const [entry] = entries as Record<string, unknown>[];
    assertEquals([entry!.name, entry!.size, entry!.hash], ["a.txt", 7, null]);
    const { head, final } = await alice.download("dir/a.txt");
    assertEquals(is(head, "OK", 150).file_hash, sha256("content"));
    is(final, "OK", 226);
    const { entries: again } = is(await alice.ask("LIST", { path: "dir" }), "OK");
    assertEquals((again as Record<string, unknown>[])[0]!.hash, sha256("content"));
    assertEquals(is(await alice.upload("dir/a.txt", "2"), "OK").version, 2);
  },
);

holdsOnDisk(
  "a file changed by hand is another one: hashed again, not damaged",
  async ({ server, alice }) => {
    is(await alice.upload("a", "content", { mtime: 1_000_000_000_000 }), "OK");
    await Deno.writeTextFile(onDisk(server, "a"), "other content");
    assertEquals(
      is(await alice.ask("HASH", { filename: "a" }), "OK").hash,
      sha256("other content"),
    );
    is((await alice.download("a")).final, "OK", 226);
    await Deno.remove(onDisk(server, "a"));
    is(await alice.ask("SIZE", { filename: "a" }), "FILE_NOT_FOUND");
    assertEquals(await namesIn(alice), []);
    is(await alice.upload("a", "new"), "OK", 226);
  },
);

holdsOnDisk(
  "VERSIONS, HASH, skip and RENAME know files put there by hand",
  async ({ server, alice }) => {
    await Deno.writeTextFile(onDisk(server, "a.txt"), "one");
    await Deno.writeTextFile(onDisk(server, "a_v2.txt"), "two");
    await Deno.utime(onDisk(server, "a.txt"), 1000, 1000);
    await Deno.utime(onDisk(server, "a_v2.txt"), 2000, 2000);
    const { versions } = is(await alice.ask("VERSIONS", { filename: "a.txt" }), "OK");
    const hashes = (versions as { hash: string }[]).map(({ hash }) => hash);
    assertEquals(hashes, [sha256("one"), sha256("two")]);
    const skip = { if_exists: "skip", file_size: 3, file_hash: sha256("two") };
    const skipped = is(await alice.ask("UPLOAD", { filename: "a.txt", ...skip }), "OK", 200);
    assertEquals(skipped.filename, "/a_v2.txt");
    is(await alice.ask("RENAME", { from: "a.txt", to: "b.txt" }), "OK");
    assertEquals(is(await alice.ask("HASH", { filename: "b.txt" }), "OK").hash, sha256("one"));
  },
);

holdsOnDisk(
  "links are never followed, listed, overwritten or appended to",
  async ({ server, alice }) => {
    const outside = await Deno.makeTempDir({ prefix: "towpath-outside-" });
    try {
      await Deno.writeTextFile(`${outside}/secret`, "secret");
      await Deno.symlink(outside, onDisk(server, "out"));
      await Deno.symlink(`${outside}/secret`, onDisk(server, "link"));
      await Deno.symlink(`${outside}/made`, onDisk(server, "dangling"));
      await Deno.symlink("../../../b/bob/files", onDisk(server, "up"));
      is(await alice.upload("mine", "mine"), "OK");
      assertEquals(await namesIn(alice), ["mine"]);
      const all = is(await alice.ask("NLST", { recursive: true }), "OK").names;
      assertEquals(all, ["mine"]);
      for (const filename of ["link", "dangling", "out", "up", "out/secret", "out/new", "up/x"]) {
        for (
          const command of [
            "UPLOAD",
            "APPE",
            "DOWNLOAD",
            "VIEW",
            "SIZE",
            "HASH",
            "STAT",
            "MFMT",
            "DELE",
          ]
        ) {
          const reply = await alice.ask(command, { filename, mtime: 1, overwrite: true });
          assertEquals(reply.status, "PERMISSION_DENIED", `${command} ${filename}`);
        }
        for (const command of ["LIST", "CWD", "VERIFY"]) {
          is(await alice.ask(command, { path: filename }), "PERMISSION_DENIED");
        }
        is(await alice.ask("RENAME", { from: filename, to: "x" }), "PERMISSION_DENIED");
        is(await alice.ask("COPY", { from: filename, to: "x" }), "PERMISSION_DENIED");
        await alice.send("UPLOAD", { filename, pipelined: true, overwrite: true });
        await alice.data("mine");
        await alice.send("END");
        is(await alice.reply(), "PERMISSION_DENIED");
      }
      is(await alice.ask("MKD", { path: "out/x", make_dirs: true }), "PERMISSION_DENIED");
      is(await alice.ask("RMD", { path: "out", recursive: true }), "PERMISSION_DENIED");
      is(await alice.ask("RENAME", { from: "mine", to: "out/x" }), "PERMISSION_DENIED");
      assertEquals(is(await alice.ask("VERIFY"), "OK").files, 1);
      assertEquals([...Deno.readDirSync(outside)].map(({ name }) => name), ["secret"]);
      assertEquals(await Deno.readTextFile(`${outside}/secret`), "secret");
    } finally {
      await Deno.remove(outside, { recursive: true });
    }
  },
);

holdsOnDisk("removing a tree with a link in it follows nothing", async ({ server, alice }) => {
  const outside = await Deno.makeTempDir({ prefix: "towpath-outside-" });
  try {
    await Deno.writeTextFile(`${outside}/kept`, "kept");
    is(await alice.upload("d/sub/a", "1", { make_dirs: true }), "OK");
    await Deno.symlink(outside, onDisk(server, "d/sub/link"));
    await alice.ask("RMD", { path: "d", recursive: true });
    assertEquals(await Deno.readTextFile(`${outside}/kept`), "kept");
  } finally {
    await Deno.remove(outside, { recursive: true });
  }
});

holdsOnDisk(
  "a pipe in the tree is no file, and no request waits for it",
  async ({ server, alice }) => {
    const made = await new Deno.Command("mkfifo", { args: [onDisk(server, "pipe")] }).output();
    assert(made.success);
    assertEquals(await namesIn(alice), []);
    for (const command of ["DOWNLOAD", "VIEW", "HASH", "UPLOAD", "APPE"]) {
      is(await alice.ask(command, { filename: "pipe" }), "PERMISSION_DENIED");
    }
    assertEquals(is(await alice.ask("VERIFY"), "OK").files, 0);
  },
);

holdsOnDisk(
  "a directory exchanged for a link, again and again, shows nothing from outside",
  async ({ server, alice }) => {
    const outside = await Deno.makeTempDir({ prefix: "towpath-outside-" });
    await Deno.writeTextFile(`${outside}/a`, "secret");
    is(await alice.upload("d/a", "public", { make_dirs: true }), "OK");
    const place = onDisk(server, "d");
    let swapping = true;
    let swaps = 0;
    const swapper = (async () => {
      for (; swapping; swaps++) {
        Deno.renameSync(place, `${place}.aside`);
        Deno.symlinkSync(outside, place);
        await delay(0);
        Deno.removeSync(place);
        Deno.renameSync(`${place}.aside`, place);
        await delay(0);
      }
    })();
    for (let round = 0; round < 200; round++) {
      const { content } = await alice.download("d/a");
      assertNotEquals(new TextDecoder().decode(content), "secret");
    }
    await until("it was exchanged a few times", () => swaps > 3);
    swapping = false;
    await swapper;
    await Deno.remove(outside, { recursive: true });
  },
);
