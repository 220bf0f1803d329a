/**
 * A disk that fails to sync (EIO): what was not made durable is not acknowledged, not visible, and
 * never reported as good by a second try. The real server, with system calls made to fail from
 * outside.
 */
import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { is, namesIn, until } from "../support/native.ts";
import { RawClient } from "../support/raw_client.ts";
import { startServer, type TestServer } from "../support/server.ts";

const MIB = 1024 * 1024;

/** Making another process's calls fail takes the rights of a debugger. */
function mayTrace(): boolean {
  const found = ["/usr/bin/strace", "/bin/strace"].some((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
  if (!found && Deno.env.has("CI")) throw new Error("strace is missing");
  const may = found && Deno.uid() === 0;
  if (!may) console.log("failed sync: left out, it takes strace and root");
  return may;
}

/** While it is not disposed of, syncs of one file fail in the server. */
async function failingSyncs(server: TestServer, file: string): Promise<AsyncDisposable> {
  const child = new Deno.Command("strace", {
    args: [
      ...["-f", "-p", String(server.pid), "-P", file, "-e", "trace=fsync,fdatasync"],
      ...["-e", "inject=fsync,fdatasync:error=EIO"],
    ],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let said = "";
  const reading = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) said += text;
  })();
  await until("strace is attached", () => /attached/.test(said));
  return {
    async [Symbol.asyncDispose]() {
      child.kill("SIGINT");
      await child.status;
      await reading;
      assertMatch(said, /INJECTED/, "no sync was made to fail");
    },
  };
}

Deno.test({
  name: "a part that cannot be synced is set aside; nothing of it is seen or acknowledged",
  ignore: !mayTrace(),
  async fn() {
    await using server = await startServer();
    using client = await RawClient.login(server, "admin", server.password);
    is(await client.upload("/kept.txt", "kept"), "OK", 226);
    const opened = await client.ask("UPLOAD", { filename: "/lost.bin" });
    const { temp_id } = is(opened, "OK", 150);
    await client.data(new Uint8Array(3 * MIB));
    is(await client.ask("NOOP"), "BAD_SEQUENCE"); // the bytes before it have come
    const account = `${server.data}/users/a/admin`;
    {
      await using _ = await failingSyncs(server, `${account}/parts/${temp_id}.part`);
      await client.send("END");
      const failed = (await client.reply())!;
      const { reference, message } = is(failed, "ERROR", 451);
      assertMatch(String(reference), /\S/);
      assertNotMatch(String(message), /EIO|\/|os error/);
    }
    assertEquals(await namesIn(client), ["kept.txt"]);
    assertEquals(is(await client.ask("PARTS"), "OK").parts, []);
    is(await client.ask("RESUME", { temp_id }), "TRANSFER_NOT_FOUND");
    const aside = [...Deno.readDirSync(`${account}/aside`)].map(({ name }) => name);
    assert(aside.some((name) => name.startsWith(temp_id as string)), aside.join());
    // The disk is well again.
    is(await client.upload("/lost.bin", new Uint8Array(3 * MIB)), "OK", 226);
    await server.stop();
    await server.restart();
    using again = await RawClient.login(server, "admin", server.password);
    assertEquals(await namesIn(again), ["kept.txt", "lost.bin"]);
    assertEquals(is(await again.ask("VERIFY"), "OK").damaged, []);
  },
});

Deno.test({
  name: "where the catalog cannot be synced no upload is acknowledged, and the old content stays",
  ignore: !mayTrace(),
  async fn() {
    await using server = await startServer({ web: true });
    using client = await RawClient.login(server, "admin", server.password);
    is(await client.upload("/kept.txt", "kept"), "OK", 226);
    const health = async () => {
      using http = Deno.createHttpClient({ caCerts: [server.caText] });
      const url = `https://localhost:${server.info.web!.port}/healthz`;
      return await fetch(url, { client: http }).then((reply) => reply.text()).catch(() => "");
    };
    {
      await using _ = await failingSyncs(server, `${server.data}/catalog.db-wal`);
      is(await client.upload("/lost.txt", "lost"), "ERROR", 451);
      const { final, content } = await client.download("/kept.txt");
      assertEquals(final.code, 226);
      assertEquals(new TextDecoder().decode(content), "kept");
      await until("the catalog is in trouble", async () => {
        return /^degraded\ncatalog: \S+catalog\.db: .*check the disk$/m.test(await health());
      });
    }
    // Once the disk is well, another worker takes the place of the one whose catalog failed.
    await until("a worker runs again", () => Promise.resolve(/runs again/.test(server.stderr)));
    await until("nothing is said of the catalog", async () => {
      const text = await health();
      return text !== "" && !text.includes("catalog: ");
    });
    using again = await RawClient.login(server, "admin", server.password);
    assertEquals(await namesIn(again), ["kept.txt"]);
    is(await again.upload("/lost.txt", "found"), "OK", 226);
    assertEquals(is(await again.ask("VERIFY"), "OK").damaged, []);
  },
});
