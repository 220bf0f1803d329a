/** Permission bits: kept for those who fetch a file, whatever it is on disk. */
import { assertEquals } from "@std/assert";
import { holds, holdsOnDisk, is, MIB, names, onDisk, randomBytes } from "../../support/native.ts";

holdsOnDisk(
  "a mode goes with its file: up, down, renamed, copied, replaced, removed",
  async (bench) => {
    const { server, alice } = bench;
    const modeOf = async (filename: string) =>
      is(await alice.ask("STAT", { filename }), "OK").mode as number | undefined;
    is(await alice.upload("key", "secret", { mode: 0o600 }), "OK");
    is(await alice.upload("run", "#!", { mode: 0o755 }), "OK");
    is(await alice.upload("plain", "x"), "OK");
    assertEquals(is((await alice.download("run")).head, "OK", 150).mode, 0o755);
    assertEquals(is((await alice.download("plain")).head, "OK", 150).mode, undefined);
    const { entries } = is(await alice.ask("LIST", {}), "OK");
    assertEquals((entries as { mode?: number }[]).map(({ mode }) => mode), [
      0o600,
      undefined,
      0o755,
    ]);
    assertEquals(Deno.statSync(onDisk(server, "run")).mode! & 0o777, 0o600);
    is(await alice.ask("MKD", { path: "d" }), "OK");
    is(await alice.ask("RENAME", { from: "run", to: "d/run" }), "OK");
    is(await alice.ask("RENAME", { from: "d", to: "e" }), "OK");
    assertEquals([await modeOf("e/run"), await modeOf("e")], [0o755, undefined]);
    is(await alice.ask("COPY", { from: "e/run", to: "copy" }), "OK");
    assertEquals(await modeOf("copy"), 0o755);
    is(await alice.upload("key", "other", { if_exists: "overwrite" }), "OK");
    assertEquals(await modeOf("key"), 0o600);
    is(await alice.upload("key", "third", { if_exists: "overwrite", mode: 0o640 }), "OK");
    assertEquals(await modeOf("key"), 0o640);
    is(await alice.ask("RENAME", { from: "plain", to: "key", overwrite: true }), "OK");
    assertEquals(await modeOf("key"), undefined);
    is(await alice.ask("RMD", { path: "e", recursive: true }), "OK");
    is(await alice.upload("e/run", "x", { make_dirs: true }), "OK");
    assertEquals(await modeOf("e/run"), undefined);
    for (const mode of [0o1000, 0o4755, -1, 1.5, "644"]) {
      names(await alice.upload("bad", "x", { mode }), "mode");
    }
  },
);

holds("a mode is kept by an upload that is resumed", async ({ alice }) => {
  const content = randomBytes(2 * MIB);
  const data = { filename: "big", file_size: content.length, mode: 0o750 };
  const ready = is(await alice.ask("UPLOAD", data), "OK", 150);
  await alice.data(content.subarray(0, MIB));
  is(await alice.ask("ABOR"), "ABORTED");
  is(await alice.reply(), "OK");
  is(await alice.ask("RESUME", { temp_id: ready.temp_id }), "OK", 150);
  await alice.data(content.subarray(MIB));
  await alice.send("END");
  is(await alice.reply(), "OK", 226);
  assertEquals(is(await alice.ask("STAT", { filename: "big" }), "OK").mode, 0o750);
});
