/** Time limits, retries and checks of the S3 content store, against servers that fail in every way. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { makeAuthority, makeLeaf } from "../../../server/certificates/make_certificates.ts";
import { parseS3Address } from "../../../storage/cluster/content/s3/address.ts";
import {
  CredentialFile,
  fixedCredentials,
} from "../../../storage/cluster/content/s3/credentials.ts";
import { S3ContentStore } from "../../../storage/cluster/content/s3/s3_content_store.ts";
import { RETRIES } from "../../../storage/cluster/content/s3/retry.ts";
import { StoreError } from "../../../storage/contract/error.ts";
import { bytesOf, sample } from "../suites/content_store_contract.ts";
import { type Deed, failure, IMPATIENT, range, type Received, reply, standIn } from "./stand_in.ts";

const TEXT = new TextEncoder().encode("0123456789");
const MISSING = reply(404);

/** The reply to a HEAD of what a PUT sent. */
function headOf({ headers, body }: Received): string {
  return reply(200, "", {
    "content-length": String(body.length),
    "x-amz-meta-sha256": headers.get("x-amz-meta-sha256")!,
  });
}

async function refused(work: Promise<unknown>): Promise<{ kind: string; reason: string }> {
  const error = await assertRejects(() => work, StoreError);
  return { kind: error.kind, reason: error.reason() };
}

/** Reads all of an object's stream. */
async function readAll(reading: Promise<ReadableStream<Uint8Array> | undefined>) {
  return new TextDecoder().decode(await bytesOf(await reading));
}

Deno.test("a put is repeated after 503 SlowDown, 500 and a connection that broke", async () => {
  const deeds: Deed[] = ["reset", MISSING, failure(503, "SlowDown"), MISSING];
  await using server = standIn([...deeds, reply(200)]);
  await server.store.put("a", [TEXT], { ifAbsent: true });
  const [first, , , , last] = server.received;
  assertEquals(server.received.map(({ method }) => method), ["PUT", "HEAD", "PUT", "HEAD", "PUT"]);
  assertEquals(last?.body, TEXT);
  assertEquals(first?.headers.get("if-none-match"), "*");
  assertEquals(first?.target, "/bucket/p/a");
});

Deno.test("a put whose reply was lost is not sent again where its object is there", async () => {
  const deeds = [{ cut: "" }, () => headOf(server.received[0]!)];
  await using server = standIn(deeds);
  await server.store.put("a", [TEXT], { ifAbsent: true });
  assertEquals(server.received.map(({ method }) => method), ["PUT", "HEAD"]);
});

Deno.test("412 after a lost reply is success where the object has this content", async () => {
  const taken = failure(412, "PreconditionFailed");
  const deeds = [{ cut: "" }, MISSING, taken, () => headOf(server.received[0]!)];
  await using server = standIn(deeds);
  await server.store.put("a", [TEXT], { ifAbsent: true });
  assertEquals(server.received.length, 4);
});

Deno.test("412 is an error where the object has other content of the same size", async () => {
  const other = reply(200, "", { "content-length": "10", "x-amz-meta-sha256": "00" });
  await using server = standIn([failure(412, "PreconditionFailed"), other]);
  const { kind, reason } = await refused(server.store.put("a", [TEXT], { ifAbsent: true }));
  assertEquals(kind, "io");
  assertMatch(reason, /another object has this name/);
});

for (const [what, deeds] of Object.entries<Deed[]>({ "a put": [MISSING], "a reading": [] })) {
  Deno.test(`${what} that gets no reply ends at its time limit, and is tried again`, async () => {
    await using server = standIn(["silence", ...deeds, "silence"], IMPATIENT);
    const work = what === "a put" ? server.store.put("a", [TEXT]) : server.store.get("a");
    const { kind, reason } = await refused(work);
    assertEquals(kind, "unreachable");
    assertMatch(reason, /for 0\.\d s: check that the store runs/);
    assert(server.received.length >= 2);
  });
}

Deno.test("requests that are refused at once are repeated for as long as those that wait", async () => {
  await using server = standIn([...Array(11).fill(failure(503, "SlowDown")), reply(200)], {
    retries: { ...RETRIES, pauseMs: 1 },
  });
  await server.store.list("l/").catch(() => {}); // an empty reply is no listing
  assertEquals(server.received.length, 12);
});

Deno.test("a store that is not there is unreachable, and one that is closed says so", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const store = storeAt(port, 2);
  const { kind, reason } = await refused(store.put("a", [TEXT]));
  assertEquals(kind, "unreachable");
  assertMatch(reason, /ECONNREFUSED.*check that the store runs/);
  assertEquals((await refused(store.get("a"))).kind, "unreachable");
  await store.close();
  assertEquals((await refused(store.head("a"))).kind, "shutting-down");
});

Deno.test("a server that accepts no bytes of a put is given up after a while of silence", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const store = storeAt(listener.addr.port, 1);
  const { kind, reason } = await refused(store.put("a", [sample(16 * 1024 * 1024)]));
  assertEquals(kind, "unreachable");
  assertMatch(reason, /no byte was accepted for 0\.3 s/);
  await store.close();
  listener.close();
});

/** A store whose server is at a port, with short time limits. */
function storeAt(port: number, tries: number): S3ContentStore {
  return new S3ContentStore({
    address: parseS3Address("s3://bucket", { endpoint: `http://127.0.0.1:${port}` }),
    credentials: fixedCredentials({ accessKeyId: "key", secretAccessKey: "secret" }),
    limits: IMPATIENT.limits,
    retries: { tries, limitMs: 60_000, pauseMs: 1 },
  });
}

Deno.test("a reading that breaks off continues behind the bytes that came", async () => {
  const cut = range("0123456789").slice(0, -6);
  const rest = reply(206, "456789", { "content-range": "bytes 4-9/10" });
  await using server = standIn([{ cut }, failure(500, "InternalError"), rest]);
  assertEquals(await readAll(server.store.get("a", { length: 10 })), "0123456789");
  assertEquals(server.received.map(({ headers }) => headers.get("range")), [
    "bytes=0-9",
    "bytes=4-9",
    "bytes=4-9",
  ]);
});

Deno.test("a reading that stops is continued after a while of silence", async () => {
  const rest = reply(206, "789", { "content-range": "bytes 7-9/10" });
  const stopped = range("0123456789").slice(0, -3);
  await using server = standIn([stopped, rest], { ...IMPATIENT, tries: 3 });
  assertEquals(await readAll(server.store.get("a", { length: 10 })), "0123456789");
});

Deno.test("a reading whose object was replaced meanwhile fails, and does not mix both", async () => {
  const head = { etag: '"one"', "content-range": "bytes 0-9/10" };
  const cut = reply(206, "0123456789", head).slice(0, -6);
  await using server = standIn([{ cut }, failure(412, "PreconditionFailed")]);
  assertEquals((await refused(readAll(server.store.get("a", { length: 10 })))).kind, "io");
  assertEquals(server.received[1]?.headers.get("if-match"), '"one"');
});

for (
  const [lie, answer] of Object.entries({
    "another range": reply(206, "12345", { "content-range": "bytes 1-5/10" }),
    "a shorter range": reply(206, "0123", { "content-range": "bytes 0-3/10" }),
    "no range": reply(206, "0123456789"),
    "the whole object": reply(200, "0123456789"),
  })
) {
  Deno.test(`a reply with ${lie} is refused, and not tried again`, async () => {
    await using server = standIn([answer]);
    const { kind } = await refused(server.store.get("a", { length: 5 }));
    assertEquals([kind, server.received.length], ["io", 1]);
  });
}

Deno.test("a redirect is not followed: the reason names where it leads", async () => {
  const moved = reply(307, "", { location: "http://127.0.0.1:1/else" });
  await using server = standIn([moved]);
  for (const begin of [() => server.store.put("a", [TEXT]), () => server.store.get("a")]) {
    const { kind, reason } = await refused(begin());
    assertEquals(kind, "io");
    assertMatch(reason, /redirects to http:\/\/127\.0\.0\.1:1\/else: check the endpoint/);
  }
  assertEquals(server.received.length, 2);
});

Deno.test("a listing that is too large or none is refused", async () => {
  const huge = reply(200, "x", { "content-length": String(64 * 1024 * 1024) }) +
    "x".repeat(9 * 1024 * 1024);
  for (const answer of [{ cut: huge }, reply(200, "<html>hello</html>"), reply(200, "")]) {
    await using server = standIn([answer]);
    assertEquals((await refused(server.store.list("l/"))).kind, "io");
    assertEquals(server.received.length, 1);
  }
});

Deno.test("a listing's keys, sizes and entities are read", async () => {
  const row = (key: string) =>
    `<Contents><Key>${key}</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified>` +
    `<ETag>&quot;x&quot;</ETag><Size>12</Size></Contents>`;
  const page = `<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/">` +
    `<IsTruncated>true</IsTruncated>${row("p/l/a%2Bb%20c")}${
      row("p/l/d&amp;e")
    }</ListBucketResult>`;
  await using server = standIn([reply(200, page)]);
  assertEquals(await server.store.list("l/"), {
    objects: ["l/a+b c", "l/d&e"].map((key) => ({
      key,
      size: 12,
      changedMs: Date.parse("2026-01-02T03:04:05Z"),
    })),
    next: "l/d&e",
  });
});

Deno.test("objects that were not deleted are an error", async () => {
  const error = "<Error><Key>p/a</Key><Code>AccessDenied</Code></Error>";
  await using server = standIn([reply(200, `<DeleteResult>${error}</DeleteResult>`)]);
  const { kind, reason } = await refused(server.store.delete(["a"]));
  assertEquals(kind, "io");
  assertMatch(reason, /AccessDenied.*grant these credentials/);
});

Deno.test("a full store is no-space", async () => {
  for (const answer of [failure(507, ""), failure(403, "QuotaExceeded")]) {
    await using server = standIn([answer]);
    assertEquals((await refused(server.store.put("a", [TEXT]))).kind, "no-space");
  }
});

Deno.test("a pause that the server asks for is kept, and ends when the store is closed", async () => {
  await using server = standIn([failure(503, "SlowDown", { "retry-after": "10000" })]);
  const waiting = refused(server.store.head("a"));
  while (server.received.length === 0) await new Promise((done) => setTimeout(done, 5));
  await server.store.close();
  assertEquals((await waiting).kind, "shutting-down");
});

Deno.test("a caller's signal ends a put and a reading", async () => {
  await using server = standIn(["silence"]);
  for (
    const begin of [
      (signal: AbortSignal) => server.store.put("a", [TEXT], { signal }),
      (signal: AbortSignal) => server.store.get("a", { signal }),
    ]
  ) {
    const before = server.received.length;
    const ended = new AbortController();
    const work = assertRejects(() => begin(ended.signal), Error, "over");
    while (server.received.length === before) await new Promise((done) => setTimeout(done, 5));
    ended.abort(new Error("over"));
    await work;
  }
});

Deno.test("credentials are read again when their file has changed, at once after a refusal", async () => {
  const directory = await Deno.makeTempDir();
  const path = `${directory}/credentials`;
  const write = (key: string) =>
    Deno.writeTextFile(
      path,
      `[default]\naws_access_key_id = ${key}\naws_secret_access_key = s${key}\n`,
    );
  await write("first");
  const signedBy = ({ headers }: Received) =>
    /Credential=([a-z]+)\//.exec(headers.get("authorization")!)?.[1];
  const judge = (received: Received) =>
    signedBy(received) === "other" ? reply(200) : failure(403, "InvalidAccessKeyId");
  await using server = standIn([judge], { credentials: new CredentialFile(path) });
  assertMatch((await refused(server.store.put("a", [TEXT]))).reason, /check the access key/);
  await write("other");
  await server.store.put("a", [TEXT]);
  assertEquals(server.received.map(signedBy), ["first", "first", "other"]);
  await Deno.remove(directory, { recursive: true });
});

Deno.test("a file of credentials that is missing or has no keys is named in the reason", async () => {
  const directory = await Deno.makeTempDir();
  const path = `${directory}/credentials`;
  await using server = standIn([reply(200)], { credentials: new CredentialFile(path) });
  assertMatch((await refused(server.store.head("a"))).reason, /credentials .* does not exist/);
  await Deno.writeTextFile(path, "[other]\naws_access_key_id = x\n");
  assertMatch((await refused(server.store.head("a"))).reason, /section \[default\] has no/);
  await Deno.remove(directory, { recursive: true });
});

Deno.test("over TLS, the store's authority is checked for every request", async () => {
  const authority = await makeAuthority();
  const tls = await makeLeaf(authority, ["127.0.0.1"]);
  const answer = ({ method }: Received) => method === "GET" ? range("0123456789") : reply(200);
  await using trusted = standIn([answer], { tls, ca: authority.cert });
  await trusted.store.put("a", [TEXT]);
  assertEquals(await readAll(trusted.store.get("a", { length: 10 })), "0123456789");
  await using other = standIn([answer], { tls, ca: (await makeAuthority()).cert });
  for (const begin of [() => other.store.put("a", [TEXT]), () => other.store.get("a")]) {
    const { kind, reason } = await refused(begin());
    assertEquals(kind, "io");
    assertMatch(reason, /name the CA that signs the store's certificate/);
  }
  assertEquals(other.received.length, 0);
});

/** What a worker that may reach the store, and nothing else, gets of it. */
async function inNarrowWorker(endpoint: string): Promise<string> {
  const worker = new Worker(new URL("./store_worker.ts", import.meta.url), {
    type: "module",
    deno: {
      permissions: {
        net: [new URL(endpoint).host],
        ...{ read: false, write: false, env: false, sys: false, run: false, ffi: false },
      },
    },
  });
  const answered = new Promise<string>((resolve) => worker.onmessage = ({ data }) => resolve(data));
  worker.postMessage(endpoint);
  try {
    return await answered;
  } finally {
    worker.terminate();
  }
}

Deno.test("a worker needs the network to the store, and nothing else", async () => {
  const answer = ({ method }: Received) => method === "GET" ? range("0123456789") : reply(200);
  await using server = standIn([answer]);
  assertEquals(await inNarrowWorker(server.endpoint), "0123456789");
  // By TLS without a given authority: it is compared with those that the machine trusts.
  const tls = await makeLeaf(await makeAuthority(), ["127.0.0.1"]);
  await using secure = standIn([answer], { tls });
  assertMatch(await inNarrowWorker(secure.endpoint), /unable to verify the first certificate/);
});
