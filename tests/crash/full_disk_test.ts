import assert from "node:assert/strict";
import { openInProcess, PASSWORD } from "../support/in_process.ts";
import { RawClient, sha256 } from "../support/raw_client.ts";

const MIB = 1024 * 1024;

/** Mounting takes root; without it there is no small disk to fill. */
function mayMount(): boolean {
  const may = Deno.build.os === "linux" && Deno.uid() === 0;
  if (!may) console.log("full disk: left out, mounting a small file system takes root");
  return may;
}

async function run(command: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { args }).output();
  assert(success, new TextDecoder().decode(stderr));
}

Deno.test({
  name: "a full disk: the upload ends with QUOTA_EXCEEDED, others are whole, it resumes with room",
  ignore: !mayMount(),
  async fn() {
    const data = await Deno.makeTempDir({ prefix: "towpath-full-" });
    await run("mount", "-t", "tmpfs", "-o", "size=48m", "none", data);
    try {
      await using server = await openInProcess({ data });
      using client = await RawClient.login(server, "alice", PASSWORD);
      assert.equal((await client.upload("kept.txt", "kept")).code, 226);

      const content = new Uint8Array(64 * MIB).map((_, index) => index % 251);
      const ready = await client.ask("UPLOAD", {
        filename: "large.bin",
        file_size: content.length,
      });
      assert.equal(ready.code, 150);
      await client.data(content);
      const refused = (await client.reply())!;
      assert.equal(refused.status, "QUOTA_EXCEEDED", JSON.stringify(refused));
      await client.send("END"); // still belongs to the upload: no reply of its own
      const { entries } = (await client.ask("LIST")).data as { entries: { name: string }[] };
      assert.deepEqual(entries.map(({ name }) => name), ["kept.txt"]);
      assert.equal((await client.download("kept.txt")).final.code, 226);

      await run("mount", "-o", "remount,size=160m", data);
      const resumed = await client.ask("RESUME", { temp_id: ready.data.temp_id });
      assert.equal(resumed.code, 150, JSON.stringify(resumed));
      const offset = resumed.data.offset as number;
      assert.equal(resumed.data.prefix_hash, sha256(content.subarray(0, offset)));
      assert(offset > 0, "nothing was kept");
      await client.data(content.subarray(offset));
      await client.send("END", { file_hash: sha256(content) });
      assert.equal((await client.reply())!.code, 226);
      assert.deepEqual((await client.ask("VERIFY")).data.damaged, []);
    } finally {
      await run("umount", "--lazy", data);
      await Deno.remove(data);
    }
  },
});
