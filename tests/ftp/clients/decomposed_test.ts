/** A tree of a Mac, whose names are decomposed (NFD), mirrored to the FTP door. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertNotMatch,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { lftp } from "./commands.ts";
import { Place } from "./place.ts";
import { testWith } from "./programs.ts";
import { filesUnder } from "./samples.ts";

const [NFC, NFD] = ["caf\u00e9 \u1ec7", "caf\u00e9 \u1ec7".normalize("NFD")];
/** Partly decomposed, and with a compatibility ideograph: neither the one form nor the other. */
const MIXED = "\u00e9-e\u0301 \ufa19";

testWith(
  ["lftp", "rclone"],
  "a tree of decomposed names keeps them through every mirroring",
  async () => {
    await using place = await Place.start();
    const tree = place.path("mac");
    const mixed = [`${MIXED}.txt`, `${MIXED}/in ${MIXED}`];
    const decomposed = [`${NFD}.txt`, `${NFD}/in ${NFD}.txt`, `${NFD}/deep ${NFD}/f`];
    for (const name of [...decomposed, ...mixed, "plain"]) {
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
      const names = [...Deno.readDirSync(await place.stored(first))].map(({ name }) => name);
      const others = [MIXED, `${MIXED}.txt`].map((name) => name.normalize());
      assertEquals(names.sort(), [NFD, `${NFD}.txt`, ...others, "plain"].sort());
      await place.transfers();
      for (const again of ["mirror", "rclone"] as const) {
        const said = await sync[again](first);
        assertNotMatch(said, /---> (DELE|RMD|STOR)/);
        assertEquals(await place.transfers(), [], `${again} after ${first}`);
      }
    }
    // The catalog's records of names move with their directory.
    await place.ok(lftp(place, "explicit", "mv mirror moved; mv rclone mirror; mv moved rclone"));
    await place.transfers();
    await mirror("mirror");
    assertEquals(await place.transfers(), []);
    // Where one was stored composed it is another file to the client: the first mirroring is refused
    // to overwrite it, and removes it; the second stores its own, and the third rests.
    Deno.renameSync(await place.stored("mirror"), await place.stored("composed"));
    Deno.renameSync(
      await place.stored(`composed/${NFD}.txt`),
      await place.stored(`composed/${NFC}.txt`),
    );
    assertMatch(String(await assertRejects(() => mirror("composed"))), /553/);
    await mirror("composed");
    await place.transfers();
    await mirror("composed");
    assertEquals(await place.transfers(), []);
    assert(await place.has(`composed/${NFD}.txt`));
  },
  { disk: true },
);

testWith(
  ["lftp"],
  "of two names that differ in their Unicode form alone none is lost",
  async (t) => {
    await using place = await Place.start();
    const tree = place.path("both");
    Deno.mkdirSync(`${tree}/${NFC} d`, { recursive: true });
    Deno.mkdirSync(`${tree}/${NFD} d`);
    for (const name of [NFC, NFD]) {
      Deno.writeTextFileSync(`${tree}/${name}.txt`, `content of ${name.length}`);
      Deno.writeTextFileSync(`${tree}/${name} d/f`, `in ${name.length}`);
    }
    const acknowledged = (said: string) => said.match(/^<--- 226 Stored; SHA-256 \w+/mg) ?? [];

    for (const parallel of [1, 4]) {
      await t.step(`mirrored, ${parallel} at a time`, async () => {
        const to = `up${parallel}`;
        const { code, out, err } = await place.run(
          lftp(place, "explicit", `mirror -R --parallel=${parallel} ${tree} ${to}`),
        );
        assertNotEquals(code, 0);
        assertMatch(out + err, /<--- 553 .*another Unicode form/);
        const stored = Object.entries(filesUnder(await place.stored(to)));
        // Acknowledged files exist, each with its own content. A client that leaves at the first
        // refusal may not have read every reply.
        assert(stored.length >= acknowledged(out + err).length);
        const local = filesUnder(tree);
        for (const [name, content] of stored) assertStrictEquals(content, local[name], name);
      });
    }

    await t.step("a name in another form is renamed on demand, and then written", async () => {
      const put = (name: string) =>
        place.run(lftp(place, "explicit", `put "${tree}/${NFD}.txt" -o "${name}"`));
      await place.ok(lftp(place, "explicit", `put "${tree}/${NFC}.txt" -o "${NFC}"`));
      assertNotEquals((await put(NFD)).code, 0);
      assert(await place.has(NFC));
      await place.ok(lftp(place, "explicit", `mv "${NFC}" "${NFD}"`));
      assertEquals((await put(NFD)).code, 0);
      assert(await place.has(NFD) && !await place.has(NFC));
    });
  },
  { disk: true },
);
