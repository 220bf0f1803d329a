/** The header of the PROXY protocol, versions 1 and 2 (haproxy.org, "The PROXY protocol", 2.1 to 2.2). */
import { isIPv4, isIPv6 } from "node:net";

/** Ends of the connection that a client has to a proxy, without ports. */
export interface ProxiedEnds {
  /** The client's address. */
  readonly source: string;
  /** The address that the client connected to. */
  readonly destination: string;
}

/** State of a header that is being read. */
export type HeaderState =
  /** At least this number of further bytes belong to it. */
  | { readonly missing: number }
  /** It is complete. `ends` is undefined where the connection is the proxy's own. */
  | { readonly missing: 0; readonly ends: ProxiedEnds | undefined };

/** The error of a header that does not follow the protocol; its message completes "… sent". */
export class ProxyHeaderError extends Error {
  override readonly name = "ProxyHeaderError";
}

/** Signature of version 2. */
const SIGNATURE = Uint8Array.of(13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10);
const V1 = new TextEncoder().encode("PROXY ");
/** Length of the shortest header, `PROXY UNKNOWN` with its line end. */
const MIN_BYTES = 15;
/** Length of the longest header of version 1. */
const MAX_V1_BYTES = 107;
/** Bytes of version 2 before addresses and extensions. */
const V2_BYTES = 16;
/** Maximum length of version 2: extensions of proxies have some hundred bytes. */
export const MAX_V2_BYTES = 4096;

const LF = 10;
const CR = 13;

/**
 * Reads a header. The caller reads no more than the missing bytes, so that everything behind
 * the header stays in the connection.
 *
 * @param bytes all that came so far
 * @throws {ProxyHeaderError} as soon as it can be no header
 */
export function parseProxyHeader(bytes: Uint8Array): HeaderState {
  const [is1, is2] = [V1, SIGNATURE].map((start) =>
    start.subarray(0, bytes.length).every((byte, index) => byte === bytes[index])
  );
  if (!is1 && !is2) throw new ProxyHeaderError("no PROXY header");
  if (bytes.length < MIN_BYTES) return { missing: MIN_BYTES - bytes.length };
  return is1 ? parseText(bytes) : parseBinary(bytes);
}

function parseText(bytes: Uint8Array): HeaderState {
  if (bytes.at(-1) !== LF) {
    if (bytes.length > MAX_V1_BYTES - 1) {
      throw new ProxyHeaderError("a PROXY header without an end");
    }
    return { missing: bytes.at(-1) === CR ? 1 : 2 };
  }
  const line = new TextDecoder("latin1").decode(bytes);
  if (/^PROXY UNKNOWN( [^\r\n]*)?\r\n$/.test(line)) return { missing: 0, ends: undefined };
  const [, family, source = "", destination = "", ...ports] =
    /^PROXY (TCP4|TCP6) ([0-9A-Fa-f.:]+) ([0-9A-Fa-f.:]+) ([0-9]{1,5}) ([0-9]{1,5})\r\n$/
      .exec(line) ?? [];
  const isAddress = family === "TCP4" ? isIPv4 : isIPv6;
  const arePorts = ports.every((port) => Number(port) <= 65_535);
  if (!isAddress(source) || !isAddress(destination) || !arePorts) {
    throw new ProxyHeaderError("a malformed PROXY header");
  }
  return { missing: 0, ends: { source: canonical(source), destination: canonical(destination) } };
}

function parseBinary(bytes: Uint8Array): HeaderState {
  if (bytes.length < V2_BYTES) return { missing: V2_BYTES - bytes.length };
  const [version, command] = [bytes[12]! >> 4, bytes[12]! & 15];
  const [family, transport] = [bytes[13]! >> 4, bytes[13]! & 15];
  const length = V2_BYTES + bytes[14]! * 256 + bytes[15]!;
  if (version !== 2 || command > 1 || family > 3 || transport > 2) {
    throw new ProxyHeaderError("a malformed PROXY header");
  }
  if (length > MAX_V2_BYTES) {
    throw new ProxyHeaderError(`a PROXY header of more than ${MAX_V2_BYTES} bytes`);
  }
  if (bytes.length < length) return { missing: length - bytes.length };
  // LOCAL, or a client without an address of the internet.
  const isOwn = command === 0 || family === 0 || family === 3;
  if (isOwn) return { missing: 0, ends: undefined };
  const size = family === 1 ? 4 : 16;
  if (transport !== 1) throw new ProxyHeaderError("a PROXY header of another protocol than TCP");
  if (length < V2_BYTES + 2 * size + 4) throw new ProxyHeaderError("a malformed PROXY header");
  const [source, destination] = [0, 1].map((index) =>
    addressText(bytes.subarray(V2_BYTES + index * size, V2_BYTES + (index + 1) * size))
  );
  return { missing: 0, ends: { source: source!, destination: destination! } };
}

function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const isMapped = bytes.subarray(0, 10).every((byte) => byte === 0) &&
    bytes[10] === 255 && bytes[11] === 255;
  if (isMapped) return bytes.subarray(12).join(".");
  const groups = Array.from(
    { length: 8 },
    (_, index) => (bytes[2 * index]! * 256 + bytes[2 * index + 1]!).toString(16),
  );
  return canonical(groups.join(":"));
}

/** An address in its shortest form, in lower case; IPv4 in IPv6 form as such. */
function canonical(address: string): string {
  if (isIPv4(address)) return address;
  const { hostname } = new URL(`http://[${address}]`);
  const short = hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(short)?.slice(1);
  if (mapped === undefined) return short;
  return mapped.map((group) => parseInt(group, 16))
    .flatMap((number) => [number >> 8, number & 255]).join(".");
}
