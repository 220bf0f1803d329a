/** Heads and targets are read strictly, and exactly to their bound. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { HttpError, MAX_HEAD_BYTES, parseHead } from "../../../server/web/http/head.ts";
import { holdsWeb } from "../../support/web.ts";
import { ALICE, HOST, LAST, rawExchange, RawWeb, statusesIn } from "../../support/web_raw.ts";

/** The URL that a request is made with, or the status that it is refused with. */
function read(line: string, ...fields: string[]): string | number | undefined {
  try {
    return parseHead([line, ...fields].join("\r\n")).url;
  } catch (error) {
    assert(error instanceof HttpError, String(error));
    return error.status;
  }
}

const SAME = [
  "/",
  "//evil.example/x",
  "/a//b/",
  "/a%20b?c=d%5C%2F&e",
  "/?a=../b&c=\\d{}|^`",
  "/api/v1/files/a%5Cb",
  "/api/v1/files/a%2Fb",
  "/api/v1/files/%C3%A9",
  "/.a/..b/c..",
  "/a;b,c=d:e@f!$&'()*+~[x]|",
];

const REFUSED = [
  "a",
  "",
  "/a\\b",
  "\\a",
  "/.",
  "/..",
  "/a/./b",
  "/a/../b",
  "/a/..",
  "/%2e/a",
  "/a/%2E%2e/b",
  "/a/.%2e",
  "/..%2fx",
  "/a%2f..%2Fb",
  "/..%5cx",
  "/a%5C%2e%2e%5Cb",
  "/a%00b",
  "/a#b",
  "/a%23b#",
  "/a\tb",
  "/a%",
  "/a%4",
  "/a%zz",
  "/a%u0041",
  '/a"b',
  "/a<b>",
  "/a{b}",
  "/a^b",
  "/a`b",
  '/?"',
  "/?a#b",
  "/é",
  "/\x80",
  "?a",
  "*",
  "http://h/",
  "https:/h/",
  "https:///a",
  "https://u@h/",
  "https://u:p@h/",
  "https://h\\@evil/",
  "https://h#/",
  "ftp://h/",
  "h:443",
];

Deno.test("a target reaches the routes as it was sent, or is refused", () => {
  for (const path of SAME) {
    assertEquals(read(`GET ${path} HTTP/1.1`, "Host: h"), `https://h${path}`);
    assertEquals(read(`GET https://h${path} HTTP/1.1`, "Host: h"), `https://h${path}`);
    assertEquals(new URL(`https://h${path}`).href, `https://h${path}`);
  }
  for (const target of REFUSED) {
    assertEquals(read(`GET ${target} HTTP/1.1`, "Host: h"), 400, target);
  }
  assertEquals(read("GET /?a='b' HTTP/1.1", "Host: h"), "https://h/?a=%27b%27");
});

Deno.test("the host is named once, is one, and agrees with an absolute target", () => {
  const cases: [string, string[], string | number | undefined][] = [
    ["GET / HTTP/1.1", [], 400],
    ["GET / HTTP/1.0", [], "https://localhost/"],
    ["GET / HTTP/1.1", ["Host: h", "Host: h"], 400],
    ["GET / HTTP/1.1", ["Host: h, h"], 400],
    ["GET / HTTP/1.1", ["Host:"], 400],
    ["GET / HTTP/1.1", ["Host: h/"], 400],
    ["GET / HTTP/1.1", ["Host: u@h"], 400],
    ["GET / HTTP/1.1", ["Host: h:99999999"], 400],
    ["GET / HTTP/1.1", ["Host: [::1]:9443"], "https://[::1]:9443/"],
    ["GET https://h HTTP/1.1", ["Host: h"], "https://h/"],
    ["GET HTTPS://H:443?x HTTP/1.1", ["Host: h"], "https://h/?x"],
    ["GET https://other/ HTTP/1.1", ["Host: h"], 400],
    ["GET https://h:1/ HTTP/1.1", ["Host: h:2"], 400],
    ["OPTIONS * HTTP/1.1", ["Host: h"], undefined],
    ["OPTIONS * HTTP/1.1", [], 400],
  ];
  for (const [line, fields, expected] of cases) {
    assertStrictEquals(read(line, ...fields), expected, `${line} ${fields}`);
  }
});

Deno.test("methods, versions and fields are exactly what HTTP says", () => {
  for (
    const method of ["head", "Head", "get", "options", "put", "FOO", "TRACE", "CONNECT", "PRI"]
  ) {
    assertEquals(read(`${method} / HTTP/1.1`, "Host: h"), 501, method);
  }
  for (
    const line of [
      "GET  / HTTP/1.1",
      " GET / HTTP/1.1",
      "GET / HTTP/1.1 ",
      "GET\t/ HTTP/1.1",
      "GET / http/1.1",
      "GET / HTTP/1.10",
      "GET / HTTP/11",
      "GET /",
      "G(T / HTTP/1.1",
      "",
    ]
  ) assertEquals(read(line, "Host: h"), 400, line);
  for (const version of ["2.0", "0.9", "3.0"]) {
    assertEquals(read(`GET / HTTP/${version}`, "Host: h"), 505, version);
  }
  for (
    const field of [
      "X : a",
      "X\t: a",
      " X: a",
      ": a",
      "X",
      "X: a\0",
      "X: a\x7f",
      "X: a\nY: b",
      "X: a\rb",
      "X\u00e9: a",
    ]
  ) assertEquals(read("GET / HTTP/1.1", "Host: h", field), 400, JSON.stringify(field));
  const { headers } = parseHead(
    "GET / HTTP/1.1\r\nHost: h\r\nX: \t a  \tb \t\r\nY:\r\nZ: \xa0\xff",
  );
  assertEquals([headers.get("x"), headers.get("y"), headers.get("z")], [
    "a  \tb",
    "",
    "\xa0\xff",
  ]);
});

holdsWeb("a method in small letters is refused without a body read as a request", async (bench) => {
  for (const method of ["head", "get", "Put", "BREW"]) {
    const reply = await rawExchange(
      bench,
      `${method} /api/v1/files/a HTTP/1.1\r\n${HOST}${ALICE}Content-Length: 3\r\n\r\nabc${LAST}`,
    );
    assertEquals(statusesIn(reply), [501], method);
    const [head, body] = reply.split("\r\n\r\n");
    assertEquals(body!.length, Number(/content-length: (\d+)/.exec(head!)![1]));
  }
  assertEquals(
    statusesIn(await rawExchange(bench, `OPTIONS * HTTP/1.1\r\n${HOST}\r\n${LAST}`)),
    [
      204,
      200,
    ],
  );
  const head = await rawExchange(bench, `HEAD /../ HTTP/1.1\r\n${HOST}\r\n`);
  assertEquals(head.split("\r\n\r\n")[1], "");
});

/** A head of so many bytes, with its empty line. */
function headOf(bytes: number): string {
  const begin = `GET /sign-in HTTP/1.1\r\n${HOST}Connection: close\r\nX: `;
  return `${begin}${"x".repeat(bytes - begin.length - 4)}\r\n\r\n`;
}

holdsWeb("a head of 32 KiB is read, one of a byte more is not, however it comes", async (bench) => {
  for (const [bytes, status] of [[MAX_HEAD_BYTES, 200], [MAX_HEAD_BYTES + 1, 431]] as const) {
    const head = headOf(bytes);
    assertEquals(head.length, bytes);
    assertEquals(statusesIn(await rawExchange(bench, head)), [status], "in one");
    using connection = await RawWeb.open(bench);
    await connection.send(head.slice(0, bytes - 400));
    for (const character of head.slice(bytes - 400)) {
      await connection.send(character).catch(() => {}); // closed by then
    }
    assertEquals(statusesIn(await connection.read()), [status], "byte by byte");
  }
});

holdsWeb("lines end with CR LF alone, also the empty ones before a request", async (bench) => {
  const refused = [
    `GET /sign-in HTTP/1.1\n${HOST}\r\n`,
    `GET /sign-in HTTP/1.1\nHost: localhost\n\n`,
    `\n${LAST}`,
    `\r${LAST}`,
    `\r\n\r\r\n${LAST}`,
    "\r\n".repeat(40),
  ];
  for (const text of refused) {
    assertEquals(statusesIn(await rawExchange(bench, text)), [400], JSON.stringify(text));
  }
  assertEquals(statusesIn(await rawExchange(bench, `\r\n\r\n${LAST}`)), [200]);
});
