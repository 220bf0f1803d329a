/** rclone against the FTP door, in explicit and implicit TLS, its authority verified. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { makeTree, MIB, noise, sameFile, sameTree } from "./samples.ts";
import { MODES, Place } from "./place.ts";
import { testWith } from "./programs.ts";

testWith(["rclone"], "rclone lists, transfers, renames, deletes and syncs", async (t) => {
  await using place = await Place.start();
  const [obscured] = (await place.ok(["rclone", "obscure", place.password])).split("\n");
  for (const mode of MODES) {
    const remote = [
      `--ftp-host=localhost`,
      `--ftp-port=${place.port(mode)}`,
      `--ftp-user=${place.user}`,
      `--ftp-pass=${obscured}`,
      mode === "explicit" ? "--ftp-explicit-tls" : "--ftp-tls",
    ];
    const ok = (...args: string[]) =>
      place.ok(["rclone", ...args, ...remote, "-v", "--retries=1", "--low-level-retries=1"]);
    const dir = `rclone-${mode}`;

    await t.step(`${mode}: upload, list, download, rename, delete`, async () => {
      const content = noise(3 * MIB + 1);
      const local = place.write("local.bin", content);
      await ok("copyto", local, `:ftp:${dir}/a.bin`);
      sameFile(await place.stored(`${dir}/a.bin`), content);
      assertMatch(await ok("lsl", `:ftp:${dir}`), /^ *3145729 .* a\.bin$/m);
      await ok("copyto", `:ftp:${dir}/a.bin`, place.path(`back-${mode}`));
      sameFile(place.path(`back-${mode}`), content);
      await ok("moveto", `:ftp:${dir}/a.bin`, `:ftp:${dir}/b c.bin`);
      assert(await place.has(`${dir}/b c.bin`) && !await place.has(`${dir}/a.bin`));
      await ok("deletefile", `:ftp:${dir}/b c.bin`);
      assert(!await place.has(`${dir}/b c.bin`));
      // Content of a length that is not known before.
      const piped = await place.run(["rclone", "rcat", `:ftp:${dir}/piped`, ...remote], {
        stdin: "from a pipe",
      });
      assertEquals(piped.code, 0, piped.err);
      assertEquals(Deno.readTextFileSync(await place.stored(`${dir}/piped`)), "from a pipe");
    });

    await t.step(
      `${mode}: a tree goes up and down, each twice; the second moves nothing`,
      async () => {
        const tree = place.path(`tree-${mode}`);
        makeTree(tree);
        const [up, down] = [
          ["sync", tree, `:ftp:${dir}/tree`],
          ["sync", `:ftp:${dir}/tree`, `${tree}-back`],
        ] as const;
        await ok(...up);
        sameTree(tree, await place.stored(`${dir}/tree`));
        await ok(...down);
        sameTree(tree, `${tree}-back`);
        await place.transfers();
        assertMatch(await ok(...up), /There was nothing to transfer/);
        assertMatch(await ok(...down), /There was nothing to transfer/);
        assertEquals(await place.transfers(), []);
        await ok("check", tree, `:ftp:${dir}/tree`, "--download");
        await ok("purge", `:ftp:${dir}`);
        assert(!await place.has(dir));
      },
    );
  }
});
