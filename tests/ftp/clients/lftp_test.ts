/** lftp against the FTP door, in explicit and implicit TLS, its authority verified. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { lftp } from "./commands.ts";
import { makeTree, MIB, noise, sameFile, sameTree } from "./samples.ts";
import { MODES, Place } from "./place.ts";
import { testWith } from "./programs.ts";

testWith(["lftp"], "lftp lists, transfers, resumes, renames, deletes and mirrors", async (t) => {
  await using place = await Place.start();
  for (const mode of MODES) {
    const ok = (...actions: string[]) => place.ok(lftp(place, mode, ...actions));
    const dir = `lftp-${mode}`;
    const content = noise(2 * MIB + 7);
    const local = place.write("local.bin", content);

    await t.step(`${mode}: upload, list, download, rename, delete`, async () => {
      await ok(`mkdir ${dir}`, `cd ${dir}`, `put ${local} -o "a b.bin"`, "ls", "cls -l");
      sameFile(await place.stored(`${dir}/a b.bin`), content);
      const listing = await ok(`ls ${dir}`);
      assertMatch(listing, /^-rw\S+ +1 .* 2097159 .* a b\.bin$/m);
      await ok(`cd ${dir}`, `get "a b.bin" -o back-${mode}`, `mv "a b.bin" c.bin`);
      sameFile(place.path(`back-${mode}`), content);
      assert(await place.has(`${dir}/c.bin`) && !await place.has(`${dir}/a b.bin`));
      await ok(`cd ${dir}`, "rm c.bin", "mkdir e", "rmdir e");
      assertEquals([...Deno.readDirSync(await place.stored(dir))], []);
    });

    await t.step(`${mode}: a killed upload is not visible, and put -c continues it`, async () => {
      const slow = lftp(place, mode, "set net:limit-rate 0:500000", `put ${local} -o ${dir}/r`);
      await place.killUploading(`${dir}/r`, slow);
      const trace = await ok(`put -c ${local} -o ${dir}/r`);
      assertMatch(trace, /---> REST [1-9]\d{5}/);
      sameFile(await place.stored(`${dir}/r`), content);
    });

    await t.step(`${mode}: get -c continues a download`, async () => {
      place.write(`half-${mode}`, content.subarray(0, MIB));
      const trace = await ok(`get -c ${dir}/r -o half-${mode}`);
      assertMatch(trace, /---> REST 1048576/);
      sameFile(place.path(`half-${mode}`), content);
    });

    await t.step(
      `${mode}: a tree goes up and down, each twice; the second moves nothing`,
      async () => {
        const tree = place.path(`tree-${mode}`);
        makeTree(tree);
        await ok(`mirror -R --parallel=4 ${tree} ${dir}/tree`);
        sameTree(tree, await place.stored(`${dir}/tree`));
        await ok(`mirror --parallel=4 ${dir}/tree ${tree}-back`);
        sameTree(tree, `${tree}-back`);
        await place.transfers();
        await ok(`mirror -R ${tree} ${dir}/tree`, `mirror ${dir}/tree ${tree}-back`);
        assertEquals(await place.transfers(), []);
        await ok(`rm -r ${dir}`);
        assert(!await place.has(dir));
      },
    );
  }
});
