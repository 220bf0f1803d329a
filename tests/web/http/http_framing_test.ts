// Where a request ends is never a matter of opinion (RFC 9112, sections 2.2, 5.1, 6 and 7, 11.2).

import { assert, assertEquals, assertMatch } from "@std/assert";
import { sha256 } from "../../support/raw_client.ts";
import { holdsWeb, type WebBench } from "../../support/web.ts";
import { ALICE, HOST, LAST, rawExchange, RawWeb, statusesIn } from "../../support/web_raw.ts";

const FORM = "Content-Type: application/x-www-form-urlencoded\r\n";

/** An upload by one request whose body is framed as the headers say. */
function creation(name: string, headers: string, body: string): string {
  return `POST /tus/ HTTP/1.1\r\n${HOST}${ALICE}Tus-Resumable: 1.0.0\r\nUpload-Length: 3\r\n` +
    `Upload-Metadata: path ${btoa(name)}\r\nContent-Type: application/offset+octet-stream\r\n` +
    `${headers}\r\n${body}`;
}

const CHUNKED = "Transfer-Encoding: chunked\r\n";

/** Headers that could be read in two ways. */
const AMBIGUOUS: Record<string, string> = {
  "both a length and chunks": `Content-Length: 5\r\n${CHUNKED}`,
  "chunks and a length": `${CHUNKED}Content-Length: 5\r\n`,
  "two lengths": "Content-Length: 5\r\nContent-Length: 0\r\n",
  "the same length twice": "Content-Length: 5\r\nContent-Length: 5\r\n",
  "a list of lengths": "Content-Length: 5, 5\r\n",
  "a negative length": "Content-Length: -5\r\n",
  "a length with a plus": "Content-Length: +5\r\n",
  "a length in hex": "Content-Length: 0x5\r\n",
  "no length": "Content-Length:\r\n",
  "a length above 2^53": "Content-Length: 9007199254740993\r\n",
  "an unknown coding": "Transfer-Encoding: xchunked\r\n",
  "chunks that are not last": "Transfer-Encoding: chunked, identity\r\n",
  "chunks in chunks": `${CHUNKED}${CHUNKED}`,
  "a quoted coding": 'Transfer-Encoding: "chunked"\r\n',
  "a vertical tab": "Transfer-Encoding:\x0bchunked\r\n",
  "a space before the colon": "Transfer-Encoding : chunked\r\n",
  "a folded coding": "Transfer-Encoding:\r\n chunked\r\n",
  "a folded header": "X-A: b\r\n c\r\nContent-Length: 0\r\n",
  "a bare LF": "X-A: b\nContent-Length: 5\r\n",
  "a bare CR": "X-A: b\rContent-Length: 5\r\n",
  "a NUL in a value": "X-A: a\0b\r\n",
  "a line without a colon": "Xabc\r\n",
  "a second host": "Host: other.example\r\n",
};

holdsWeb(
  "a head that could be read in two ways is refused, and nothing after it is read",
  async (bench) => {
    await Promise.all(
      Object.entries(AMBIGUOUS).map(async ([what, headers]) => {
        const reply = await rawExchange(
          bench,
          `POST /sign-in HTTP/1.1\r\n${HOST}${FORM}${headers}\r\n0\r\n\r\n${LAST}`,
        );
        const statuses = statusesIn(reply);
        assertEquals(statuses.length, 1, `${what}: ${reply}`);
        assert(statuses[0] === 400 || statuses[0] === 501, `${what}: ${reply}`);
      }),
    );
  },
);

/** Bodies in chunks that are none. */
const BROKEN_CHUNKS: Record<string, string> = {
  "all bits of the size": "ffffffffffffffff\r\nabc",
  "a size of -3": "-3\r\nabc\r\n0\r\n\r\n",
  "a size of +3": "+3\r\nabc\r\n0\r\n\r\n",
  "a size of 0x3": "0x3\r\nabc\r\n0\r\n\r\n",
  "a space before the size": " 3\r\nabc\r\n0\r\n\r\n",
  "no size": "\r\nabc\r\n0\r\n\r\n",
  "a size that ends with LF alone": "3\nabc\n0\n\n",
  "an extension that ends with LF alone": "3;x\nabc\r\n0\r\n\r\n",
  "a chunk that is longer than its size": "3\r\nabcd\r\n0\r\n\r\n",
  "a chunk that ends with LF alone": "3\r\nabc\n0\r\n\r\n",
  "an extension with a control character": "3;a=\x01\r\nabc\r\n0\r\n\r\n",
  "a trailer that is no field": "3\r\nabc\r\n0\r\nGET / HTTP/1.1\r\n\r\n",
  "a trailer with a space before the colon": "3\r\nabc\r\n0\r\nx : y\r\n\r\n",
  "a folded trailer": "3\r\nabc\r\n0\r\nx: y\r\n z: w\r\n\r\n",
  "a trailer with a bare CR": "3\r\nabc\r\n0\r\nx: y\rz: w\r\n\r\n",
  "an endless extension": `3;${"x".repeat(100_000)}\r\nabc\r\n0\r\n\r\n`,
  "endless trailers": `3\r\nabc\r\n0\r\n${"X-T: 1\r\n".repeat(2000)}\r\n`,
};

holdsWeb(
  "chunks are counted exactly; a body that is not framed right becomes no file",
  async (bench) => {
    const whole: Record<string, string> = {
      "one chunk": "3\r\nabc\r\n0\r\n\r\n",
      "several": "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n",
      "a padded size": "0003\r\nabc\r\n00\r\n\r\n",
      "extensions": '3;a="b";c\r\nabc\r\n0;d\r\n\r\n',
      "trailers": "3\r\nabc\r\n0\r\nContent-Length: 50\r\nX-T: 1\r\n\r\n",
    };
    for (const [name, body] of Object.entries(whole)) {
      const reply = await rawExchange(bench, creation(name, CHUNKED, body) + LAST);
      assertEquals(statusesIn(reply), [201, 200], `${name}: ${reply}`);
      assertMatch(reply, new RegExp(sha256Field("abc")), name);
    }
    await Promise.all(
      Object.entries(BROKEN_CHUNKS).map(async ([name, body]) => {
        const reply = await rawExchange(bench, creation(name, CHUNKED, body) + LAST);
        assertEquals(statusesIn(reply), [400], `${name}: ${reply}`);
      }),
    );
    await assertFiles(bench, Object.keys(whole));
  },
);

holdsWeb("a body that is cut half-way becomes no file, by each framing", async (bench) => {
  for (
    const [headers, body] of [["Content-Length: 3\r\n", "ab"], [CHUNKED, "3\r\nab"], [
      CHUNKED,
      "3\r\nabc\r\n",
    ]]
  ) {
    using connection = await RawWeb.open(bench);
    await connection.send(creation("cut", headers!, body!));
  }
  await rawExchange(bench, creation("whole", "Content-Length: 3\r\n", "abc") + LAST);
  await assertFiles(bench, ["whole"]);
});

holdsWeb(
  "requests that come at once are answered in order, also behind an error",
  async (bench) => {
    const missing = `GET /assets/none HTTP/1.1\r\n${HOST}\r\n`;
    const refused = `POST /nowhere HTTP/1.1\r\n${HOST}Content-Length: 5\r\n\r\nabcde`;
    const reply = await rawExchange(bench, missing + refused + missing + LAST);
    assertEquals(statusesIn(reply), [404, 404, 404, 200]);
  },
);

holdsWeb(
  "a large unread body ends the connection; nothing in it is taken as a request",
  async (bench) => {
    const reply = await rawExchange(
      bench,
      `POST /nowhere HTTP/1.1\r\n${HOST}Content-Length: 50000000\r\n\r\n${LAST}`,
    );
    assertEquals(statusesIn(reply), [404]);
  },
);

async function assertFiles({ alice }: WebBench, names: string[]): Promise<void> {
  const page = await alice.page("/files/");
  const found = [...page.matchAll(/data-name="([^"]*)"/g)].map((match) => match[1]);
  assertEquals(found.sort(), names.sort());
}

function sha256Field(content: string): string {
  return Uint8Array.fromHex(sha256(content)).toBase64().replace(/[+/]/g, "\\$&");
}

holdsWeb(
  "a PUT over HTTP/1.0 without a length stores nothing; an empty one does",
  async (bench) => {
    const put = (version: string, name: string, headers = "", body = "") =>
      rawExchange(
        bench,
        `PUT /api/v1/files/${name} HTTP/${version}\r\n${HOST}${ALICE}Connection: close\r\n` +
          `${headers}\r\n${body}`,
      );
    assertEquals(statusesIn(await put("1.0", "f", "Content-Length: 3\r\n", "abc")), [201]);
    assertEquals(statusesIn(await put("1.0", "f", "", "new content, up to the end")), [411]);
    assertEquals(statusesIn(await put("1.0", "f")), [411]);
    const stored = await bench.alice.fetch("/api/v1/files/f");
    assertEquals(await stored.text(), "abc");
    assertEquals(statusesIn(await put("1.0", "empty", "Content-Length: 0\r\n")), [201]);
    assertEquals(statusesIn(await put("1.1", "none")), [201]); // it has no body (RFC 9112, section 6.3)
  },
);
