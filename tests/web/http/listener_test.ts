// The listener: who is admitted, new certificates, stops, and how much it takes ahead.

import { delay } from "@std/async";
import { assert, assertEquals, assertMatch, assertNotMatch, assertRejects } from "@std/assert";
import { X509Certificate } from "node:crypto";
import { connect } from "node:tls";
import type { Admission } from "../../../server/admission/door_limits.ts";
import { makeAuthority, makeLeaf } from "../../../server/certificates/make_certificates.ts";
import { MIB, until } from "../../support/native.ts";
import { atRate } from "../../support/in_process.ts";
import { holdsWeb, type WebBench } from "../../support/web.ts";
import { ALICE, HOST, LAST, RawWeb } from "../../support/web_raw.ts";
import { uploadsIn } from "../../support/vault.ts";

/** Names in the certificate that a new connection is shown. */
function shownNames({ web }: WebBench): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port: web.port, rejectUnauthorized: false });
    socket.once("error", reject);
    socket.once("secureConnect", () => {
      const { raw } = socket.getPeerCertificate(true);
      socket.destroy();
      resolve(new X509Certificate(raw).subjectAltName ?? "");
    });
  });
}

const putHead = (bytes: number) =>
  `PUT /api/v1/files/a HTTP/1.1\r\n${HOST}${ALICE}Content-Length: ${bytes}\r\n\r\n`;

holdsWeb(
  "a new certificate is for new connections; none that is open is dropped",
  async (bench) => {
    using open = await RawWeb.open(bench);
    await open.send(putHead(10) + "first");
    const leaf = await makeLeaf(await makeAuthority(), ["renewed.example"]);
    await bench.web.reload(leaf.cert, leaf.key);
    assertMatch(await shownNames(bench), /renewed\.example/);
    await open.send("after");
    assertMatch(await open.read(/\r\n\r\n/), /^HTTP\/1\.1 201 /);
  },
);

holdsWeb("a stop ends idle connections at once, and lets a request finish", async (bench) => {
  using idle = await RawWeb.open(bench);
  using busy = await RawWeb.open(bench);
  await busy.send(putHead(10) + "first");
  await until(
    "the upload has begun",
    async () => (await uploadsIn(bench.server.engine, "alice")).length === 1,
  );
  const closed = bench.web.close(20_000);
  assertEquals(await idle.read(), "");
  await assertRejects(() => RawWeb.open(bench)); // no connection is accepted any more
  await busy.send("after");
  const answer = await busy.read();
  assertMatch(answer, /^HTTP\/1\.1 201 /);
  assertMatch(answer, /\r\nconnection: close\r\n/i);
  await closed;
});

holdsWeb("a stop keeps the upload of a request that does not finish", async (bench) => {
  using busy = await RawWeb.open(bench);
  await busy.send(putHead(10) + "first");
  await until(
    "the upload has begun",
    async () => (await uploadsIn(bench.server.engine, "alice")).length === 1,
  );
  await bench.web.close(50);
  const [kept] = await uploadsIn(bench.server.engine, "alice");
  assertEquals(kept?.offsetBytes, 5);
});

let held = 0;
const onePlace = (address: string): Admission => {
  if (address !== "127.0.0.1") return { admitted: false, reason: "address" };
  if (held >= 2) return { admitted: false, reason: "full" };
  held++;
  return { admitted: true, release: () => held--, setIdentified() {}, setAddress: () => undefined };
};

holdsWeb("where there is no place a connection is refused, and places come back", async (bench) => {
  bench.alice.close();
  await until("the browser's place is free", () => held === 0);
  const connections = [await RawWeb.open(bench), await RawWeb.open(bench)];
  using late = await RawWeb.open(bench);
  const refused = await late.read();
  assertMatch(refused, /^HTTP\/1\.1 503 /);
  assertMatch(refused, /retry-after: 1/);
  for (const connection of connections) connection[Symbol.dispose]();
  await until("places are free", () => held === 0);
  using next = await RawWeb.open(bench);
  await next.send(LAST);
  assertMatch(await next.read(), /^HTTP\/1\.1 200 /);
}, { limits: { admit: onePlace } });

holdsWeb("an upload that is not taken yet is not read into memory", async (bench) => {
  using raw = await RawWeb.open(bench);
  await raw.send(putHead(256 * MIB));
  let sent = 0;
  const piece = "x".repeat(MIB);
  const sending = (async () => {
    for (; sent < 256; sent++) await raw.send(piece);
  })().catch(() => {}); // the connection is ended below
  // Neither all of it goes, nor does the rest go on and on while the account is held to its rate.
  let [before, still] = [-1, 0];
  await until("the sender has to wait", async () => {
    await delay(50);
    still = sent === before && sent > 0 ? still + 1 : 0;
    before = sent;
    return still === 10;
  });
  assert(sent < 32, `${sent} MiB`);
  raw[Symbol.dispose]();
  await sending;
}, { limits: { rate: atRate(100_000) } });

holdsWeb(
  "an answer that is there at once leaves with its length, others in chunks",
  async (bench) => {
    using raw = await RawWeb.open(bench);
    await raw.send(`GET /api/v1/account HTTP/1.1\r\n${HOST}${ALICE}\r\n`);
    const short = await raw.read(/\}$/);
    assertMatch(short, /\r\ncontent-length: \d+\r\n/);
    assertNotMatch(short, /transfer-encoding/);
    const first = await bench.alice.fetch("/api/v1/files/a", {
      method: "PUT",
      body: "x".repeat(MIB),
    });
    await first.body?.cancel();
    const zip = await bench.alice.fetch("/zip/");
    assertEquals(zip.headers.get("content-length"), null);
    assert((await zip.arrayBuffer()).byteLength > MIB);
  },
);
