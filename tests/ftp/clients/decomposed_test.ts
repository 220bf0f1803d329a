/** A tree of a Mac, whose names are decomposed (NFD), mirrored to the FTP door. */
import assert from "node:assert/strict";
import { lftp } from "./commands.ts";
import { Place } from "./place.ts";
import { testWith } from "./programs.ts";

const [NFC, NFD] = ["caf\u00e9 \u1ec7", "caf\u00e9 \u1ec7".normalize("NFD")];

testWith(
  ["lftp", "rclone"],
  "a tree of decomposed names keeps them through every mirroring",
  async () => {
    await using place = await Place.start();
    const tree = place.path("mac");
    for (const name of [`${NFD}.txt`, `${NFD}/in ${NFD}.txt`, `${NFD}/deep ${NFD}/f`, "plain"]) {
      Deno.mkdirSync(`${tree}/${name}`.replace(/\/[^/]*$/, ""), { recursive: true });
      Deno.writeTextFileSync(`${tree}/${name}`, name);
      Deno.utimeSync(`${tree}/${name}`, 1_600_000_000, 1_600_000_000);
    }
    const [obscured] = (await place.ok(["rclone", "obscure", place.password])).split("\n");
    const rclone = (to: string) => {
      const remote = ["--ftp-host=localhost", `--ftp-port=${place.port("explicit")}`];
      remote.push(`--ftp-user=${place.user}`, `--ftp-pass=${obscured}`, "--ftp-explicit-tls");
      return place.ok(["rclone", "sync", tree, `:ftp:${to}`, ...remote, "-v", "--retries=1"]);
    };
    const mirror = (to: string) =>
      place.ok(lftp(place, "explicit", `mirror -R -e --parallel=2 ${tree} ${to}`));
    const sync = { rclone, mirror };
    for (const first of ["rclone", "mirror"] as const) {
      await sync[first](first);
      const names = [...Deno.readDirSync(place.stored(first))].map(({ name }) => name);
      assert.deepEqual(names.sort(), [NFD, `${NFD}.txt`, "plain"].sort());
      await place.transfers();
      for (const again of ["mirror", "rclone"] as const) {
        const said = await sync[again](first);
        assert.doesNotMatch(said, /---> (DELE|RMD|STOR)/);
        assert.deepEqual(await place.transfers(), [], `${again} after ${first}`);
      }
    }
    // Where they were stored composed, the first mirroring spells them anew, and the second rests.
    Deno.renameSync(place.stored("mirror"), place.stored("composed"));
    Deno.renameSync(place.stored(`composed/${NFD}.txt`), place.stored(`composed/${NFC}.txt`));
    await mirror("composed");
    await mirror("composed");
    await place.transfers();
    await mirror("composed");
    assert.deepEqual(await place.transfers(), []);
    assert.ok(place.has(`composed/${NFD}.txt`));
  },
);
