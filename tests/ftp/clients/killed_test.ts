/**
 * Clients and servers killed (-9) in the middle of an upload, which another door then continues:
 * FTP's uploads are continued by the native client, the native client's over FTP.
 */
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { runClient, startClient } from "../../support/client/client.ts";
import { curl, lftp } from "./commands.ts";
import { MIB, noise, sameFile } from "./samples.ts";
import { Place } from "./place.ts";
import { start, testWith } from "./programs.ts";

/** Slow enough to be killed on the way: bytes a second. */
const RATE = 1_200_000;
/** The saved bytes of a killed server are at most 2 seconds behind (README, "What survives what"). */
const SURELY_SAVED = 2.5 * RATE;
const content = noise(6 * MIB);

/** Settings of the native client. */
function settings(place: Place): Record<string, string> {
  return {
    TOWPATH_SERVER: `localhost:${place.server.port}`,
    TOWPATH_USER: place.user,
    TOWPATH_PASSWORD: place.password,
    TOWPATH_CA: place.server.ca,
    XDG_CONFIG_HOME: place.path(".config"),
    INIT_CWD: place.home,
  };
}

/** Begins an upload with the native client. */
function upload(place: Place, local: string, path: string) {
  const args = ["upload", local, "--to", path, "--limit-rate", String(RATE), "--retries", "0"];
  return startClient(args, { env: settings(place) });
}

/** Continues an upload with the native client, which must not begin again. */
async function resumeNatively(place: Place, local: string, path: string): Promise<void> {
  const args = ["resume", local, "--to", path, "--json"];
  const { code, stderr, events } = await runClient(args, { env: settings(place) });
  assertEquals(code, 0, stderr);
  const done = events.find(({ event }) => event === "done");
  assert(Number(done?.resumed_from) > 0, JSON.stringify(done));
  sameFile(await place.stored(path), content);
}

testWith(["curl", "lftp"], "what a killed FTP client began, the client resumes", async (t) => {
  await using place = await Place.start();
  const local = place.write("local.bin", content);
  await t.step("curl", async () => {
    const slow = ["--limit-rate", String(RATE), "-T", local];
    await place.killUploading("c.bin", curl(place, "explicit", "c.bin", slow));
    await resumeNatively(place, local, "/c.bin");
  });
  await t.step("lftp", async () => {
    const slow = [`set net:limit-rate 0:${RATE}`, `put ${local} -o l.bin`];
    await place.killUploading("l.bin", lftp(place, "implicit", ...slow));
    await resumeNatively(place, local, "/l.bin");
  });
});

testWith(["curl", "lftp"], "what a killed client began, FTP clients resume", async (t) => {
  await using place = await Place.start();
  const local = place.write("local.bin", content);
  const begin = async (path: string) => {
    const client = upload(place, local, `/${path}`);
    await place.uploading(MIB);
    client.kill("SIGKILL");
    await client.run;
    await place.kept(path);
  };
  await t.step("lftp, with REST and STOR", async () => {
    await begin("l.bin");
    const trace = await place.ok(lftp(place, "explicit", `put -c ${local} -o l.bin`));
    assertMatch(trace, /---> REST [1-9]\d+/);
    sameFile(await place.stored("l.bin"), content);
  });
  await t.step("curl, with APPE", async () => {
    await begin("c.bin");
    const trace = await place.ok(curl(place, "implicit", "c.bin", ["-C", "-", "-T", local]));
    assertMatch(trace, /^> APPE c\.bin/m);
    sameFile(await place.stored("c.bin"), content);
  });
});

testWith(["curl", "lftp"], "a killed server continues uploads by the other door", async (t) => {
  await using place = await Place.start();
  const local = place.write("local.bin", content);
  const restart = async (path: string) => {
    await place.uploading(SURELY_SAVED);
    // On a busy machine the client catches up in less time than a checkpoint takes.
    await place.saved(path);
    await place.server.kill9();
    await place.server.start();
    await place.kept(path);
  };
  await t.step("begun over FTP, resumed natively", async () => {
    const slow = ["--limit-rate", String(RATE), "-T", local];
    const client = start(curl(place, "explicit", "a.bin", slow)).output();
    await restart("a.bin");
    assertNotEquals((await client).code, 0);
    await resumeNatively(place, local, "/a.bin");
  });
  await t.step("begun natively, resumed over FTP", async () => {
    const client = upload(place, local, "/b.bin");
    await restart("b.bin");
    assertEquals((await client.run).code, 7); // the connection was lost
    const trace = await place.ok(lftp(place, "explicit", `put -c ${local} -o b.bin`));
    assertMatch(trace, /---> REST [1-9]\d+/);
    sameFile(await place.stored("b.bin"), content);
  });
});
