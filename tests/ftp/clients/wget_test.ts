/** wget against the FTP door, in explicit and implicit TLS, its authority verified. */
import { assertEquals } from "@std/assert";
import { makeTree, MIB, noise, sameFile, sameTree } from "./samples.ts";
import { MODES, Place } from "./place.ts";
import { testWith } from "./programs.ts";

testWith(["wget"], "wget downloads, resumes and mirrors", async (t) => {
  await using place = await Place.start();
  const content = noise(2 * MIB + 7);
  Deno.writeFileSync(await place.stored("a b.bin"), content);
  // wget unquotes what it takes for a quoted character in a name that it was given.
  makeTree(await place.stored("tree"), (name) => name.includes("%"));
  for (const mode of MODES) {
    const wget = (path: string, ...options: string[]) =>
      place.ok([
        ...["wget", "--no-config", "--tries=1", "--timeout=30", "-nv", "--server-response"],
        ...mode === "implicit" ? ["--ftps-implicit"] : [],
        `--ca-certificate=${place.server.ca}`,
        `--user=${place.user}`,
        `--password=${place.password}`,
        ...options,
        `ftps://localhost:${place.port(mode)}/${path}`,
      ]);

    await t.step(`${mode}: download, and -c continues one`, async () => {
      await wget("a%20b.bin", "-O", `whole-${mode}`);
      sameFile(place.path(`whole-${mode}`), content);
      place.write(`${mode}/a b.bin`, content.subarray(0, MIB));
      await wget("a%20b.bin", "-c", "-P", mode);
      sameFile(place.path(`${mode}/a b.bin`), content);
    });

    await t.step(`${mode}: -m mirrors a tree; the second time it fetches nothing`, async () => {
      const mirror = () =>
        wget(
          "tree/",
          "-m",
          "-nH",
          "-l",
          "inf",
          "-P",
          `mirror-${mode}`,
          "--restrict-file-names=nocontrol",
        );
      await mirror();
      const here = place.path(`mirror-${mode}/tree`);
      sameTree(await place.stored("tree"), here);
      await place.transfers();
      await mirror();
      assertEquals(await place.transfers(), []);
    });
  }
}, { disk: true });
