/** Files that change while they are uploaded, whatever their modification time says. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { noise, sha256, until, World } from "./world.ts";
import { Client, ClientError } from "../../client/lib/mod.ts";
import { uploadFrom } from "../../client/lib/upload/upload.ts";
import { FileSource, type UploadSource } from "../../client/lib/upload/upload_source.ts";
import { FaultProxy } from "../support/client/client_proxy.ts";

const MIB = 1024 * 1024;

/** A file that reports when it was read to its end, and when it was checked. */
function watched(
  path: string,
  { onEnd = () => {}, onChecked = () => {} }: {
    onEnd?(): void | Promise<void>;
    onChecked?(): void;
  },
): UploadSource & Disposable {
  const file = FileSource.open(path);
  return {
    path,
    title: path,
    size: file.size,
    mtime: file.mtime,
    mode: file.mode,
    seek: (offset) => file.seek(offset),
    close: () => file.close(),
    needSame: (whole) => file.needSame(whole),
    async read(into) {
      const count = file.read(into);
      if (count === 0) await onEnd();
      return count;
    },
    needUnchanged() {
      file.needUnchanged();
      onChecked();
    },
    [Symbol.dispose]: () => file.close(),
  };
}

Deno.test("what is stored is one state of a file that changes during its upload", async (t) => {
  await using world = await World.start();
  const connect = (port: number) =>
    Client.connect({
      server: `localhost:${port}`,
      caFile: world.server.ca,
      credentials: { username: "admin", password: world.server.password },
      timeoutMs: 60_000,
    });

  await t.step("between two tries, after it was read to its end", async () => {
    using proxy = new FaultProxy(world.server.port);
    const path = world.write("two.bin", noise(20 * MIB));
    const client = await connect(proxy.port);
    // The server gets all but the end; the beginning is not read again after that.
    proxy.pauseAfter(20 * MIB - 256 * 1024);
    let checks = 0;
    using source = watched(path, {
      onEnd: async () => {
        if (checks > 0) return;
        const enough = 19 * MIB;
        await until("the server has it", async () => await world.uploadedBytes() > enough);
        proxy.down = true;
        proxy.resume();
      },
      onChecked: () => {
        if (++checks !== 2) return; // once at its end, once as the connection was lost
        const file = Deno.openSync(path, { write: true });
        file.writeSync(noise(4096, 2));
        file.seekSync(-4096, Deno.SeekMode.End);
        file.writeSync(noise(4096, 3));
        file.close();
        Deno.utimeSync(path, new Date(), new Date(0));
        proxy.down = false;
      },
    });
    const error = await assertRejects(() => uploadFrom(client, source, "/two"), ClientError);
    assertEquals([error.exitCode, checks], [8, 2], error.message);
    assert(!(await world.names()).includes("two"));
    await client.close();
  });

  await t.step("by a program that sets the modification time back", async () => {
    const content = noise(3 * MIB);
    const path = world.write("back.bin", content);
    const client = await connect(world.server.port);
    const { mtime, ctime } = Deno.statSync(path);
    // Deno gives the time of the last change in whole seconds.
    await until("another second has begun", () => Date.now() >= ctime!.getTime() + 1100);
    using source = watched(path, {
      onEnd: () => {
        const file = Deno.openSync(path, { write: true });
        file.writeSync(noise(4096, 2));
        file.close();
        Deno.utimeSync(path, mtime!, mtime!);
      },
    });
    const error = await assertRejects(() => uploadFrom(client, source, "/back"), ClientError);
    assertEquals(error.exitCode, 8, error.message);
    assert(!(await world.names()).includes("back"));

    // Another mode, or another name, is no other content.
    Deno.writeFileSync(path, content);
    using same = watched(path, { onEnd: () => Deno.chmodSync(path, 0o600) });
    assertEquals((await uploadFrom(client, same, "/same")).hash, sha256(content));
    await client.close();
  });
});
