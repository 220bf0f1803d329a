/** ncftp and tnftp, whose Debian builds have no TLS for FTP, where the operator allows plain FTP. */
import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { makeTree, MIB, noise, sameFile, sameTree } from "./samples.ts";
import { Place } from "./place.ts";
import { testWith } from "./programs.ts";

const HOST = "127.0.0.1";

testWith(
  ["ncftp", "ncftpput", "ncftpget", "ncftpls"],
  "ncftp and its tools list, transfer, resume, rename and delete",
  async (t) => {
    await using place = await Place.start(["--ftp-allow-plain"]);
    const port = String(place.port("explicit"));
    const login = ["-u", place.user, "-p", place.password, "-P", port];
    const content = noise(2 * MIB + 7);
    const local = place.write("local.bin", content);

    await t.step("ncftpput, ncftpls, ncftpget", async () => {
      await place.ok(["ncftpput", "-m", ...login, HOST, "n/m", local]);
      sameFile(await place.stored("n/m/local.bin"), content);
      const url = `ftp://${HOST}:${port}/n/m/`;
      assertMatch(await place.ok(["ncftpls", ...login, "-l", url]), / 2097159 .* local\.bin$/m);
      assertMatch(await place.ok(["ncftpls", ...login, "-1", url]), /^local\.bin$/m);
      const recursive = await place.ok(["ncftpls", ...login, "-R", `ftp://${HOST}:${port}/n/`]);
      assertMatch(recursive, /local\.bin/);
      await place.ok(["ncftpget", ...login, HOST, place.home, "n/m/local.bin"]);
      sameFile(local, content);
    });

    await t.step("ncftpget continues", async () => {
      // ncftpput -z sends the whole file behind its REST (seen with 3.2.6, with any server).
      const half = place.write("half/local.bin", content.subarray(0, MIB));
      await place.ok(["ncftpget", ...login, HOST, place.path("half"), "n/m/local.bin"]);
      sameFile(half, content);
    });

    await t.step("a tree goes up and down; the second time nothing comes down", async () => {
      // ncftp leaves out what begins with a dot, and takes what looks like a wildcard for one.
      makeTree(place.path("tree"), (name) => name.startsWith(".") || name.startsWith("["));
      await place.ok(["ncftpput", "-R", ...login, HOST, "n", "tree"]);
      sameTree(place.path("tree"), await place.stored("n/tree"));
      const down = ["ncftpget", "-R", ...login, HOST, place.path("down"), "n/tree"];
      Deno.mkdirSync(place.path("down"));
      await place.ok(down);
      sameTree(place.path("tree"), place.path("down/tree"));
      await place.transfers();
      await place.ok(down);
      assertEquals(await place.transfers(), []);
    });

    await t.step("ncftp itself, from a script", async () => {
      const open = `open -u ${place.user} -p ${place.password} -P ${port} ${HOST}`;
      const lines = [
        open,
        ...["cd n", "mkdir d", "rename m/local.bin d/x.bin", "ls -l d", "rm d/x.bin", "rmdir d"],
        ...["pwd", "quit", ""],
      ];
      const printed = await place.ok(["ncftp"], { stdin: lines.join("\n") });
      assertMatch(printed, /^-rw\S+ +2097159 .* x\.bin$/m);
      assert(!await place.has("n/d") && !await place.has("n/m/local.bin"), printed);
    });
  },
);

testWith(["tnftp"], "tnftp lists, transfers, resumes, appends, renames and deletes", async (t) => {
  await using place = await Place.start(["--ftp-allow-plain"]);
  const content = noise(2 * MIB + 7);
  place.write("local.bin", content);
  /** Runs commands of tnftp's in one session; nothing may be answered with 4xx or 5xx. */
  const tnftp = async (...commands: string[]) => {
    const login = `user ${place.user} ${place.password}`;
    const printed = await place.ok(
      ["tnftp", "-n", "-i", "-v", HOST, String(place.port("explicit"))],
      { stdin: [login, "binary", ...commands, "quit", ""].join("\n") },
    );
    assertNotMatch(printed, /^[45]\d\d[ -]/m, printed);
    return printed;
  };

  await t.step("upload, list, download", async () => {
    const printed = await tnftp(
      ...["mkdir t", "cd t", "put local.bin a.bin", "put local.bin b.bin", "put local.bin c.txt"],
      ...["ls", "ls *.txt", "nlist", "get a.bin back", "mget *.bin", "size a.bin", "modtime a.bin"],
    );
    for (const name of ["a.bin", "b.bin", "c.txt"]) {
      sameFile(await place.stored(`t/${name}`), content);
    }
    for (const name of ["back", "a.bin", "b.bin"]) sameFile(place.path(name), content);
    assert(!Deno.statSync(place.path("a.bin")).isDirectory);
    assertMatch(printed, /^-rw\S+ +1 .* 2097159 .* c\.txt\r?$/m);
  });

  await t.step("reget continues a download; append goes on with a file", async () => {
    place.write("half", content.subarray(0, MIB));
    await tnftp("cd t", "reget a.bin half", "append local.bin b.bin");
    sameFile(place.path("half"), content);
    assertEquals(Deno.statSync(await place.stored("t/b.bin")).size, 2 * content.length);
  });

  await t.step("rename, delete", async () => {
    await tnftp("cd t", "rename a.bin d.bin", "delete d.bin", "mdelete *.bin", "delete c.txt");
    assertEquals([...Deno.readDirSync(await place.stored("t"))], []);
    await tnftp("rmdir t");
    assert(!await place.has("t"));
  });

  await t.step("active mode, and no password goes out where plain FTP is refused", async () => {
    await tnftp("passive off", "put local.bin active.bin", "get active.bin active-back", "ls");
    sameFile(place.path("active-back"), content);
    await using strict = await Place.start();
    const login = `user ${strict.user} ${strict.password}\nquit\n`;
    const { out } = await strict.run(
      ["tnftp", "-n", "-v", HOST, String(strict.port("explicit"))],
      { stdin: login },
    );
    assertMatch(out, /^530.*TLS/m);
    assertNotMatch(out, /^(331|230)/m);
  });
});
