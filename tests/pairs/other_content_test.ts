/**
 * An upload that was cut, and a client that continues it with other content of the same size, as one
 * that asks for the unfinished upload of a name does. An answer "stored" is about its content; the
 * beginning of one and the end of the other are never acknowledged where that can be known.
 */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { randomBytes, until } from "../support/native.ts";
import { sha256 } from "../support/raw_client.ts";
import { type Begin, BEGINNINGS as WITHOUT_DIGEST, put } from "./begin.ts";
import { digestOf, UNPROVEN, WAYS } from "./continue.ts";
import { Place } from "./place.ts";

const SIZE = 24_000;
const HALF = SIZE / 2;

const BEGINNINGS: Record<string, Begin> = {
  ...WITHOUT_DIGEST,
  "PUT, Repr-Digest": (place, path, content, half) =>
    put(place, path, content, half, [`Repr-Digest: ${digestOf(content)}`]),
};

/** Those of which the server knows the checksum of the whole: all doors are held to it. */
const ANNOUNCED = ["native", "PUT, Repr-Digest"];
/** FTP names neither an upload nor a checksum. */
const isFtp = (way: string) => /STOR|APPE/.test(way);
/** A client that names an upload of which it does not have the content lies to the server. */
const LIES = "PUT, Content-Range and id";

async function begin(place: Place, begun: string, path: string): Promise<Uint8Array> {
  const content = randomBytes(SIZE);
  await BEGINNINGS[begun]!(place, path, content, HALF);
  if (/tus|browser/.test(begun)) return content; // held open for its next request
  await until("it is kept", async () => (await place.unfinished(path))[0]?.offset === HALF);
  return content;
}

Deno.test("other content is never stored behind the beginning that is there", async () => {
  await using place = await Place.start(["--durability", "relaxed"]);
  const failures: string[] = [];
  let count = 0;
  const ways = { ...WAYS, "PUT, Content-Range alone": UNPROVEN };
  for (const begun of Object.keys(BEGINNINGS)) {
    for (const [way, goOn] of Object.entries(ways)) {
      if (way === LIES || isFtp(way) && !ANNOUNCED.includes(begun)) continue;
      const path = `/${++count}`;
      await begin(place, begun, path);
      const other = randomBytes(SIZE);
      try {
        const said = await goOn(place, path, other, HALF);
        assertStrictEquals(said.said === "done", false, said.text);
        assertEquals(await place.content(path), said.said === "stored" ? other : null);
      } catch (error) {
        failures.push(`${begun} | ${way}: ${(error as Error).message.slice(0, 300)}`);
      }
    }
  }
  assertEquals(failures, []);
});

/** `PUT` of the rest of `content`, cut after `count` bytes. */
async function putCut(place: Place, path: string, content: Uint8Array, count: number) {
  const rest = content.subarray(HALF);
  await put(place, path, rest, count, [
    `Content-Range: bytes ${HALF}-${SIZE - 1}/${SIZE}`,
    `Repr-Digest: ${digestOf(content)}`,
  ]);
  await until("it is kept", async () => {
    return (await place.unfinished(path))[0]?.offset === HALF + count;
  });
}

Deno.test("what claimed an upload by its checksum is held to it by every door", async (t) => {
  await using place = await Place.start();
  const other = randomBytes(SIZE);

  await t.step("PUT with the digest of other content, cut; then FTP", async () => {
    for (const crash of [false, true]) {
      const path = `/claimed-${crash}`;
      const content = await begin(place, "FTP", path);
      await putCut(place, path, other, 5000);
      if (crash) await place.crash();
      const offset = Number((await place.ftp.ask(`SIZE ${path}`, 213)).text.slice(4));
      assert(offset >= HALF);
      const { code, text } = await place.ftp.store(`APPE ${path}`, content.subarray(offset));
      assertEquals(code, 551, text);
      assertEquals(await place.content(path), null);
    }
  });

  await t.step("REST and STOR with the checksum of other content, cut; then FTP", async () => {
    const path = "/claimed-native";
    const content = await begin(place, "FTP", path);
    assertEquals((await place.native.ask("REST", { offset: HALF })).code, 350);
    const data = { filename: path, file_hash: sha256(other) };
    assertEquals((await place.native.ask("STOR", data)).code, 150);
    await place.native.data(other.subarray(HALF, HALF + 5000));
    assertEquals((await place.native.ask("ABOR")).status, "ABORTED");
    assertEquals((await place.native.reply())?.status, "OK");
    const offset = Number((await place.ftp.ask(`SIZE ${path}`, 213)).text.slice(4));
    assertEquals(offset, HALF + 4999);
    const last = await place.ftp.store(`APPE ${path}`, content.subarray(offset));
    assertEquals(last.code, 551, last.text);
    assertEquals(await place.content(path), null);
  });

  await t.step("the right content goes on, from any client", async () => {
    const path = "/right";
    const content = await begin(place, "FTP", path);
    await putCut(place, path, content, 5000);
    const offset = Number((await place.ftp.ask(`SIZE ${path}`, 213)).text.slice(4));
    const last = await place.ftp.store(`APPE ${path}`, content.subarray(offset));
    assertMatch(last.text, /^226/);
    assertEquals(await place.content(path), content);
  });
});
