/** PROTOCOL section 3: members of requests, ids, the order of replies under pipelining. */
import { assertEquals, assertStrictEquals } from "@std/assert";
import { FrameKind } from "../../protocol/mod.ts";
import { holds, is, login, names } from "../support/native.ts";
import { frame, jsonFrame, type RawClient } from "../support/raw_client.ts";

async function exactly(client: RawClient, json: string) {
  await client.raw(frame(FrameKind.json, new TextEncoder().encode(json)));
  return await client.reply();
}

holds(
  "every reply carries the id back; an invalid id is refused and not echoed",
  async ({ alice }) => {
    for (const id of [0, 1, Number.MAX_SAFE_INTEGER, "", "x", "ä".repeat(64), "😀".repeat(64)]) {
      await alice.send("NOOP", {}, id);
      is(await alice.reply(), "OK", 200, id);
      await alice.send("SIZE", {}, id);
      is(await alice.reply(), "BAD_REQUEST", 501, id);
    }
    is(await exactly(alice, '{"command":"NOOP","id":7.0}'), "OK", 200, 7);
    for (const id of [-1, 1.5, 2 ** 53, true, [], {}, "x".repeat(65)]) {
      await alice.send("NOOP", {}, id);
      names(await alice.reply(), "id");
    }
    is(await exactly(alice, '{"command":"NOOP","id":null}'), "OK", 200);
  },
);

holds("data is an object, {} by default; unknown members are ignored", async ({ alice }) => {
  for (const data of ["null", "{}", '{"x":1,"__proto__":{"path":5},"constructor":{}}']) {
    is(await exactly(alice, `{"command":"LIST","data":${data},"more":[1]}`), "OK");
  }
  is(await exactly(alice, '{"command":"LIST"}'), "OK");
  for (const data of ['"x"', "5", "[]", "true"]) {
    names(await exactly(alice, `{"command":"LIST","data":${data}}`), "data");
  }
});

holds("integers are 0 … 2^53-1: no strings, no fractions; 1.0 is one", async ({ alice }) => {
  const size = (value: string) =>
    exactly(alice, `{"command":"UPLOAD","data":{"filename":"a","file_size":${value}}}`);
  for (
    const bad of ['"5"', "-1", "1.5", "9007199254740992", "9007199254740993", "1e400", "true", "[]"]
  ) {
    names(await size(bad), "file_size");
  }
  for (const good of ["0", "1.0", "1e3", "9007199254740991", "null"]) {
    is(await size(good), "OK", 150);
    is(await alice.ask("ABOR", { discard: true }), "ABORTED");
    is(await alice.reply(), "OK", 226);
  }
});

holds("a known member of the wrong type or out of range is named", async ({ alice }) => {
  const hash = "a".repeat(64);
  for (
    const [command, data, member] of [
      ["UPLOAD", {}, "filename"],
      ["UPLOAD", { filename: null }, "filename"],
      ["UPLOAD", { filename: 5 }, "filename"],
      ["UPLOAD", { filename: "a", file_hash: "abc" }, "file_hash"],
      ["UPLOAD", { filename: "a", file_hash: hash + "0" }, "file_hash"],
      ["UPLOAD", { filename: "a", file_hash: "g".repeat(64) }, "file_hash"],
      ["UPLOAD", { filename: "a", mtime: "now" }, "mtime"],
      ["UPLOAD", { filename: "a", mtime: 2 ** 53 }, "mtime"],
      ["UPLOAD", { filename: "a", if_exists: "replace" }, "if_exists"],
      ["UPLOAD", { filename: "a", make_dirs: 1 }, "make_dirs"],
      ["UPLOAD", { filename: "a", overwrite: "true" }, "overwrite"],
      ["STOR", { filename: "a", pipelined: "true" }, "pipelined"],
      ["DOWNLOAD", { filename: "a", offset: "5" }, "offset"],
      ["DOWNLOAD", { filename: "a", length: -1 }, "length"],
      ["DOWNLOAD", { filename: "a", if_hash: 1 }, "if_hash"],
      ["VIEW", { filename: "a", bytes: 65_537 }, "bytes"],
      ["LIST", { limit: 0 }, "limit"],
      ["LIST", { limit: 10_001 }, "limit"],
      ["LIST", { recursive: "yes" }, "recursive"],
      ["LIST", { path: 5 }, "path"],
      ["REST", {}, "offset"],
      ["MFMT", { filename: "a" }, "mtime"],
      ["MFMT", { filename: "a", mtime: 2 ** 53 }, "mtime"],
      ["RENAME", { from: "a" }, "to"],
      ["COPY", { from: "a", to: "b", if_exists: "never" }, "if_exists"],
      ["ABOR", { discard: "yes" }, "discard"],
      ["RESUME", {}, "temp_id"],
      ["RESUME", { temp_id: 5 }, "temp_id"],
      ["AUTH", { username: 5, password: "x" }, "username"],
    ] as const
  ) {
    names(await alice.ask(command, data), member);
  }
});

holds("hashes are taken in upper case too", async ({ alice }) => {
  const { hash } = is(await alice.upload("a", "content"), "OK", 226);
  const data = { filename: "a", if_hash: String(hash).toUpperCase() };
  assertEquals((await alice.download("a", data)).final.code, 226);
});

holds("final replies come in the order of the requests, one for each", async ({ alice }) => {
  await alice.upload("a", "content of a");
  const requests: [string, Record<string, unknown>, string, number][] = [
    ["VERIFY", {}, "OK", 200],
    ["NOSUCH", {}, "UNKNOWN_COMMAND", 500],
    ["SIZE", { filename: "a" }, "OK", 213],
    ["SIZE", {}, "BAD_REQUEST", 501],
    ["LIST", {}, "OK", 200],
    ["SIZE", { filename: "none" }, "FILE_NOT_FOUND", 550],
    ["NOOP", {}, "OK", 200],
  ];
  const frames: number[] = [];
  for (let round = 0; round < 20; round++) {
    requests.forEach(([command, data], index) => {
      frames.push(...jsonFrame({ command, data, id: `${round}.${index}` }));
    });
  }
  await alice.raw(new Uint8Array(frames));
  for (let round = 0; round < 20; round++) {
    for (const [index, [, , status, code]] of requests.entries()) {
      is(await alice.reply(), status as "OK", code, `${round}.${index}`);
    }
  }
});

holds("a client may be far more than 256 requests ahead", async ({ alice }) => {
  const COUNT = 3000;
  const replies = (async () => {
    for (let id = 0; id < COUNT; id++) is(await alice.reply(), "OK", undefined, id);
  })();
  const frames: number[] = [];
  for (let id = 0; id < COUNT; id++) {
    frames.push(...jsonFrame({ command: id % 3 ? "NOOP" : "LIST", id }));
  }
  await alice.raw(new Uint8Array(frames));
  await replies;
});

holds("a client that does not read replies stops only its own requests", async (bench) => {
  const { server, alice } = bench;
  const content = new Uint8Array(64 * 1024).fill(0xff); // 87 KiB as base64
  is(await alice.upload("big.bin", content), "OK", 226);
  using mute = await login(server);
  const views = 250; // 21 MiB: more than the sockets' buffers hold
  const request = jsonFrame({ command: "VIEW", data: { filename: "big.bin", bytes: 65_536 } });
  for (let sent = 0; sent < views; sent++) await mute.raw(request);
  await mute.send("MKD", { path: "last" });
  for (let asked = 0; asked < 50; asked++) {
    is(await alice.ask("STAT", { filename: "last" }), "FILE_NOT_FOUND");
  }
  for (let read = 0; read < views; read++) is(await mute.reply(), "OK");
  is(await mute.reply(), "OK", 257);
  is(await alice.ask("STAT", { filename: "last" }), "OK", 213);
});

holds("requests of 1 MiB each are read as they are carried out", async ({ server, alice }) => {
  using mute = await login(server);
  const filler = "x".repeat(1_000_000);
  const request = jsonFrame({ command: "SYST", data: { filler } });
  // The writes are not awaited: bytes that the server does not read stay with the sender.
  const sending = (async () => {
    for (let sent = 0; sent < 40; sent++) await mute.raw(request);
  })();
  for (let read = 0; read < 40; read++) is(await mute.reply(), "OK", 215);
  await sending;
  is(await alice.ask("NOOP"), "OK");
});

holds("requests without a waiter are not carried out", async ({ server, alice }) => {
  is(await alice.upload("big.bin", new Uint8Array(64 * 1024).fill(0xff)), "OK", 226);
  const mute = await login(server);
  const request = jsonFrame({ command: "VIEW", data: { filename: "big.bin", bytes: 65_536 } });
  for (let sent = 0; sent < 250; sent++) await mute.raw(request);
  await mute.send("MKD", { path: "last" });
  is(await alice.ask("STAT", { filename: "last" }), "FILE_NOT_FOUND");
  mute.close(); // with replies unread: a reset
  const { session_id } = is(await alice.ask("STAT"), "OK", 211);
  for (let asked = 0; asked < 100; asked++) {
    assertStrictEquals(is(await alice.ask("STAT"), "OK", 211).session_id, session_id);
  }
  is(await alice.ask("STAT", { filename: "last" }), "FILE_NOT_FOUND");
});
