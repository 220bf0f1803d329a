/** Events between the interruption of an upload and its continuation. */
import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { randomBytes, until } from "../support/native.ts";
import { BEGINNINGS } from "./begin.ts";
import { OWN_WAY, WAYS } from "./continue.ts";
import { Place } from "./place.ts";

const content = randomBytes(20_000);
const HALF = content.length / 2;
const OLD_SIZES = { "smaller": 1000, "larger": 30_000 };

/** The ways that ask for nothing but the name of the file. */
const BY_NAME = ["SIZE, APPE (curl -C -)", "SIZE, REST, STOR (lftp put -c)"];

/** Begins the upload to a path over a file, and waits until the server has seen the cut. */
async function cutOver(place: Place, path: string, begun: string, size: number) {
  const old = randomBytes(size);
  assert((await place.put(path, old)).status < 300);
  await BEGINNINGS[begun]!(place, path, content, HALF);
  await until("it is kept", async () => (await place.unfinished(path))[0]?.offset === HALF);
  return old;
}

Deno.test("an upload that was cut, and what happens before it goes on", async (t) => {
  await using place = await Place.start(["--durability", "relaxed"]);
  const guest = await place.as("guest");
  await using _closed = { [Symbol.asyncDispose]: () => Promise.resolve(guest.disconnect()) };
  const { native } = place;
  const ok = async (command: string, data: Record<string, unknown>) => {
    const reply = await native.ask(command, data);
    assertEquals(reply.status, "OK", JSON.stringify(reply));
  };
  let count = 0;

  await t.step("another account that may write there is refused, and mixes nothing", async () => {
    await ok("MKD", { path: "/both" });
    await ok("SHAR", { filename: "/both", username: "guest", permissions: "rwc" });
    for (const [there, size] of Object.entries(OLD_SIZES)) {
      for (const way of [...BY_NAME, "REST, STOR at what was sent (ftplib)"]) {
        for (const begunBy of [place, guest]) {
          const other = begunBy === place ? guest : place;
          const name = `f${++count}`;
          const seenBy = (one: Place) => (one === guest ? "/shared/admin" : "") + `/both/${name}`;
          const old = randomBytes(size);
          await place.put(seenBy(place), old);
          await BEGINNINGS.FTP!(begunBy, seenBy(begunBy), content, HALF);
          const said = await WAYS[way]!(other, seenBy(other), content, HALF);
          // A client that sees a larger file than its own takes it for done, as it would anyway.
          const done = there === "larger" && BY_NAME.includes(way);
          assertStrictEquals(said.said, done ? "done" : "refused", `${way}: ${said.text}`);
          assertEquals(await place.content(seenBy(place)), old);
          const last = await WAYS[BY_NAME[0]!]!(begunBy, seenBy(begunBy), content, HALF);
          assertEquals(last.said, "stored", last.text);
          assertEquals(await place.content(seenBy(place)), content);
          // Once nothing is unfinished there, the other one appends as ever.
          await other.ftp.ask(`SIZE ${seenBy(other)}`, 213);
          const more = await other.ftp.store(`APPE ${seenBy(other)}`, "more");
          assertEquals(more.code, 226, more.text);
        }
      }
    }
  });

  await t.step("its directory was renamed: it goes on there", async () => {
    for (const size of Object.values(OLD_SIZES)) {
      for (const way of [...BY_NAME, "RESUME (client resume)", "PUT, Content-Range and id"]) {
        const [from, to] = [`/d${++count}`, `/d${count}-new`];
        await ok("MKD", { path: `${from}/deep`, make_dirs: true });
        await cutOver(place, `${from}/deep/f`, "FTP", size);
        await ok("RENAME", { from, to });
        const said = await WAYS[way]!(place, `${to}/deep/f`, content, HALF);
        assertEquals(said.said, "stored", `${way}: ${said.text}`);
        assertEquals(await place.content(`${to}/deep/f`), content);
      }
    }
  });

  await t.step("the file was removed: the upload is still listed at its name", async () => {
    for (const way of [...BY_NAME, "RESUME (client resume)", "HEAD, PATCH (tus)"]) {
      const path = `/removed${++count}`;
      await cutOver(place, path, "native", 30_000);
      await ok("DELE", { filename: path });
      const said = await WAYS[way]!(place, path, content, HALF);
      assertEquals(said.said, "stored", `${way}: ${said.text}`);
      assertEquals(await place.content(path), content);
    }
  });

  await t.step("its directory was removed: refused before anything is sent, and kept", async () => {
    await ok("MKD", { path: "/gone" });
    await cutOver(place, "/gone/f", "native", 1000);
    await ok("RMD", { path: "/gone", recursive: true });
    const temp_id = (await place.unfinished("/gone/f"))[0]?.id;
    assertEquals((await native.ask("RESUME", { temp_id })).status, "FILE_NOT_FOUND");
    await place.ftp.ask(`REST ${HALF}`, 350);
    assertMatch(
      String(await assertRejects(() => place.ftp.store("STOR /gone/f", content.subarray(HALF)))),
      /550/,
    );
    await ok("MKD", { path: "/gone" });
    const said = await OWN_WAY(place, "/gone/f", content, HALF);
    assertEquals(said.said, "stored", said.text);
  });

  await t.step("the file there is from the future, by its time", async () => {
    for (const [there, size] of Object.entries(OLD_SIZES)) {
      const old = randomBytes(size);
      const path = `/future-${there}`;
      const disk = `${place.server.data}/users/a/admin/files${path}`;
      Deno.writeFileSync(disk, old);
      const time = Date.now() / 1000 + 86_400;
      Deno.utimeSync(disk, time, time);
      await BEGINNINGS.FTP!(place, path, content, HALF);
      const said = await WAYS[BY_NAME[1]!]!(place, path, content, HALF);
      assertEquals(said.said, "stored", said.text);
      assertEquals(await place.content(path), content);
      // And what was stored is newer than the cut upload that is left of an earlier attempt.
      assertMatch((await place.ftp.ask(`SIZE ${path}`, 213)).text, / 20000$/);
    }
  });
});
