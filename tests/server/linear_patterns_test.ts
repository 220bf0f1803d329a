/** No pattern and no reader that sees strangers' text takes more than time linear in its length. */
import { join } from "@std/path";
import { assert, assertEquals } from "@std/assert";
import { printable } from "../../common/printable.ts";
import { auditLine } from "../../server/monitor/audit_log.ts";
import { parseExtended, parseHostPort } from "../../server/ftp/data/address.ts";
import { parseCommand } from "../../server/ftp/command_line.ts";
import { LineBuffer } from "../../server/ftp/context/line_buffer.ts";
import { splitOptions } from "../../server/ftp/listing/listing.ts";
import { compileWildcard } from "../../server/ftp/listing/wildcard.ts";
import { splitWords } from "../../server/ftp/context/words.ts";
import { announcedHash } from "../../server/web/api/digest.ts";
import type { WebContext } from "../../server/web/request/env.ts";
import { MAX_HEAD_BYTES, parseHead } from "../../server/web/http/head.ts";
import { disposition, extensionOf } from "../../server/web/request/media.ts";
import { rangeIn } from "../../server/web/request/range.ts";
import { metadataOf } from "../../server/web/tus/protocol.ts";
import { resolvePath } from "../../storage/contract/path.ts";
import { parseVersionName } from "../../storage/contract/version_name.ts";
import { superlinear } from "../support/measure/growth.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const FTP_LINE = 8192;
const SHOWN_TEXT = 64 * 1024;
const encoder = new TextEncoder();

/** A request of which each header field has this value. */
function withHeader(value: string): WebContext {
  return { req: { header: () => value } } as unknown as WebContext;
}

const READERS: [name: string, length: number, read: (text: string) => unknown][] = [
  ["request line", MAX_HEAD_BYTES, (text) => parseHead(`${text} HTTP/1.1\r\nHost: a`)],
  ["target", MAX_HEAD_BYTES, (text) => parseHead(`GET /${text} HTTP/1.1\r\nHost: a`)],
  ["absolute target", MAX_HEAD_BYTES, (text) => parseHead(`GET https://${text} HTTP/1.1`)],
  ["header line", MAX_HEAD_BYTES, (text) => parseHead(`GET / HTTP/1.1\r\nHost: a\r\n${text}`)],
  ...["Host", "Connection", "Transfer-Encoding", "X"].map((name) =>
    [
      name,
      MAX_HEAD_BYTES,
      (text: string) => parseHead(`GET / HTTP/1.1\r\nHost: a\r\n${name}: ${text}`),
    ] as typeof READERS[0]
  ),
  ["digest", MAX_HEAD_BYTES, (text) => announcedHash(withHeader(text), false)],
  ["tus metadata", MAX_HEAD_BYTES, (text) => metadataOf(withHeader(text))],
  ["Range", MAX_HEAD_BYTES, (text) => {
    const plain = text.replace(/[^\t -~]/g, "?");
    return rangeIn(new Headers({ range: plain }), { size: 10, hash: "x" });
  }],
  ["file name", MAX_HEAD_BYTES, (text) => [extensionOf(text), disposition("inline", text)]],
  ["path", MAX_HEAD_BYTES, (text) => resolvePath("/", text)],
  ["version", MAX_HEAD_BYTES, parseVersionName],
  ["FTP command", FTP_LINE, (text) => parseCommand({ text })],
  ["FTP lines", FTP_LINE, (text) => {
    const lines = new LineBuffer();
    lines.push(encoder.encode(text));
    while (lines.take() !== undefined);
  }],
  ["FTP words", FTP_LINE, splitWords],
  ["FTP options", FTP_LINE, splitOptions],
  ["FTP pattern", FTP_LINE, (text) => compileWildcard(text)("a".repeat(255))],
  ["PORT", FTP_LINE, parseHostPort],
  ["EPRT", FTP_LINE, parseExtended],
  ["text shown by the client", SHOWN_TEXT, printable],
  ["audit line", SHOWN_TEXT, (text) => {
    const actor = { account: null, door: "ftp" as const, address: "::1", session: "x" };
    return auditLine(0, actor as never, { action: "login", result: "ok", paths: [text] } as never);
  }],
];

Deno.test("every reader of strangers' text is linear in its length", () => {
  const slow: string[] = [];
  for (const [name, length, read] of READERS) {
    const found = superlinear(read, length);
    if (found !== undefined) slow.push(`${name}: ${found}`);
  }
  assertEquals(slow, []);
});

/** Files whose patterns see nothing but what the user of this program typed. */
const OWN_TEXT =
  /^client\/(lib|cli)\/([a-z]+\/)?(endpoint|removals|units|options|editor|history|places|complete|run_line|verbs|words|shell)\.ts$/;

/** Regular expressions in a source text. */
function* patternsIn(source: string): Generator<RegExp> {
  const literal =
    /(?:[(,=:?!&|[]|return|=>)\s*\/(?![*/])((?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/([dgimsuvy]*)/g;
  for (const [, body, flags] of source.matchAll(literal)) {
    try {
      yield new RegExp(body!, flags);
    } catch {
      // a quotient, or a path in a comment
    }
  }
}

async function* sources(directory: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    const path = join(directory, name);
    if (isDirectory && name !== "bundle" && name !== "options") yield* sources(path);
    else if (/\.tsx?$/.test(name)) yield path;
  }
}

Deno.test("every pattern in protocol, server, storage and client is linear", async () => {
  let count = 0;
  const slow: string[] = [];
  for (const directory of ["protocol", "server", "storage", "client"]) {
    for await (const file of sources(join(ROOT, directory))) {
      if (OWN_TEXT.test(file.slice(ROOT.length))) continue;
      for (const pattern of patternsIn(await Deno.readTextFile(file))) {
        count++;
        const read = (text: string) =>
          pattern.global ? text.replaceAll(pattern, "") : pattern.exec(text);
        const found = superlinear(read, 6000);
        if (found !== undefined) slow.push(`${file.slice(ROOT.length)} ${pattern} ${found}`);
      }
    }
  }
  assertEquals(slow, []);
  assert(count > 100, `Only ${count} patterns were found`);
});
