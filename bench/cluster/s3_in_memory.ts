/** An S3-compatible server in this process, which keeps objects in memory and checks no signature. */

/** A running server. */
export interface S3InMemory extends AsyncDisposable {
  readonly endpoint: string;
  readonly objects: Map<string, Uint8Array>;
  /** Whether it answers every request with 503. */
  isDown: boolean;
}

/** Starts a server with one bucket, of any name. */
export function startS3(): S3InMemory {
  const objects = new Map<string, Uint8Array>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    if (running.isDown) {
      await request.body?.cancel();
      return refusal(503);
    }
    const url = new URL(request.url);
    const key = decodeURIComponent(url.pathname.slice(url.pathname.indexOf("/", 1) + 1));
    const bytes = objects.get(key);
    if (request.method === "PUT") {
      const body = await request.bytes();
      if (bytes !== undefined && request.headers.has("if-none-match")) return refusal(412);
      objects.set(key, body);
      return new Response(null, { headers: { etag: '"1"' } });
    }
    if (request.method === "POST" && url.searchParams.has("delete")) {
      for (const [, doomed] of (await request.text()).matchAll(/<Key>([^<]*)<\/Key>/g)) {
        objects.delete(doomed!);
      }
      return new Response("<DeleteResult></DeleteResult>");
    }
    if (request.method === "DELETE") {
      objects.delete(key);
      return new Response(null, { status: 204 });
    }
    if (url.searchParams.get("list-type") === "2") return listing(objects, url.searchParams);
    if (bytes === undefined) return refusal(404, request.method === "HEAD");
    const headers = { etag: '"1"', "last-modified": new Date().toUTCString() };
    if (request.method === "HEAD") {
      return new Response(null, { headers: { ...headers, "content-length": `${bytes.length}` } });
    }
    const match = /^bytes=([0-9]+)-([0-9]*)$/.exec(request.headers.get("range") ?? "");
    if (match === null) return new Response(bytes as Uint8Array<ArrayBuffer>, { headers });
    const from = Number(match[1]);
    const part = bytes.subarray(from, match[2] === "" ? undefined : Number(match[2]) + 1);
    const range = `bytes ${from}-${from + part.length - 1}/${bytes.length}`;
    return new Response(part as Uint8Array<ArrayBuffer>, {
      status: 206,
      headers: { ...headers, "content-range": range },
    });
  });
  const running = {
    endpoint: `http://127.0.0.1:${server.addr.port}`,
    objects,
    isDown: false,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
  return running;
}

function listing(objects: Map<string, Uint8Array>, query: URLSearchParams): Response {
  const prefix = query.get("prefix") ?? "";
  const after = query.get("start-after") ?? "";
  const most = Number(query.get("max-keys") ?? 1000);
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
  const isUrl = query.get("encoding-type") === "url";
  const rows = keys.slice(0, most).map((key) =>
    `<Contents><Key>${isUrl ? encodeURIComponent(key) : key}</Key><Size>${
      objects.get(key)!.length
    }</Size>` +
    `<LastModified>${new Date().toISOString()}</LastModified></Contents>`
  );
  return new Response(
    `<ListBucketResult><IsTruncated>${keys.length > most}</IsTruncated>${
      rows.join("")
    }</ListBucketResult>`,
  );
}

function refusal(status: number, isEmpty = false): Response {
  const code = { 404: "NoSuchKey", 503: "SlowDown" }[status] ?? "PreconditionFailed";
  return new Response(isEmpty ? null : `<Error><Code>${code}</Code></Error>`, { status });
}
