/** Errors name what is missing and the next step. */
import { diskTest } from "../support/engine.ts";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { withAdvice } from "../../client/cli/terminal/advice.ts";
import { ClientError } from "../../client/lib/common/error.ts";
import { noise, World } from "./world.ts";

Deno.test("errors name the next step", async (t) => {
  await using world = await World.start();
  world.write("file", "content");
  assertEquals((await world.run(["upload", "file", "--to", "/full/file"])).code, 0);

  const cases: [string, string[], number, RegExp][] = [
    [
      "a missing parent",
      ["mkdir", "/a/b/c"],
      4,
      /"\/a\/b" does not exist\. Add -p to make it too\./,
    ],
    [
      "… of a target of mv",
      ["mv", "/full/file", "/no where/file"],
      4,
      /"\/no where" does not exist\. Make it first: .*client mkdir -p '\/no where'\./,
    ],
    [
      "… of cp",
      ["cp", "/full/file", "/x/y/z"],
      4,
      /"\/x\/y" does not exist\. .* mkdir -p \/x\/y\./,
    ],
    ["a directory that is not empty", ["rmdir", "/full"], 8, /is not empty\. Add -r to remove/],
    ["a directory for rm", ["rm", "/full"], 8, /is a directory\. Use rmdir, or rmdir -r/],
    ["a file for rmdir", ["rmdir", "/full/file"], 8, /is not a directory\. Use rm/],
    ["a taken name", ["mv", "/full/file", "/full/other"], 8, /exists already\. Add --overwrite/],
  ];
  await world.run(["upload", "file", "--to", "/full/other"]);
  for (const [name, args, code, said] of cases) {
    await t.step(name, async () => {
      const run = await world.run(args);
      assertEquals(run.code, code, run.stderr);
      assertMatch(run.stderr, said);
    });
  }

  await t.step("a quota, with its numbers", async () => {
    world.write("secret", "correct horse");
    const small = ["admin", "add", "bob", "--quota", "2M", "--new-password-file", "secret"];
    assertEquals((await world.run(small)).code, 0);
    const env = { TOWPATH_USER: "bob", TOWPATH_PASSWORD: "correct horse" };
    world.write("one", noise(1_500_000));
    assertEquals((await world.run(["upload", "one"], { env })).code, 0);
    const known = await world.run(["upload", "one"], { env });
    assertEquals(known.code, 9, known.stderr);
    assertMatch(known.stderr, /quota: it needs 1\.4 MiB, and 583 KiB of 2\.0 MiB are free\./);
    const unknown = await world.run(["upload", "-", "--name", "piped"], {
      env,
      stdin: new Uint8Array(noise(3_000_000)),
    });
    assertEquals(unknown.code, 9, unknown.stderr);
    assertMatch(
      unknown.stderr,
      /quota: it needs [\d.]+ [KM]iB, and 583 KiB of 2\.0 MiB are free\./,
    );
    for (const { stderr } of [known, unknown]) {
      assertMatch(stderr, /free\. Remove something, or ask .* for a larger quota/);
    }
  });
});

diskTest("a full disk of the server is no matter of the quota", async () => {
  await using world = await World.start(["--min-free", "900T"]);
  world.write("file", "content");
  const { code, stderr } = await world.run(["upload", "file"]);
  assertEquals(code, 9);
  assertMatch(stderr, /Ask the server's administrator to free space, then try again/);
  assert(!/quota/.test(stderr), stderr);
});

Deno.test("advice follows a sentence of any kind with one mark between them", () => {
  for (const [message, whole] of [["Is it there?", "Is it there? Go"], ["Lost.", "Lost. Go"]]) {
    const error = new ClientError(message!);
    error.resumable = true;
    assertEquals((withAdvice(error, "Go") as Error).message, whole);
  }
});
