/** The PROXY header, versions 1 and 2: what is read, and what is refused. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  MAX_V2_BYTES,
  parseProxyHeader,
  type ProxiedEnds,
  ProxyHeaderError,
} from "../../../server/listener/proxy_header.ts";
import { binaryHeader, latin1 } from "./headers.ts";

/** Feeds a header with bytes behind it as a connection does. @returns ends, and bytes that were read */
function read(
  stream: Uint8Array,
  most = Infinity,
): { ends: ProxiedEnds | undefined; read: number } {
  let length = 0;
  for (;;) {
    const state = parseProxyHeader(stream.subarray(0, length));
    if ("ends" in state) return { ends: state.ends, read: length };
    assert(state.missing > 0);
    if (length === stream.length) throw new Error("more bytes were wanted");
    length = Math.min(length + Math.min(state.missing, most), stream.length);
  }
}

const V1 = "PROXY TCP4 203.0.113.7 192.0.2.1 56324 443\r\n";
const IPV6 = "PROXY TCP6 2001:DB8:0:0::7 2001:db8::1 1 65535\r\n";
const LONGEST = "PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n";
const four = [203, 0, 113, 7, 192, 0, 2, 1, 220, 4, 1, 187];
const six = [...[0x20, 1, 0xd, 0xb8], ...Array(11).fill(0), 7, ...Array(15).fill(0), 1, 0, 1, 0, 2];
const mapped = [...Array(10).fill(0), 255, 255, 10, 0, 0, 9, ...Array(15).fill(0), 1, 0, 1, 0, 2];
const CLIENT = { source: "203.0.113.7", destination: "192.0.2.1" };

const GOOD: [string, Uint8Array, ProxiedEnds | undefined][] = [
  ["version 1, IPv4", latin1(V1), CLIENT],
  ["version 1, IPv6", latin1(IPV6), { source: "2001:db8::7", destination: "2001:db8::1" }],
  ["version 1, UNKNOWN", latin1("PROXY UNKNOWN\r\n"), undefined],
  ["version 1, UNKNOWN with addresses", latin1(LONGEST), undefined],
  ["version 2, IPv4", binaryHeader(0x21, 0x11, four), CLIENT],
  ["version 2, IPv4 with extensions", binaryHeader(0x21, 0x11, [...four, 4, 0, 1, 0]), CLIENT],
  ["version 2, IPv6", binaryHeader(0x21, 0x21, six), {
    source: "2001:db8::7",
    destination: "::1",
  }],
  ["version 2, IPv4 in IPv6", binaryHeader(0x21, 0x21, mapped), {
    source: "10.0.0.9",
    destination: "::1",
  }],
  ["version 2, LOCAL", binaryHeader(0x20, 0, []), undefined],
  ["version 2, LOCAL with addresses", binaryHeader(0x20, 0x11, four), undefined],
  ["version 2, UNSPEC", binaryHeader(0x21, 0, []), undefined],
  ["version 2, UNIX", binaryHeader(0x21, 0x31, Array(216).fill(65)), undefined],
  ["version 2, longest", binaryHeader(0x21, 0x11, [...four, ...Array(4068).fill(0)]), CLIENT],
];

for (const [name, header, ends] of GOOD) {
  Deno.test(`${name}: its ends are read, and not a byte behind it`, () => {
    const stream = new Uint8Array([...header, ...latin1("\r\nPROXY behind\r\n".repeat(9))]);
    for (const most of [1, 2, 7, Infinity]) {
      assertEquals(read(stream, most), { ends, read: header.length }, `${most} bytes at once`);
    }
  });
}

const BAD: [string, Uint8Array][] = [
  ["TLS", Uint8Array.of(22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3, 1, 1, 1, 1, 1)],
  ["HTTP", latin1("GET / HTTP/1.1\r\n\r\n")],
  ["another word", latin1("PROXI TCP4 1.1.1.1 1.1.1.1 1 1\r\n")],
  ["another family", latin1("PROXY UDP4 1.1.1.1 1.1.1.1 1 1\r\n")],
  ["IPv6 as IPv4", latin1("PROXY TCP4 ::1 ::1 1 1\r\n")],
  ["IPv4 as IPv6", latin1("PROXY TCP6 1.1.1.1 1.1.1.1 1 1\r\n")],
  ["an address out of range", latin1("PROXY TCP4 1.1.1.256 1.1.1.1 1 1\r\n")],
  ["a port out of range", latin1("PROXY TCP4 1.1.1.1 1.1.1.1 1 65536\r\n")],
  ["too few fields", latin1("PROXY TCP4 1.1.1.1 1.1.1.1 1\r\n")],
  ["too many fields", latin1("PROXY TCP4 1.1.1.1 1.1.1.1 1 1 1\r\n")],
  ["two spaces", latin1("PROXY TCP4  1.1.1.1 1.1.1.1 1 1\r\n")],
  ["an LF alone", latin1("PROXY TCP4 1.1.1.1 1.1.1.1 1 1\n")],
  ["no end", latin1(`PROXY UNKNOWN ${"x".repeat(200)}`)],
  ["version 3", binaryHeader(0x31, 0x11, four)],
  ["another command", binaryHeader(0x22, 0x11, four)],
  ["another family of version 2", binaryHeader(0x21, 0x41, four)],
  ["another transport", binaryHeader(0x21, 0x13, four)],
  ["datagrams", binaryHeader(0x21, 0x12, four)],
  ["too few bytes of addresses", binaryHeader(0x21, 0x21, four)],
  ["too long", binaryHeader(0x21, 0x11, Array(MAX_V2_BYTES).fill(0))],
];

for (const [name, bytes] of BAD) {
  Deno.test(`no PROXY header: ${name}`, () => {
    for (const most of [1, Infinity]) assertThrows(() => read(bytes, most), ProxyHeaderError);
  });
}
