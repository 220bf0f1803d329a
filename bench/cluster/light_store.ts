// A program that keeps objects in memory and answers as an S3-compatible store does, for as little CPU
// as possible: it checks no signature. Prints its port. Arguments: none.

const objects = new Map<string, Uint8Array<ArrayBuffer>>();

const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
  const url = new URL(request.url);
  const key = url.pathname;
  const object = objects.get(key);
  if (request.method === "PUT") {
    const bytes = await request.bytes();
    if (object !== undefined && request.headers.has("if-none-match")) return refusal(412);
    objects.set(key, bytes);
    return new Response(null, { headers: { etag: '"1"' } });
  }
  if (request.method === "POST") {
    await request.body?.cancel();
    return new Response("<DeleteResult></DeleteResult>");
  }
  if (url.searchParams.has("list-type")) {
    return new Response("<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>");
  }
  if (object === undefined) return refusal(404);
  const headers = { etag: '"1"', "last-modified": new Date().toUTCString() };
  if (request.method === "HEAD") {
    return new Response(null, { headers: { ...headers, "content-length": `${object.length}` } });
  }
  const match = /^bytes=([0-9]+)-([0-9]*)$/.exec(request.headers.get("range") ?? "");
  if (match === null) return new Response(object, { headers });
  const from = Number(match[1]);
  const part = object.subarray(from, match[2] === "" ? undefined : Number(match[2]) + 1);
  const range = `bytes ${from}-${from + part.length - 1}/${object.length}`;
  return new Response(part, { status: 206, headers: { ...headers, "content-range": range } });
});
console.log(server.addr.port);

function refusal(status: number): Response {
  const code = status === 404 ? "NoSuchKey" : "PreconditionFailed";
  return new Response(`<Error><Code>${code}</Code></Error>`, { status });
}
