/** Uploads over a file of any size that are killed, and what real clients make of them then. */
import { assertMatch } from "@std/assert";
import { curl, lftp } from "./commands.ts";
import { Place } from "./place.ts";
import { testWith } from "./programs.ts";
import { MIB, noise, sameFile } from "./samples.ts";

/** Slow enough to be killed on the way: bytes a second. */
const RATE = 600_000;
const content = noise(3 * MIB);
const OLD: Record<string, Uint8Array<ArrayBuffer>> = {
  smaller: noise(100_000),
  "of the same size": noise(content.length),
  larger: noise(4 * MIB),
};

const BEGIN: Record<string, (place: Place, local: string, path: string) => string[]> = {
  curl: (place, local, path) =>
    curl(place, "explicit", path, ["--limit-rate", String(RATE), "-T", local]),
  lftp: (place, local, path) =>
    lftp(place, "implicit", `set net:limit-rate 0:${RATE}`, `put ${local} -o ${path}`),
};
const CONTINUE: Record<string, (place: Place, local: string, path: string) => string[]> = {
  "curl -C -": (place, local, path) => curl(place, "implicit", path, ["-C", "-", "-T", local]),
  "lftp put -c": (place, local, path) => lftp(place, "explicit", `put -c ${local} -o ${path}`),
};

testWith(["curl", "lftp"], "a killed upload over a file goes on, and mixes nothing", async (t) => {
  await using place = await Place.start(["--durability", "relaxed"]);
  const local = place.write("local.bin", content);
  let count = 0;
  for (const [there, old] of Object.entries(OLD)) {
    for (const [begun, begin] of Object.entries(BEGIN)) {
      for (const [way, goOn] of Object.entries(CONTINUE)) {
        await t.step(`${begun}, ${way}, the old file ${there}`, async () => {
          const path = `f${++count}.bin`;
          const first = place.write("old.bin", old);
          await place.ok(curl(place, "explicit", path, ["-T", first]));
          await place.killUploading(path, begin(place, local, path), true);
          sameFile(await place.stored(path), old);
          const trace = await place.ok(goOn(place, local, path));
          // From where it was cut: neither from the old file's end nor from the beginning.
          assertMatch(trace, /(---> REST [1-9]|> APPE)/);
          sameFile(await place.stored(path), content);
        });
      }
    }
  }
});

testWith(["curl", "lftp", "wget"], "a killed download goes on", async (t) => {
  await using place = await Place.start(["--durability", "relaxed", "--ftp-allow-plain"]);
  const local = place.write("local.bin", content);
  await place.ok(curl(place, "explicit", "f.bin", ["-T", local]));
  const url = place.url("explicit").replace("//", `//${place.user}:${place.password}@`);
  const ways = {
    curl: curl(place, "explicit", "f.bin", ["-C", "-", "-o", "curl"]),
    lftp: lftp(place, "explicit", "get -c f.bin -o lftp"),
    wget: ["wget", "-q", "-c", "-O", "wget", `${url}/f.bin`],
  };
  for (const [name, command] of Object.entries(ways)) {
    await t.step(name, async () => {
      place.write(name, content.slice(0, 300_000)); // as a kill leaves it
      await place.ok(command);
      sameFile(place.path(name), content);
    });
  }
});
