/** Requests to a web door byte by byte, as no client library would send them. */
import { assert } from "@std/assert";
import { Buffer } from "node:buffer";
import { PASSWORD } from "./in_process.ts";
import type { WebBench } from "./web.ts";

/** How long the door has to answer and to close, ms. */
const DEADLINE_MS = 20_000;

/** Result of a login as `alice`. */
export const ALICE = `Authorization: Basic ${btoa(`alice:${PASSWORD}`)}\r\n`;
/** The host that every request names. */
export const HOST = "Host: localhost\r\n";
/** A request that is answered with 200, after which the connection ends. */
export const LAST = `GET /sign-in HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`;

/** A web port, and the authority that its clients trust. */
interface WebPort {
  readonly server: { readonly caText: string };
  readonly web: { readonly port: number };
}

/** A connection to a web door. */
export class RawWeb implements Disposable {
  #closed = false;
  private constructor(private readonly connection: Deno.TlsConn) {}

  static async open({ server, web }: WebPort): Promise<RawWeb> {
    const where = { hostname: "localhost", port: web.port, caCerts: [server.caText] };
    return new RawWeb(await Deno.connectTls(where));
  }

  /** Sends characters as bytes. */
  async send(text: string): Promise<void> {
    const bytes = Buffer.from(text, "latin1");
    for (let at = 0; at < bytes.length;) at += await this.connection.write(bytes.subarray(at));
  }

  /** Reads until the door closes, or until what came matches. @returns it, a character for a byte */
  async read(until?: RegExp): Promise<string> {
    let text = "";
    const timer = setTimeout(() => this[Symbol.dispose](), DEADLINE_MS);
    try {
      const buffer = new Uint8Array(64 * 1024);
      while (until === undefined || !until.test(text)) {
        const count = await this.connection.read(buffer).catch(() => null);
        if (count === null) break;
        text += Buffer.from(buffer.subarray(0, count)).toString("latin1");
      }
    } finally {
      clearTimeout(timer);
    }
    assert(!this.#closed, `The door did not close in time; it said: ${text}`);
    return text;
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    this.connection.close();
  }
}

/** Sends all of it, and reads until the door closes. */
export async function rawExchange(bench: WebBench, text: string): Promise<string> {
  using connection = await RawWeb.open(bench);
  await connection.send(text).catch(() => {}); // it may be cut while we send
  return await connection.read();
}

/** Statuses of the responses in what a door sent. */
export function statusesIn(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));
}
