/** A program that uses the HTTP API or tus, with credentials of its own and no cookies. */
import type { InProcess } from "./in_process.ts";
import { PASSWORD } from "./in_process.ts";
import { type WebBench, WebClient, type WebRequest } from "./web.ts";

/** A reply whose body was read. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The body as JSON. */
  // deno-lint-ignore no-explicit-any
  readonly json: any;
}

/** Client of the HTTP API. */
export class WebProgram {
  constructor(readonly client: WebClient, readonly authorization: string) {}

  /** By name and password. */
  static async login(bench: WebBench, username = "alice", password = PASSWORD) {
    return new WebProgram(await bench.browser(), basic(username, password));
  }

  /** Sends a request below `/api/v1`, or to any other address that begins with a slash. */
  async ask(path: string, request: WebRequest & { json?: unknown } = {}): Promise<Answer> {
    const { json, ...rest } = request;
    const address = /^\/(api|tus|metrics|healthz)/.test(path) ? path : `/api/v1${path}`;
    const reply = await this.client.fetch(address, {
      ...rest,
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      headers: {
        authorization: this.authorization,
        ...(json === undefined ? {} : { "content-type": "application/json" }),
        ...rest.headers,
      },
    });
    const bytes = new Uint8Array(await reply.arrayBuffer());
    const text = new TextDecoder().decode(bytes);
    const { status, headers } = reply;
    const isJson = /json/.test(headers.get("content-type") ?? "");
    return {
      status,
      headers,
      text,
      bytes,
      json: isJson && text !== "" ? JSON.parse(text) : undefined,
    };
  }
}

/** `Authorization` by name and password (RFC 7617). */
export function basic(username: string, password = PASSWORD): string {
  return `Basic ${new TextEncoder().encode(`${username}:${password}`).toBase64()}`;
}

/** `Authorization` by a new token of an account's. */
export async function tokenOf(
  server: InProcess,
  username = "alice",
  narrowed: { letters?: string; path?: string; ttlMs?: number } = {},
): Promise<string> {
  const { generation } = (await server.catalog.account(username))!;
  const view = server.vault.enter({
    account: username,
    generation,
    door: "native",
    sessionId: crypto.randomUUID(),
    address: "127.0.0.1",
  });
  return `Bearer ${(await view.tokens.make(narrowed)).secret}`;
}
