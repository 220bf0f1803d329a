import { assert, assertEquals } from "@std/assert";
import { openInProcess, PASSWORD } from "../support/in_process.ts";
import { RawClient, sha256 } from "../support/raw_client.ts";
import { fill, mayMount, run, smallDisk } from "../support/machine/small_disk.ts";
import { until } from "../support/native.ts";
import { SpaceReserve } from "../../storage/disk/reserve/space_reserve.ts";

const MIB = 1024 * 1024;

Deno.test({
  name: "a full disk: the upload ends with QUOTA_EXCEEDED, others are whole, it resumes with room",
  ignore: !mayMount(),
  async fn() {
    const data = await Deno.makeTempDir({ prefix: "towpath-full-" });
    await run("mount", "-t", "tmpfs", "-o", "size=48m", "none", data);
    try {
      await using server = await openInProcess({ data });
      using client = await RawClient.login(server, "alice", PASSWORD);
      assertEquals((await client.upload("kept.txt", "kept")).code, 226);

      const content = new Uint8Array(64 * MIB).map((_, index) => index % 251);
      const ready = await client.ask("UPLOAD", {
        filename: "large.bin",
        file_size: content.length,
      });
      assertEquals(ready.code, 150);
      await client.data(content);
      const refused = (await client.reply())!;
      assertEquals(refused.status, "QUOTA_EXCEEDED", JSON.stringify(refused));
      await client.send("END"); // still belongs to the upload: no reply of its own
      const { entries } = (await client.ask("LIST")).data as { entries: { name: string }[] };
      assertEquals(entries.map(({ name }) => name), ["kept.txt"]);
      assertEquals((await client.download("kept.txt")).final.code, 226);

      await run("mount", "-o", "remount,size=160m", data);
      const resumed = await client.ask("RESUME", { temp_id: ready.data.temp_id });
      assertEquals(resumed.code, 150, JSON.stringify(resumed));
      const offset = resumed.data.offset as number;
      assertEquals(resumed.data.prefix_hash, sha256(content.subarray(0, offset)));
      assert(offset > 0, "nothing was kept");
      await client.data(content.subarray(offset));
      await client.send("END", { file_hash: sha256(content) });
      assertEquals((await client.reply())!.code, 226);
      assertEquals((await client.ask("VERIFY")).data.damaged, []);
    } finally {
      await run("umount", "--lazy", data);
      await Deno.remove(data);
    }
  },
});

Deno.test({
  name:
    "a disk without any room: requests are refused one by one, and all goes on once there is some",
  ignore: !mayMount(),
  async fn() {
    const data = await Deno.makeTempDir({ prefix: "towpath-full-" });
    await run("mount", "-t", "tmpfs", "-o", "size=24m", "none", data);
    try {
      await using server = await openInProcess({ data });
      using client = await RawClient.login(server, "alice", PASSWORD);
      assertEquals((await client.upload("kept.txt", "kept")).code, 226);
      fill(`${data}/filler`);
      // Neither the part nor the catalog's log can grow.
      for (let i = 0; i < 20; i++) {
        const { status } = await client.upload(`lost-${i}.txt`, new Uint8Array(8192).fill(i));
        assertEquals(status, "QUOTA_EXCEEDED");
      }
      const tokens = new Map<string, number>();
      for (let i = 0; i < 50; i++) {
        const { status } = await client.ask("TOKEN", { label: `${i}` });
        tokens.set(status, (tokens.get(status) ?? 0) + 1);
      }
      assert(tokens.get("QUOTA_EXCEEDED"), "the catalog's log had room");
      assertEquals([...tokens.keys()].filter((s) => s !== "OK" && s !== "QUOTA_EXCEEDED"), []);
      const { content, final } = await client.download("kept.txt");
      assertEquals(final.code, 226);
      assertEquals(new TextDecoder().decode(content), "kept");
      assertEquals((await client.ask("NLST")).data.names, ["kept.txt"]);

      // A note fails nothing, and is still counted where it protects something.
      (await RawClient.login(server, "alice", PASSWORD)).close();
      const { failures } = server.catalog;
      const bounds = { forgetBeforeMs: 0, maxKeys: 10 };
      while ((await failures.of(["key"]))[0]?.count !== 3) await failures.count(["key"], 5, bounds);

      await Deno.remove(`${data}/filler`);
      for (let i = 0; i < 20; i++) {
        assertEquals((await client.upload(`lost-${i}.txt`, new Uint8Array(8192))).code, 226);
      }
      assertEquals(
        ((await client.ask("TOKENS")).data.tokens as unknown[]).length,
        tokens.get("OK") ?? 0,
      );
      assertEquals((await client.ask("TOKEN")).status, "OK");
      const { files, damaged } = (await client.ask("VERIFY")).data;
      assertEquals([files, damaged], [21, []]);
      const { usedBytes, reservedBytes } = await server.catalog.usage("alice");
      assertEquals([usedBytes, reservedBytes], [4 + 20 * 8192, 0]);
    } finally {
      await run("umount", "--lazy", data);
      await Deno.remove(data);
    }
  },
});

Deno.test({
  name: "what came of an upload is kept although the disk has no byte left for its checkpoint",
  ignore: !mayMount(),
  async fn() {
    await using disk = await smallDisk("size=64m");
    await using server = await openInProcess({ data: disk.path });
    new SpaceReserve(disk.path).fill();
    using client = await RawClient.login(server, "alice", PASSWORD);
    const content = new Uint8Array(8 * MIB).map((_, index) => index % 251);
    const half = content.subarray(0, 4 * MIB);
    const { data } = await client.ask("UPLOAD", {
      filename: "large.bin",
      file_size: content.length,
    });
    await client.data(half);
    const part = `${disk.path}/users/a/alice/parts/${data.temp_id}.part`;
    await until("the server has the first half", () => Deno.statSync(part).size === half.length);
    fill(`${disk.path}/filler`);
    const aborted = await client.ask("ABOR");
    assertEquals([aborted.status, aborted.data.offset], ["ABORTED", half.length]);
    assertEquals((await client.reply())!.code, 226);
    await Deno.remove(`${disk.path}/filler`);
    const resumed = await client.ask("RESUME", { temp_id: data.temp_id });
    assertEquals([resumed.code, resumed.data.prefix_hash], [150, sha256(half)]);
    await client.data(content.subarray(half.length));
    await client.send("END", { file_hash: sha256(content) });
    assertEquals((await client.reply())!.code, 226);
  },
});
