// Holds what an upload of the page does when requests are lost, refused, or answered too late.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { assertErrorLike } from "../../support/errors.ts";
import { UploadFailure } from "../../../web/upload/failure.ts";
import type { HashFile } from "../../../web/upload/hashing.ts";
import { type Resumed, SMALL_BYTES, Transfer } from "../../../web/upload/transfer.ts";
import { type NewUpload, Tus } from "../../../web/upload/tus.ts";
import { type Break, FakeTus, sha256 } from "./fake_tus.ts";

const LARGE = SMALL_BYTES * 10; // two pieces
const never = new AbortController().signal;

/** Content in which no two stretches of 64 KiB are the same. */
function content(size: number, seed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  const block = Uint8Array.from({ length: 65_536 }, (_, index) => (index * 31 + seed * 7) & 255);
  const numbers = new DataView(bytes.buffer);
  for (let at = 0; at < size; at += block.length) {
    bytes.set(block.subarray(0, size - at), at);
    if (at + 4 <= size) numbers.setUint32(at, at + seed);
  }
  return bytes;
}
const large = content(LARGE);
const small = content(1000);

const hash: HashFile = (file, proveAt = 0) => {
  const whole = file.arrayBuffer().then((bytes) => sha256(new Uint8Array(bytes)));
  const prefix = file.slice(0, proveAt).arrayBuffer().then((bytes) =>
    sha256(new Uint8Array(bytes))
  );
  return { prefix, whole, stop() {} };
};

/** Breaks the n-th request of a method, counted from 1. */
function breaking(
  method: string,
  number: number,
  how: "lose-request" | "lose-reply" | number,
): Break {
  let seen = 0;
  return (request) => request.method === method && ++seen === number ? how : undefined;
}

interface Asked {
  server?: FakeTus;
  bytes?: Uint8Array<ArrayBuffer>;
  breaks?: Break;
  resumed?: Resumed;
  ifExists?: NewUpload["ifExists"];
}

function prepare({ server = new FakeTus(), bytes = large, breaks, resumed, ifExists }: Asked = {}) {
  if (breaks) server.breaks = breaks;
  const pauses: number[] = [];
  const waited = (ms: number) => {
    pauses.push(ms);
    return Promise.resolve();
  };
  const upload = {
    path: "/docs/a b.bin",
    sizeBytes: bytes.length,
    ifExists: ifExists ?? "version",
    modifiedMs: 1,
  };
  const tus = new Tus(server.send, "/tus/", () => ({ "X-CSRF-Token": "t" }));
  const transfer = new Transfer({ tus, hash, wait: waited }, upload, new Blob([bytes]), resumed);
  return { server, transfer, pauses };
}

function assertStored(server: FakeTus, bytes: Uint8Array): void {
  const stored = server.files.get("/docs/a b.bin");
  assertEquals(stored && sha256(stored), sha256(bytes));
}

const methods = (server: FakeTus) => server.requests.map(({ method }) => method).join(" ");

Deno.test("a small file goes in one request, with its checksum", async () => {
  const { server, transfer } = prepare({ bytes: small });
  const stored = await transfer.run(never);
  assertEquals(methods(server), "POST");
  assertEquals(stored, { path: "/docs/a b.bin", hash: sha256(small) });
  assertEquals(server.requests[0]!.headers["X-CSRF-Token"], "t");
  assertEquals(transfer.sent, small.length);
});

Deno.test("an empty file is a file", async () => {
  const { server, transfer } = prepare({ bytes: new Uint8Array() });
  await transfer.run(never);
  assertEquals(server.files.get("/docs/a b.bin")?.length, 0);
});

Deno.test("a large file goes in pieces, its checksum with the last one", async () => {
  const { server, transfer } = prepare();
  await transfer.run(never);
  assertEquals(methods(server), "POST PATCH PATCH");
  const reported = server.requests.map(({ headers }) => headers["Upload-Metadata"] ?? "");
  assert(!reported[1]!.includes("sha256") && reported[2]!.includes("sha256"));
  assertStored(server, large);
});

Deno.test("after a lost connection the offset is read from the server, and only the rest is sent", async () => {
  const { server, transfer, pauses } = prepare({ breaks: breaking("PATCH", 2, "lose-request") });
  await transfer.run(never);
  assertEquals(methods(server), "POST PATCH PATCH HEAD PATCH");
  const last = server.requests.at(-1)!;
  assert(Number(last.headers["Upload-Offset"]) > 0 && last.body!.size < LARGE / 4);
  assertStored(server, large);
  assertEquals(pauses.length, 1);
});

Deno.test("pauses grow up to 30 s while nothing gets through", async () => {
  let lost = 0;
  const { transfer, pauses, server } = prepare({
    breaks: ({ method }) => method === "HEAD" || ++lost > 5 ? undefined : 503,
  });
  await transfer.run(never);
  assertEquals(pauses.length, 5);
  for (const [index, pause] of pauses.entries()) {
    const middle = Math.min(30_000, 1000 * 2 ** index);
    assert(pause >= middle * 0.8 && pause <= middle * 1.2, `pause ${index}: ${pause} ms`);
  }
  assertStored(server, large);
});

for (const remembers of [false, true]) {
  const how = remembers ? "is notified" : "asks for the same content again, and stores it once";
  Deno.test(`who does not hear that an upload has ended ${how}`, async () => {
    const { server, transfer } = prepare({ breaks: breaking("PATCH", 2, "lose-reply") });
    server.remembers = remembers;
    const stored = await transfer.run(never);
    assertEquals(stored.path, "/docs/a b.bin");
    assertEquals([...server.files.keys()], ["/docs/a b.bin"]);
    assertEquals(methods(server), `POST PATCH PATCH HEAD${remembers ? "" : " POST"}`);
  });
}

Deno.test("a small file whose answer is lost is stored once", async () => {
  const { server, transfer } = prepare({ bytes: small, breaks: breaking("POST", 1, "lose-reply") });
  await transfer.run(never);
  assertEquals([...server.files.keys()], ["/docs/a b.bin"]);
});

Deno.test("an upload that the server has dropped begins again", async () => {
  const { server, transfer } = prepare();
  const addresses: (string | undefined)[] = [];
  transfer.onAddress = (url) => addresses.push(url);
  server.breaks = ({ method }) => {
    if (method === "PATCH" && addresses.length === 1) server.held.clear();
    return undefined;
  };
  await transfer.run(never);
  assertEquals(addresses, ["/tus/1", undefined, "/tus/2"]);
  assertStored(server, large);
});

Deno.test("a server that knows no upload ever is given up, not asked forever", async () => {
  const { transfer } = prepare({ breaks: ({ method }) => method === "POST" ? undefined : 404 });
  assertErrorLike(await assertRejects(() => transfer.run(never)), {
    name: "UploadFailure",
    kind: "gone",
  });
});

/** A server that holds the first bytes of the large file. */
async function halfway(): Promise<{ server: FakeTus; url: string }> {
  const { server, transfer } = prepare({ breaks: breaking("PATCH", 2, 403) });
  assertErrorLike(await assertRejects(() => transfer.run(never)), { message: "It is 403" });
  server.breaks = () => undefined;
  server.requests.length = 0;
  return { server, url: "/tus/1" };
}

Deno.test("an upload begun elsewhere goes on with the same file", async () => {
  const { server, url } = await halfway();
  const { transfer } = prepare({ server, resumed: { url, ifOther: "fail" } });
  await transfer.run(never);
  assertEquals(methods(server), "HEAD HEAD PATCH");
  assertStored(server, large);
});

Deno.test("another file of the same size is not joined to it", async () => {
  const { server, url } = await halfway();
  const bytes = content(LARGE, 2);
  const { transfer } = prepare({ server, bytes, resumed: { url, ifOther: "fail" } });
  assertErrorLike(await assertRejects(() => transfer.run(never)), { kind: "other-file" });
  assertEquals(methods(server), "HEAD");
  const restarted = prepare({ server, bytes, resumed: { url, ifOther: "restart" } });
  await restarted.transfer.run(never);
  assertStored(server, bytes);
});

Deno.test("a file of another size is not joined to it", async () => {
  const { server, url } = await halfway();
  const { transfer } = prepare({ server, bytes: small, resumed: { url, ifOther: "fail" } });
  assertErrorLike(await assertRejects(() => transfer.run(never)), { kind: "other-file" });
});

Deno.test("what changed while it was sent is refused, and said so in the server's words", async () => {
  const { server, transfer } = prepare();
  server.breaks = ({ method }) => {
    for (const held of server.held.values()) if (method === "PATCH") held.content[0]! ^= 1;
    return undefined;
  };
  assertErrorLike(await assertRejects(() => transfer.run(never)), {
    kind: "mismatch",
    message: "Other content",
  });
  assertEquals(server.files.size, 0);
});

Deno.test("content that is the same already is not sent", async () => {
  const server = new FakeTus();
  await prepare({ server }).transfer.run(never);
  server.requests.length = 0;
  await prepare({ server, ifExists: "skip" }).transfer.run(never);
  assertEquals(methods(server), "POST");
  assertEquals(server.requests[0]!.body, undefined);
});

Deno.test("a signed-out user is notified, and nothing is tried again", async () => {
  const { server, transfer } = prepare({ breaks: breaking("PATCH", 1, 401) });
  assertErrorLike(await assertRejects(() => transfer.run(never)), { kind: "signed-out" });
  assertEquals(methods(server), "POST PATCH");
});

Deno.test("an aborted upload ends with the reason, also in a pause", async () => {
  const stop = new AbortController();
  const { transfer } = prepare({ breaks: () => 503 });
  transfer.onChange = () => {
    if (transfer.activity.name === "retrying") stop.abort(new Error("enough"));
  };
  assertErrorLike(await assertRejects(() => transfer.run(stop.signal)), { message: "enough" });
  assert(!(stop.signal.reason instanceof UploadFailure));
});
