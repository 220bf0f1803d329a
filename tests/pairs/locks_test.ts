/** A lock that is taken at one door, at all others. */
import { assertEquals, assertMatch } from "@std/assert";
import { Tus } from "../support/tus.ts";
import { Place } from "./place.ts";

const content = new TextEncoder().encode("by the holder");

Deno.test("a lock of one account keeps others out at every door", async (t) => {
  await using place = await Place.start(["--durability", "relaxed", "--workers", "2"]);
  const guest = await place.as("guest");
  await using _closed = { [Symbol.asyncDispose]: () => Promise.resolve(guest.disconnect()) };
  const { native, ftp, program } = place;
  for (const name of ["d", "d/sub"]) await native.ask("MKD", { path: name });
  for (const name of ["/d/f.txt", "/d/g.txt", "/free.txt"]) await place.put(name, content);
  const shared = { filename: "/d", username: "guest", permissions: "rwcd" };
  assertEquals((await native.ask("SHAR", shared)).status, "OK");
  // A resumable upload of the owner begins before the lock.
  const tus = new Tus(program);
  const upload = await tus.create(4, { filename: "d/late.txt" });

  await t.step("over FTP it is taken, listed, prolonged and shown", async () => {
    const taken = await guest.ftp.ask("SITE LOCK /shared/admin/d 2h", 200);
    assertMatch(taken.text, /Locked until 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC/);
    await guest.ftp.ask("SITE LOCK /shared/admin/d 25h", 501);
    await guest.ftp.ask("SITE LOCK", 501);
    const listed = await ftp.ask("SITE LOCKS", 211);
    assertMatch(listed.text, / \/d \(by guest until 20.* UTC\)/);
    assertMatch((await ftp.ask("MLST /d/f.txt", 250)).text, /X\.lock=guest,20\d{12};/);
    await ftp.ask("OPTS MLST type;x.lock;", 200);
    const { content: facts } = await ftp.retrieve("MLSD /d");
    assertMatch(String(facts), /^type=file;X\.lock=guest,20\d{12}; f\.txt\r$/m);
  });

  await t.step("the owner is refused over FTP with 450, for changes of every kind", async () => {
    for (const command of ["DELE /d/f.txt", "RMD /d/sub", "MKD /d/new", "SITE RMDIR /d"]) {
      assertMatch((await ftp.ask(command, 450)).text, /is locked by guest until/, command);
    }
    for (const line of ["MFMT 20200102030405 /d/f.txt", "SITE CHMOD 644 /d/f.txt"]) {
      await ftp.ask(line, 450);
    }
    for (const [from, to] of [["/d", "/e"], ["/d/f.txt", "/x"], ["/free.txt", "/d/x"]]) {
      await ftp.ask(`RNFR ${from}`, 350);
      await ftp.ask(`RNTO ${to}`, 450);
    }
    for (const command of ["STOR /d/f.txt", "APPE /d/f.txt"]) {
      await ftp.ask("EPSV", 229);
      await ftp.ask(command, 450);
    }
    assertEquals((await ftp.store("STOR /d/new", "x")).code, 450);
  });

  await t.step("over HTTP with 423, by API, tus and pages", async () => {
    const put = await place.put("/d/f.txt", content);
    assertEquals([put.status, put.json.kind, put.json.lock.by], [423, "locked", "guest"]);
    const changes: [path: string, request: Record<string, unknown>][] = [
      ["/files/d/f.txt", { method: "DELETE" }],
      ["/files/d?recursive", { method: "DELETE" }],
      ["/directories", { method: "POST", json: { path: "/d/new" } }],
      ["/rename", { method: "POST", json: { from: "/d", to: "/e" } }],
      ["/copy", { method: "POST", json: { from: "/free.txt", to: "/d/f.txt" } }],
    ];
    for (const [path, request] of changes) {
      const { status, text } = await program.ask(path, request);
      assertEquals(status, 423, `${path}: ${text}`);
    }
    const sent = await tus.patch(upload, 0, "late");
    assertEquals(sent.status, 423, sent.text);
    const { json } = await program.ask("/info/d/f.txt");
    assertEquals(json.lock?.by, "guest", JSON.stringify(json));
    const { json: found } = await program.ask("/locks");
    const [{ path, by, mine }] = found.locks;
    assertEquals([path, by, mine], ["/d", "guest", false]);
  });

  await t.step("reading goes on, and the holder writes at every door", async () => {
    assertEquals(await place.content("/d/f.txt"), content);
    assertEquals((await guest.ftp.store("STOR /shared/admin/d/by-ftp", "x")).code, 226);
    assertEquals((await guest.put("/shared/admin/d/by-api", content)).status, 201);
    assertEquals((await guest.native.upload("/shared/admin/d/by-native", "x"))?.status, "OK");
    const prolonged = await guest.program.ask("/locks/shared/admin/d", {
      method: "PUT",
      json: { lastsMs: 60_000, note: "chapter 2" },
    });
    assertEquals([prolonged.status, prolonged.json.note], [200, "chapter 2"], prolonged.text);
  });

  await t.step("it is ended by its holder, or broken", async () => {
    await ftp.ask("SITE UNLOCK /d", 450);
    await guest.ftp.ask("SITE UNLOCK /shared/admin/d", 200);
    await guest.ftp.ask("SITE UNLOCK /shared/admin/d", 550);
    const take = async () =>
      await guest.program.ask("/locks/shared/admin/d/f.txt", { method: "PUT", json: {} });
    assertEquals((await take()).status, 200);
    await ftp.ask("SITE UNLOCK /d/f.txt FORCE", 200);
    assertEquals((await take()).status, 200);
    assertEquals((await guest.program.ask("/admin/locks")).status, 403);
    assertEquals((await program.ask("/admin/locks")).json.locks[0].account, "guest");
    const broken = { method: "DELETE" };
    assertEquals((await program.ask("/admin/locks/admin/d/f.txt", broken)).status, 204);
    assertEquals((await program.ask("/locks/d/f.txt?force", broken)).status, 404);
    assertEquals((await place.put("/d/f.txt", content)).status < 300, true);
  });
});
