/** Verification over objects: damaged and missing ones are named by the paths of their files. */
import { assertEquals, assertRejects } from "@std/assert";
import { Vault } from "../../../storage/vault.ts";
import {
  append,
  bytesOf,
  newUpload,
  sha256,
  store,
  textOf,
} from "../../storage/suites/engine_samples.ts";
import { TestCluster } from "../cluster_engine.ts";
import { withoutPostgres } from "../engines.ts";

Deno.test({
  name: "verify: damaged, shortened and missing objects are found by the paths of their files",
  ignore: withoutPostgres,
  async fn() {
    await using cluster = await TestCluster.open(["alice"]);
    const { first: engine, store: objects } = cluster;
    await engine.catalog.updateAccount("alice", { quotaBytes: null });
    /** The object that a call has stored. */
    const storing = async (work: () => Promise<unknown>): Promise<string> => {
      const before = new Set(objects.keys());
      await work();
      const [made] = objects.keys().filter((key) => !before.has(key));
      return made!;
    };
    const text = "x".repeat(300_000);
    const large = (path: string) => storing(() => store(engine, path, text));
    await large("/sound");
    const damaged = await large("/damaged");
    const short = await large("/short");
    const missing = await large("/missing");
    await engine.tree.makeDirectory("alice", "/d");
    const pack = await storing(() => store(engine, "/d/small", "small"));
    const content = await storing(() => store(engine, "/d/gone", "gone too"));
    const part = await engine.parts.begin(newUpload("/unfinished"));
    const unfinished = await storing(async () => {
      await part.keep();
      await append(part, "safe");
      await part.checkpoint({ offset: 4, hash: sha256(bytesOf("safe")) });
      await part.release(4);
    });
    const vault = await Vault.open({ engine: await cluster.engine(), recover: false });
    assertEquals((await vault.verifyAccount("alice")).findings, []);

    objects.damage(damaged, 150_000);
    objects.damage(pack, 2);
    await objects.delete([missing, content, unfinished, short]);
    await objects.put(short, [bytesOf(text.slice(1))]);
    const found = await vault.verifyAccount("alice");
    const broken = `${text.slice(0, 150_000)}${String.fromCharCode(0x78 ^ 0xff)}${
      text.slice(150_001)
    }`;
    const bytes = Uint8Array.from(broken, (letter) => letter.charCodeAt(0));
    const names = found.damaged.map(({ filename, actual }) => [filename, actual]).sort();
    assertEquals(names.map(([name]) => name), ["/d/small", "/damaged", "/short"]);
    assertEquals([names[1]![1], names[2]![1]], [sha256(bytes), "unreadable"]);
    assertEquals(found.findings.map(({ kind, filename }) => [kind, filename]).sort(), [
      ["missing", "/d/gone"],
      ["missing", "/missing"],
      ["part", part.record.id],
    ]);
    assertEquals(found.files, 4);
    // Readers get an error before the last byte.
    await assertRejects(async () => await textOf(await engine.tree.open("alice", "/damaged")));
    // Uploaded again, they are sound; a lost one can be accepted as lost.
    for (const path of ["/damaged", "/short", "/d/small"]) {
      await store(engine, path, "again", { ifExists: "overwrite" });
    }
    await engine.parts.drop((await engine.parts.take(part.record.id))!);
    const last = await vault.verifyAccount("alice", () => {});
    assertEquals([last.damaged, last.findings], [[], []]);
    assertEquals(last.forgotten.map(({ filename }) => filename).sort(), ["/d/gone", "/missing"]);
    assertEquals((await engine.catalog.usage("alice")).usedBytes, 300_015);
  },
});
