// The real server, all doors and the client at once, where every write to a file is late.

import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { Client, downloadMany, uploadMany } from "../../client/lib/mod.ts";
import { FtpClient } from "../support/ftp_client.ts";
import { KIB, MIB, randomBytes } from "../support/native.ts";
import { sha256 } from "../support/raw_client.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { BUFFER_CHANGED } from "../support/slow/slow_writes.ts";
import { basic } from "../support/web_program.ts";
import { WebClient } from "../support/web.ts";

const ignored = { onError: (_: unknown, error: unknown) => Promise.reject(error) };

async function throughClient(server: TestServer, files: Map<string, string>): Promise<void> {
  const client = await Client.connect({
    server: `localhost:${server.port}`,
    caFile: server.ca,
    credentials: { username: "admin", password: server.password },
  });
  const items = [...files].map(([name, path]) => ({ remote: `/${name}`, path }));
  await uploadMany(client, items, { parallel: 2 }, ignored);
  const back = items.map(({ remote, path }) => ({
    remote,
    path: `${path}.back`,
    size: Deno.statSync(path).size,
  }));
  await downloadMany(client, back, { parallel: 2 }, ignored);
  await client.close();
}

async function throughFtp(server: TestServer, name: string, content: Uint8Array): Promise<void> {
  const target = { port: server.info.ftp!.port, caText: server.caText };
  using ftp = await FtpClient.login(target, "admin", server.password);
  const stored = await ftp.store(`STOR ${name}`, content);
  assert(stored.text.includes(sha256(content)), stored.text);
}

async function throughPut(server: TestServer, name: string, content: Uint8Array): Promise<void> {
  const web = new WebClient(server.info.web!.port, server.caText);
  const authorization = basic("admin", server.password);
  const body = content as Uint8Array<ArrayBuffer>;
  const reply = await web.fetch(`/api/v1/files/${name}`, {
    method: "PUT",
    headers: { authorization },
    body,
  });
  await reply.body?.cancel();
  assertEquals(reply.status, 201);
  web.close();
}

Deno.test("what all doors acknowledge at once is on disk, byte by byte", async () => {
  await using server = await startServer({ slowWrites: true, web: true, ftp: true });
  const files = new Map<string, string>();
  for (let at = 0; at < 48; at++) {
    const path = `${server.data}/../local-${at}`;
    Deno.writeFileSync(path, randomBytes(at === 0 ? 6 * MIB : (64 + 9 * at) * KIB + at));
    files.set(`native-${at}`, path);
  }
  const [ftp, put] = [randomBytes(5 * MIB + 1), randomBytes(5 * MIB + 2)];
  await Promise.all([
    throughClient(server, files),
    throughFtp(server, "ftp", ftp),
    throughPut(server, "put", put),
  ]);
  const stored = (name: string) =>
    sha256(Deno.readFileSync(`${server.data}/users/a/admin/files/${name}`));
  for (const [name, path] of files) {
    const expected = sha256(Deno.readFileSync(path));
    assertStrictEquals(stored(name), expected, name);
    assertEquals(sha256(Deno.readFileSync(`${path}.back`)), expected, `${name} back`);
  }
  assertEquals([stored("ftp"), stored("put")], [sha256(ftp), sha256(put)]);
  assertEquals(await server.stop(), 0, server.stderr);
  assert(!server.stderr.includes(BUFFER_CHANGED), server.stderr);
});
