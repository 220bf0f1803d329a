/** PROTOCOL, "Files and directories": directories, removal, renames, copies. */
import { assertEquals } from "@std/assert";
import { holds, is, namesIn } from "../support/native.ts";
import { sha256 } from "../support/raw_client.ts";

holds("PWD, CWD and CDUP", async ({ alice }) => {
  is(await alice.upload("a/b/file", "1", { make_dirs: true }), "OK");
  const pwd = async () => is(await alice.ask("PWD"), "OK", 257).path;
  assertEquals(await pwd(), "/");
  assertEquals(is(await alice.ask("CWD", { path: "a" }), "OK", 250).path, "/a");
  assertEquals(is(await alice.ask("CWD", { path: "./b//" }), "OK", 250).path, "/a/b");
  is(await alice.ask("CWD", { path: "none" }), "FILE_NOT_FOUND", 550);
  is(await alice.ask("CWD", { path: "file" }), "NOT_A_DIRECTORY", 550);
  is(await alice.ask("CWD", { path: "../../.." }), "PERMISSION_DENIED", 550);
  is(await alice.ask("CWD", { path: "" }), "BAD_NAME", 553);
  assertEquals(await pwd(), "/a/b");
  assertEquals(is(await alice.ask("SIZE", { filename: "file" }), "OK").size, 1);
  assertEquals(is(await alice.ask("CDUP"), "OK", 250).path, "/a");
  is(await alice.ask("CDUP"), "OK", 250);
  is(await alice.ask("CDUP"), "PERMISSION_DENIED", 550);
  assertEquals(await pwd(), "/");
  is(await alice.ask("CWD", { path: "/shared" }), "FILE_NOT_FOUND");
});

holds(
  "MKD makes a directory; make_dirs those above it, and takes one that exists",
  async ({ alice }) => {
    assertEquals(is(await alice.ask("MKD", { path: "a/" }), "OK", 257).path, "/a");
    is(await alice.upload("file", "1"), "OK");
    is(await alice.ask("MKD", { path: "a" }), "ALREADY_EXISTS", 550);
    is(await alice.ask("MKD", { path: "file" }), "ALREADY_EXISTS", 550);
    is(await alice.ask("MKD", { path: "x/y" }), "FILE_NOT_FOUND", 550);
    is(await alice.ask("MKD", { path: "file/x" }), "NOT_A_DIRECTORY", 550);
    is(await alice.ask("MKD", { path: "" }), "BAD_NAME", 553);
    const make_dirs = true;
    assertEquals(
      is(await alice.ask("MKD", { path: "x/y/z", make_dirs }), "OK", 257).path,
      "/x/y/z",
    );
    is(await alice.ask("MKD", { path: "x/y/z", make_dirs }), "OK", 257);
    is(await alice.ask("MKD", { path: "file", make_dirs }), "ALREADY_EXISTS", 550);
    is(await alice.ask("MKD", { path: "file/x/y", make_dirs }), "NOT_A_DIRECTORY", 550);
    for (const path of ["/", "/shared", "/shared/bob"]) {
      is(await alice.ask("MKD", { path }), "PERMISSION_DENIED");
    }
    is(await alice.ask("MKD", { path: "/shared/bob/x" }), "FILE_NOT_FOUND");
    assertEquals(await namesIn(alice), ["a", "file", "x"]);
  },
);

holds("RMD removes an empty directory, with recursive all that is in it", async ({ alice }) => {
  for (const name of ["a/b/c/file", "a/file", "beside"]) {
    is(await alice.upload(name, "1", { make_dirs: true }), "OK");
  }
  is(await alice.ask("RMD", { path: "a" }), "NOT_EMPTY", 550);
  is(await alice.ask("RMD", { path: "a", recursive: false }), "NOT_EMPTY", 550);
  is(await alice.ask("RMD", { path: "beside" }), "NOT_A_DIRECTORY", 550);
  is(await alice.ask("RMD", { path: "beside", recursive: true }), "NOT_A_DIRECTORY", 550);
  is(await alice.ask("RMD", { path: "none" }), "FILE_NOT_FOUND", 550);
  is(await alice.ask("RMD", { path: "none/none", recursive: true }), "FILE_NOT_FOUND", 550);
  is(await alice.ask("RMD", { path: "/", recursive: true }), "PERMISSION_DENIED", 550);
  is(await alice.ask("RMD", { path: "/shared", recursive: true }), "PERMISSION_DENIED", 550);
  is(await alice.ask("RMD", { path: "a", recursive: true }), "OK", 250);
  assertEquals(await namesIn(alice), ["beside"]);
  is(await alice.ask("MKD", { path: "a" }), "OK");
  is(await alice.ask("RMD", { path: "a" }), "OK", 250);
});

holds("DELE removes a file", async ({ alice }) => {
  is(await alice.upload("d/a", "1", { make_dirs: true }), "OK");
  is(await alice.ask("DELE", { filename: "d" }), "IS_A_DIRECTORY", 550);
  is(await alice.ask("DELE", { filename: "d/none" }), "FILE_NOT_FOUND", 550);
  is(await alice.ask("DELE", { filename: "d/a/b" }), "NOT_A_DIRECTORY", 550);
  is(await alice.ask("DELE", { filename: "/" }), "PERMISSION_DENIED", 550);
  is(await alice.ask("DELE", { filename: "" }), "BAD_NAME", 553);
  is(await alice.ask("DELE", { filename: "d/a" }), "OK", 250);
  is(await alice.ask("DELE", { filename: "d/a" }), "FILE_NOT_FOUND", 550);
});

holds("RENAME moves files and directories, with their records", async ({ alice }) => {
  is(await alice.upload("d/a", "content", { make_dirs: true, mtime: 1_000_000_000_000 }), "OK");
  const rename = (from: string, to: string, overwrite?: boolean) =>
    alice.ask("RENAME", { from, to, overwrite });
  is(await rename("d/a", "b"), "OK", 250);
  const stat = is(await alice.ask("STAT", { filename: "b" }), "OK", 213);
  assertEquals([stat.hash, stat.mtime], [sha256("content"), 1_000_000_000_000]);
  is(await rename("b", "d/a"), "OK");
  is(await rename("d", "e"), "OK", 250);
  assertEquals(is(await alice.ask("HASH", { filename: "e/a" }), "OK").hash, sha256("content"));
  is(await alice.upload("other", "other"), "OK");
  is(await rename("none", "x"), "FILE_NOT_FOUND");
  is(await rename("other", "none/x"), "FILE_NOT_FOUND");
  is(await rename("other", "e/a/x"), "NOT_A_DIRECTORY");
  is(await rename("other", "e/a"), "ALREADY_EXISTS", 550);
  is(await rename("other", "other"), "OK", 250);
  is(await rename("e", "e", true), "OK", 250);
  is(await rename("none", "none"), "FILE_NOT_FOUND");
  is(await rename("other", "e"), "ALREADY_EXISTS");
  is(await rename("other", "e", true), "ALREADY_EXISTS"); // never a directory
  is(await rename("e", "other", true), "ALREADY_EXISTS");
  is(await rename("e", "e/f"), "BAD_REQUEST");
  for (const path of ["/", "/shared", "/shared/bob"]) {
    is(await rename(path, "x"), "PERMISSION_DENIED");
    is(await rename("other", path), "PERMISSION_DENIED");
  }
  is(await rename("/shared/bob/x", "x"), "FILE_NOT_FOUND");
  is(await rename("other", "/shared/bob/x"), "FILE_NOT_FOUND");
  is(await rename("other", "../x"), "PERMISSION_DENIED");
  is(await rename("other", "e/a", true), "OK");
  assertEquals(is(await alice.ask("HASH", { filename: "e/a" }), "OK").hash, sha256("other"));
  assertEquals(await namesIn(alice), ["e"]);
});

holds("RNFR then RNTO", async ({ alice }) => {
  is(await alice.upload("a", "1"), "OK");
  is(await alice.upload("b", "2"), "OK");
  is(await alice.ask("RNTO", { filename: "c" }), "BAD_SEQUENCE", 503);
  is(await alice.ask("RNFR", { filename: "none" }), "FILE_NOT_FOUND");
  is(await alice.ask("RNTO", { filename: "c" }), "BAD_SEQUENCE");
  is(await alice.ask("RNFR", { filename: "a" }), "OK", 350);
  is(await alice.ask("RNTO", { filename: "b" }), "ALREADY_EXISTS", 550);
  is(await alice.ask("RNTO", { filename: "c" }), "BAD_SEQUENCE");
  is(await alice.ask("RNFR", { filename: "a" }), "OK", 350);
  is(await alice.ask("RNTO", { filename: "c" }), "OK", 250);
  is(await alice.ask("RNTO", { filename: "d" }), "BAD_SEQUENCE");
  assertEquals(await namesIn(alice), ["b", "c"]);
});

holds("COPY copies a file, as version by default, with time and hash", async ({ alice }) => {
  is(await alice.upload("d/a.txt", "content", { make_dirs: true, mtime: 1_000_000_000_000 }), "OK");
  const copy = (from: string, to: string, if_exists?: string) =>
    alice.ask("COPY", { from, to, if_exists });
  assertEquals(is(await copy("d/a.txt", "b.txt"), "OK", 250).filename, "/b.txt");
  const stat = is(await alice.ask("STAT", { filename: "b.txt" }), "OK");
  assertEquals([stat.hash, stat.mtime], [sha256("content"), 1_000_000_000_000]);
  assertEquals(is(await copy("d/a.txt", "b.txt"), "OK", 250).filename, "/b_v2.txt");
  assertEquals(is(await copy("b.txt", "b.txt"), "OK", 250).filename, "/b_v3.txt");
  is(await copy("b.txt", "d/a.txt", "fail"), "ALREADY_EXISTS");
  assertEquals(is(await copy("b.txt", "d/a.txt", "skip"), "OK", 250).filename, "/d/a.txt");
  is(await alice.upload("other", "other"), "OK");
  assertEquals(is(await copy("other", "b.txt", "overwrite"), "OK").filename, "/b.txt");
  assertEquals(is(await alice.ask("HASH", { filename: "b.txt" }), "OK").hash, sha256("other"));
  is(await copy("d", "e"), "IS_A_DIRECTORY");
  is(await copy("other", "d"), "IS_A_DIRECTORY");
  is(await copy("none", "e"), "FILE_NOT_FOUND");
  is(await copy("other", "none/e"), "FILE_NOT_FOUND");
  is(await copy("other", "other/e"), "NOT_A_DIRECTORY");
  is(await copy("other", "../e"), "PERMISSION_DENIED");
  is(await copy("other", "/shared/bob"), "PERMISSION_DENIED");
  is(await copy("other", "/shared/bob/e"), "FILE_NOT_FOUND");
  assertEquals(await namesIn(alice), ["b.txt", "b_v2.txt", "b_v3.txt", "d", "other"]);
  assertEquals(is(await alice.ask("PARTS"), "OK").parts, []);
});
