/** FTP clients against a server of two workers: sessions of one client land on either. */
import { assertMatch } from "@std/assert";
import { curl, lftp } from "./commands.ts";
import { makeTree, MIB, noise, sameFile, sameTree } from "./samples.ts";
import { MODES, Place } from "./place.ts";
import { testWith } from "./programs.ts";

testWith(["curl", "lftp"], "clients transfer, mirror and resume with two workers", async (t) => {
  await using place = await Place.start(["--workers", "2"]);
  const tree = place.path("tree");
  makeTree(tree);
  const content = noise(2 * MIB);
  const local = place.write("local.bin", content);
  for (const mode of MODES) {
    await t.step(`${mode}: a tree goes up and down over four connections`, async () => {
      const back = `${tree}-${mode}`;
      await place.ok(
        lftp(place, mode, `mirror -R -P 4 ${tree} ${mode}`, `mirror -P 4 ${mode} ${back}`),
      );
      sameTree(tree, await place.stored(mode));
      sameTree(tree, back);
    });
    await t.step(
      `${mode}: killed uploads go on, whichever worker takes the next session`,
      async () => {
        for (const name of ["one", "two", "three"]) {
          const path = `${mode}-${name}`;
          const slow = ["--limit-rate", "1000000", "-T", local];
          await place.killUploading(path, curl(place, mode, path, slow));
          const trace = await place.ok(curl(place, mode, path, ["-C", "-", "-T", local]));
          assertMatch(trace, /^> APPE /m);
          sameFile(await place.stored(path), content);
        }
      },
    );
  }
});
