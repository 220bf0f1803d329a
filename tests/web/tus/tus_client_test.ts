// The client that most pages and programs use for tus: tus-js-client, with a token.

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { Buffer } from "node:buffer";
import { Agent } from "node:https";
import * as tus from "tus-js-client";
import { MIB, randomBytes, until } from "../../support/native.ts";
import { sha256 } from "../../support/raw_client.ts";
import { holdsWeb, holdsWebOnDisk, type WebBench } from "../../support/web.ts";
import { tokenOf } from "../../support/web_program.ts";
import { uploadsIn } from "../../support/vault.ts";

const content = Buffer.from(randomBytes(3 * MIB));

async function optionsOf(
  { server, web }: WebBench,
  metadata: Record<string, string>,
): Promise<tus.UploadOptions> {
  // A connection for each request: node:https of Deno hangs now and then where it takes one again.
  const agent = new Agent({ keepAlive: false, ca: server.caText });
  return {
    endpoint: `https://localhost:${web.port}/tus/`,
    headers: { authorization: await tokenOf(server) },
    metadata,
    // deno-lint-ignore no-explicit-any
    httpStack: new (tus as any).DefaultHttpStack({ agent }),
    retryDelays: null,
  };
}

/** Uploads to the end. */
function finish(source: Buffer, options: tus.UploadOptions): Promise<tus.Upload> {
  return new Promise((resolve, reject) => {
    const upload = new tus.Upload(source, {
      ...options,
      onError: reject,
      onSuccess: () => resolve(upload),
    });
    upload.start();
  });
}

async function assertStored({ server }: WebBench, path: string): Promise<void> {
  const stored = await Deno.readFile(`${server.data}/users/a/alice/files${path}`);
  assertEquals(sha256(stored), sha256(content));
}

holdsWebOnDisk("tus-js-client uploads whole, in chunks, and with the creation", async (bench) => {
  await finish(content, await optionsOf(bench, { filename: "whole.bin" }));
  await assertStored(bench, "/whole.bin");
  const chunks = await optionsOf(bench, { path: "/d/chunks.bin", sha256: sha256(content) });
  await finish(content, { ...chunks, chunkSize: MIB });
  await assertStored(bench, "/d/chunks.bin");
  const creation = await optionsOf(bench, { path: "/d/creation.bin" });
  await finish(content, { ...creation, uploadDataDuringCreation: true });
  await assertStored(bench, "/d/creation.bin");
});

holdsWebOnDisk(
  "tus-js-client goes on after an interruption, and drops uploads that it gives up",
  async (bench) => {
    const options = await optionsOf(bench, { path: "/a.bin" });
    const { promise: cut, resolve } = Promise.withResolvers<string>();
    const upload: tus.Upload = new tus.Upload(content, {
      ...options,
      chunkSize: MIB,
      onChunkComplete: () => upload.abort().then(() => resolve(upload.url!)),
    });
    upload.start();
    const uploadUrl = await cut;
    await until(
      "a part is there",
      async () => (await uploadsIn(bench.server.engine, "alice")).length === 1,
    );
    await finish(content, { ...options, uploadUrl });
    await assertStored(bench, "/a.bin");
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const unwanted = new tus.Upload(content, {
      ...await optionsOf(bench, { path: "/b.bin" }),
      chunkSize: MIB,
      onChunkComplete: () => begin(),
    });
    unwanted.start();
    await begun;
    await unwanted.abort(true);
    await until(
      "it is gone",
      async () => (await uploadsIn(bench.server.engine, "alice")).length === 0,
    );
  },
);

holdsWeb("tus-js-client gets the reason of a refusal", async (bench) => {
  const wrong = await optionsOf(bench, { path: "/a.bin", sha256: sha256("other") });
  assertMatch(String(await assertRejects(() => finish(content, wrong))), /460/);
  const nobody = { ...wrong, headers: { authorization: "Bearer towpath_x" } };
  assertMatch(String(await assertRejects(() => finish(content, nobody))), /401/);
  assertEquals(await uploadsIn(bench.server.engine, "alice"), []);
});
