/** Heads of HTTP requests, tus headers, JSON bodies and forms, right and changed. */
import { mutateBytes, randomJson, randomName, randomNumber } from "./random.ts";
import type { Random } from "../../soak/common/random.ts";
import { Wire } from "./wire.ts";
import { type Case, Fault, type World } from "./world.ts";

const METHODS = "GET HEAD PUT POST DELETE PATCH OPTIONS get TRACE CONNECT M-SEARCH".split(" ");
const PATHS = [
  "/",
  "/files/",
  "/api/v1/files/",
  "/api/v1/info/",
  "/api/v1/versions/",
  "/api/v1/why/",
  "/api/v1/account",
  "/api/v1/tokens",
  "/api/v1/shares",
  "/api/v1/uploads",
  "/api/v1/directories",
  "/api/v1/rename",
  "/api/v1/copy",
  "/api/v1/modified",
  "/api/v1/openapi.json",
  "/tus/",
  "/raw/",
  "/zip/",
  "/s/x/zip/",
  "/sign-in",
  "/metrics",
  "/assets/",
];
const NAMES = (
  "Range If-Match If-None-Match If-Modified-Since If-Unmodified-Since If-Range Content-Range Digest " +
  "Content-Digest Repr-Digest Expect Transfer-Encoding Content-Type Cookie Origin Sec-Fetch-Site " +
  "Tus-Resumable Upload-Length Upload-Offset Upload-Metadata Upload-Checksum Upload-Concat " +
  "Upload-Defer-Length X-HTTP-Method-Override Authorization Accept Accept-Encoding Connection X-Any"
).split(" ");
const VALUES = [
  "bytes=0-",
  "bytes=-5,1-2",
  "bytes 0-4/5",
  "*",
  'W/"a", "b"',
  "Thu, 01 Jan 1970 00:00:00 GMT",
  "sha-256=:AAAA:",
  "sha1 AAAA",
  "100-continue",
  "chunked",
  "gzip, chunked",
  "application/json",
  "application/offset+octet-stream",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "1.0.0",
  "filename YQ==,filetype",
  "close, upgrade",
  "Basic Og==",
];
const SETTLE_MS = 3000;

const encoder = new TextEncoder();

/** One connection with one request, or two. */
export async function fuzzHttp(world: World, task: Case, random: Random): Promise<void> {
  using wire = await Wire.connect(world.server.info.web!.port, world.server.caText);
  for (let count = random.below(2) + 1; count > 0; count--) {
    const request = encoder.encode(randomRequest(world, random));
    const bytes = random.chance(0.4) ? mutateBytes(random, request) : request;
    task.note(bytes);
    await wire.send(bytes);
  }
  const text = () => new TextDecoder("latin1").decode(wire.received);
  await wire.until(() => wire.ended, random.chance(0.1) ? SETTLE_MS : 300);
  checkResponse(world, text());
}

function randomRequest(world: World, random: Random): string {
  const tus = random.chance(0.3);
  const method = tus ? random.pick(["POST", "PATCH", "HEAD", "DELETE"]) : random.pick(METHODS);
  const path = (tus ? "/tus/" : random.pick(PATHS)) + pathEnd(random);
  const body = random.chance(0.4) ? randomBody(random) : "";
  const headers = [
    "Host: localhost",
    `Authorization: Bearer ${random.chance(0.95) ? world.token : "x"}`,
    "Connection: close",
  ];
  if (tus) headers.push("Tus-Resumable: 1.0.0", `Upload-Length: ${randomNumber(random)}`);
  for (let count = random.below(5); count > 0; count--) {
    headers.push(
      `${random.pick(NAMES)}: ${random.chance(0.6) ? random.pick(VALUES) : value(random)}`,
    );
  }
  const length = encoder.encode(body).length + (random.chance(0.05) ? random.below(3) - 1 : 0);
  if (body !== "" || random.chance(0.1)) headers.push(`Content-Length: ${length}`);
  return `${method} ${path} HTTP/1.1\r\n${headers.join("\r\n")}\r\n\r\n${body}`;
}

function pathEnd(random: Random): string {
  const name = random.chance(0.5) ? random.pick(["", "a", "b/c"]) : randomName(random);
  const query = random.chance(0.2) ? `?${value(random)}=${value(random)}` : "";
  return (random.chance(0.8) ? encodeURI(name.toWellFormed()) : name) + query;
}

function value(random: Random): string {
  return random.chance(0.3)
    ? String(randomNumber(random))
    : randomName(random).replace(/[\r\n]/g, "");
}

function randomBody(random: Random): string {
  const name = randomName(random);
  switch (random.below(4)) {
    case 0:
      return JSON.stringify(randomJson(random));
    case 1:
      return JSON.stringify({ path: name, from: name, to: randomName(random), mtimeMs: 5 });
    case 2:
      return `--x\r\ncontent-disposition: form-data; name="f"; filename="${name}"\r\n\r\nx\r\n--x--\r\n`;
    default:
      return name.repeat(random.below(50));
  }
}

/** Asserts that the output begins with a status line and header fields, without an internal failure. */
function checkResponse(world: World, text: string): void {
  if (text === "") return; // the request was not whole
  const end = text.indexOf("\r\n\r\n");
  const head = end < 0 ? text : text.slice(0, end);
  const [status = "", ...fields] = head.split("\r\n");
  const code = /^HTTP\/1\.1 ([1-5][0-9]{2}) [\x20-\x7e]*$/.exec(status)?.[1];
  if (code === undefined) throw new Fault(`No status line: ${JSON.stringify(status)}`);
  if (code === "500") throw new Fault(`A request failed inside: ${text.slice(0, 1000)}`);
  if (end < 0) return;
  for (const field of fields) {
    // deno-lint-ignore no-control-regex
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+: [^\u0000-\u0008\u000a-\u001f\u007f]*$/.test(field)) {
      throw new Fault(`A malformed header field: ${JSON.stringify(field)}`);
    }
  }
  // Scripts and styles have words of their own.
  if (!/content-type: text\/(javascript|css)/i.test(head)) world.clean(text);
}
