/** Unfinished transfers: dropped by `parts rm`, and how a command goes on with them. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { noise, until, World } from "./world.ts";

const MIB = 1024 * 1024;

Deno.test("unfinished transfers", async (t) => {
  await using world = await World.start();
  world.write("big", noise(6 * MIB));
  world.write("small", "content");
  assertEquals((await world.run(["upload", "big", "--to", "/stored"])).code, 0);

  const unfinished = async () => {
    const { events } = await world.run(["parts", "--json"]);
    return events.at(-1)!.parts as { temp_id: string; direction: string; filename: string }[];
  };
  /** Uploads until some of it was sent, then interrupts. */
  const interrupted = async (args: string[], stdin?: Uint8Array) => {
    const started = world.startWith([...args, "--json", "--limit-rate", "1500K"], {
      env: world.env(),
      ...(stdin && { stdin: new Uint8Array(stdin) }),
    });
    await until("something is sent", () => /"offset":[1-9]/.test(started.stdout));
    started.kill("SIGINT");
    const { code, stderr } = await started.run;
    assertEquals(code, 130, stderr);
    return stderr;
  };

  await t.step("an upload is dropped by its id, and not resumed any more", async () => {
    assertMatch(await interrupted(["upload", "big", "--to", "/new"]), /client resume big\.\n$/);
    const [part] = await unfinished();
    assertMatch((await world.run(["parts"])).stdout, new RegExp(`^upload  ${part!.temp_id}  `));
    const { code, stderr } = await world.run(["parts", "rm", part!.temp_id]);
    assertEquals([code, stderr], [0, `Dropped "${part!.temp_id}".\n`]);
    assertEquals(await unfinished(), []);
    assertEquals((await world.run(["resume", "big"])).code, 4);
  });

  await t.step("an upload of standard input says how to drop it", async () => {
    const stderr = await interrupted(["upload", "-", "--name", "piped"], noise(6 * MIB));
    const id = /drop it with: .*client parts rm (\S+)\.\n$/.exec(stderr)?.[1];
    assert(id !== undefined, stderr);
    assertEquals((await unfinished()).map((part) => part.temp_id), [id]);
    assertEquals((await world.run(["parts", "rm", id])).code, 0);
    assertEquals(await unfinished(), []);
  });

  await t.step("a download is dropped with its temporary file", async () => {
    await interrupted(["download", "/stored", "--to", "here"]);
    assertEquals(world.parts("here").length, 1);
    assertEquals((await world.run(["parts", "rm", "here"])).code, 0);
    assertEquals(world.parts("here"), []);
    assertEquals(await unfinished(), []);
  });

  await t.step("a missing transfer is exit code 4; other words are 2", async () => {
    const { code, stderr } = await world.run(["parts", "rm", "0123456789abcdef"]);
    assertEquals(code, 4);
    assertMatch(stderr, /no unfinished upload of that id.*client parts/);
    assertEquals((await world.run(["parts", "rm"])).code, 2);
    assertEquals((await world.run(["parts", "drop", "x"])).code, 2);
  });

  await t.step("both directions say from where they go on", async () => {
    await interrupted(["upload", "big", "--to", "/again"]);
    const up = await world.run(["resume", "big"]);
    assertEquals(up.code, 0);
    assertMatch(up.stderr, /^Resuming "big" from [\d.]+ [KM]iB of 6\.0 MiB\.\nUploaded 1 file, /);
    await interrupted(["download", "/stored", "--to", "back"]);
    const down = await world.run(["download", "/stored", "--to", "back", "--resume"]);
    assertEquals(down.code, 0);
    assertMatch(down.stderr, /Resuming "\/stored" from [\d.]+ [KM]iB of 6\.0 MiB\.\n/);
  });

  await t.step("bytes that were there already are counted apart, and not named", async () => {
    const again = await world.run(["upload", "small", "big", "--to", "/", "--if-exists", "skip"]);
    assertEquals(again.stdout, "/small\n/big\n");
    world.write("small", "changed");
    const one = await world.run(["upload", "small", "big", "--to", "/", "--if-exists", "skip"]);
    assertEquals(one.stdout, "/small_v2\n");
    assertMatch(
      one.stderr,
      /^Uploaded 1 file, 7 B in .*, every checksum verified; 1 file was at the server already\.\n$/,
    );
    const none = await world.run(["upload", "small", "big", "--to", "/", "--if-exists", "skip"]);
    assertEquals(
      [none.code, none.stdout, none.stderr],
      [0, "", "Nothing to send: 2 files were at the server already.\n"],
    );
  });
});
