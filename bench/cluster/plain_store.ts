// A program that moves a file to a store and back by plain signed requests, one after the other, each of
// one piece: the limit that uploads and downloads are measured by.
// Arguments: put or get, URL of the bucket, file, bytes. The keys are in the environment.

import { AwsV4Signer } from "aws4fetch";
import { createHash } from "node:crypto";
import { Agent, request } from "node:http";

/** As many bytes as an object of an upload has. */
const PIECE_BYTES = 16 * 1024 * 1024;

const [direction, bucket, path, bytes] = Deno.args as [string, string, string, string];
const keys = {
  accessKeyId: Deno.env.get("ACCESS_KEY")!,
  secretAccessKey: Deno.env.get("SECRET_KEY")!,
  service: "s3",
  region: "us-east-1",
};
const agent = new Agent({ keepAlive: true });
const buffer = new Uint8Array(PIECE_BYTES);

const started = performance.now();
using file = await Deno.open(path, {
  read: true,
  ...direction === "get" && { write: true, create: true, truncate: true },
});
for (let start = 0; start < Number(bytes); start += PIECE_BYTES) {
  const length = Math.min(PIECE_BYTES, Number(bytes) - start);
  await (direction === "put" ? put(start, length) : get(start, length));
}
console.log(JSON.stringify({ event: "done", seconds: (performance.now() - started) / 1000 }));
Deno.exit(0);

async function put(start: number, length: number): Promise<void> {
  const body = buffer.subarray(0, length);
  for (let read = 0; read < length;) read += (await file.read(body.subarray(read)))!;
  const hash = createHash("sha256").update(body).digest("hex");
  const { url, headers } = await signed("PUT", start, hash);
  await new Promise<void>((resolve, reject) => {
    const length = String(body.length);
    const all = { ...Object.fromEntries(headers), "content-length": length };
    const outgoing = request(url, { method: "PUT", agent, headers: all }, (reply) => {
      reply.resume().on("end", () => {
        if (reply.statusCode === 200) resolve();
        else reject(new Error(`PUT: ${reply.statusCode}`));
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

async function get(start: number, length: number): Promise<void> {
  const { url, headers } = await signed("GET", start, "UNSIGNED-PAYLOAD");
  const reply = await fetch(url, { headers });
  if (!reply.ok) throw new Error(`GET: ${reply.status}`);
  let received = 0;
  for await (const part of reply.body!) {
    for (let written = 0; written < part.length;) {
      written += await file.write(part.subarray(written));
    }
    received += part.length;
  }
  if (received !== length) throw new Error(`GET: ${received} bytes in place of ${length}`);
}

function signed(method: string, start: number, hash: string) {
  const url = `${bucket}/plain/${start}`;
  const headers = { "x-amz-content-sha256": hash };
  return new AwsV4Signer({ ...keys, method, url, headers }).sign();
}
