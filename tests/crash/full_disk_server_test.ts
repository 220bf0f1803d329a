/** The real server on a disk without any room: who is there gets in, reads, and makes room. */
import { assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { connect } from "node:tls";
import { RawClient } from "../support/raw_client.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { fill, mayMount, run, smallDisk, useUpInodes } from "../support/machine/small_disk.ts";
import { runAdmin } from "../../server/admin/run.ts";
import { terminalWith } from "../support/admin.ts";

const KEPT = "kept on a full disk";

async function admin(server: TestServer, ...args: string[]): Promise<number> {
  const { exitCode } = await runAdmin({
    args: [...args, "--data", server.data],
    variable: () => undefined,
    directory: server.data,
  }, terminalWith(""));
  return exitCode;
}

/** Logs in at all doors, reads, and administers. */
async function assertUsable(server: TestServer): Promise<void> {
  const at = { port: server.port, caText: server.caText };
  using client = await RawClient.login(at, "admin", server.password);
  const { content, final } = await client.download("kept.txt");
  assertEquals(final.code, 226);
  assertStrictEquals(new TextDecoder().decode(content), KEPT);
  assertEquals((await client.ask("USERS")).status, "OK");
  assertEquals((await client.ask("PARTS")).status, "OK");
  assertMatch(await overWeb(server, "/api/v1/account"), /^HTTP\/1\.1 200 /);
  assertMatch(await overWeb(server, "/healthz"), /^HTTP\/1\.1 200 [^]*\r\n(ok|degraded)\n/);
  assertEquals(await admin(server, "parts"), 0);
  assertEquals(await admin(server, "status"), 0);
}

function overWeb(server: TestServer, path: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const credentials = new TextEncoder().encode(`admin:${server.password}`).toBase64();
  const socket = connect({ port: server.info.web!.port, host: "127.0.0.1", ca: server.caText });
  let text = "";
  socket.setEncoding("utf8").on("data", (piece: string) => text += piece);
  socket.on("end", () => resolve(text)).on("error", reject);
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic ${credentials}\r\n` +
      "Connection: close\r\n\r\n",
  );
  return promise;
}

for (
  const [what, options, use] of [
    ["bytes", "size=40m", fill],
    ["inodes", "size=64m,nr_inodes=300", useUpInodes],
  ] as const
) {
  Deno.test({
    name: `no ${what} left: logins, reading, administering, deleting, stop, start and a crash work`,
    ignore: !mayMount(),
    async fn() {
      await using disk = await smallDisk(options);
      const data = `${disk.path}/data`;
      await using server = await startServer({ data, web: true, args: ["--min-free", "0"] });
      const at = { port: server.port, caText: server.caText };
      {
        using client = await RawClient.login(at, "admin", server.password);
        for (const name of ["kept.txt", "one.txt", "two.txt"]) {
          assertEquals((await client.upload(name, KEPT)).code, 226);
        }
        use(`${disk.path}/filler`);
        assertEquals(
          (await client.upload("no.bin", new Uint8Array(65536))).status,
          "QUOTA_EXCEEDED",
        );
        await assertUsable(server);
        assertEquals((await client.ask("DELE", { filename: "one.txt" })).status, "OK");
      }
      // The freed room is used up again.
      use(`${disk.path}/filler-2`);
      assertEquals(await server.stop(), 0);
      await server.start();
      await server.kill9();
      await server.start();
      await assertUsable(server);
      using client = await RawClient.login(at, "admin", server.password);
      assertEquals((await client.ask("DELE", { filename: "two.txt" })).status, "OK");
      // The last file may have had no room at all.
      await run("rm", "-rf", `${disk.path}/filler`, `${disk.path}/filler-2`);
      assertEquals((await client.upload("again.bin", new Uint8Array(65536))).code, 226);
      const { files, damaged } = (await client.ask("VERIFY")).data;
      assertEquals([files, damaged], [2, []]);
      assertNotMatch(server.stderr, /FATAL|ncaught/);
    },
  });
}
