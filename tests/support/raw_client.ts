/** A client of the native protocol that sends just what a test says: right or wrong. */
import { deadline } from "@std/async";
import { createHash } from "node:crypto";
import {
  ALPN,
  decodeJson,
  FrameKind,
  FrameReader,
  HEADER_BYTES,
  MAX_JSON_BYTES,
  putHeader,
  type Reply,
  writeAll,
} from "../../protocol/mod.ts";

/** SHA-256 of bytes in hex. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** A frame of any kind with any payload. */
export function frame(kind: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + payload.length);
  putHeader(bytes, 0, kind, payload.length);
  bytes.set(payload, HEADER_BYTES);
  return bytes;
}

/** A JSON frame. */
export function jsonFrame(value: unknown): Uint8Array {
  return frame(FrameKind.json, new TextEncoder().encode(JSON.stringify(value)));
}

/** A DATA frame. */
export function dataFrame(payload: Uint8Array | string): Uint8Array {
  const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
  return frame(FrameKind.data, bytes);
}

/** How long a test waits for a handshake or a reply before it fails. */
const MAX_WAIT_MS = 60_000;

/** Client of the native protocol. */
export class RawClient {
  readonly #reader: FrameReader;
  /** Interim PROGRESS replies seen; they are not returned by `reply()`. */
  readonly progress: Reply[] = [];
  /** How long a reply may take, in milliseconds. */
  maxWaitMs = MAX_WAIT_MS;
  /** Name of the last request, for errors. */
  #lastSent = "the connection";

  private constructor(readonly connection: Deno.TlsConn) {
    this.#reader = new FrameReader(connection, { jsonLimit: MAX_JSON_BYTES });
  }

  static async connect(
    server: { port: number; caText: string },
    hostname = "127.0.0.1",
  ): Promise<RawClient> {
    const socket = await Deno.connect({ hostname, port: server.port });
    socket.setNoDelay(true);
    const connection = await Deno.startTls(socket, {
      hostname,
      caCerts: [server.caText],
      alpnProtocols: [ALPN],
    });
    await deadline(connection.handshake(), MAX_WAIT_MS);
    return new RawClient(connection);
  }

  /** Connects and logs in. */
  static async login(
    server: { port: number; caText: string },
    username: string,
    password: string,
  ): Promise<RawClient> {
    const client = await RawClient.connect(server);
    const reply = await client.ask("AUTH", { username, password });
    if (reply.status !== "AUTH_SUCCESS") throw new Error(`login failed: ${JSON.stringify(reply)}`);
    return client;
  }

  /** Sends bytes as they are. */
  async raw(bytes: Uint8Array): Promise<void> {
    await writeAll(this.connection, bytes);
  }

  async send(command: string, data?: unknown, id?: unknown): Promise<void> {
    this.#lastSent = command;
    const request: Record<string, unknown> = { command };
    if (data !== undefined) request.data = data;
    if (id !== undefined) request.id = id;
    await this.raw(jsonFrame(request));
  }

  async data(payload: Uint8Array | string): Promise<void> {
    const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
    for (let at = 0; at < bytes.length; at += 256 * 1024) {
      await this.raw(dataFrame(bytes.subarray(at, at + 256 * 1024)));
    }
  }

  /** The next reply that is not PROGRESS; null at the end of the connection. */
  async reply(): Promise<Reply | null> {
    while (true) {
      const piece = await this.#within(this.#reader.next());
      if (piece === null) return null;
      if (piece.kind === "data") throw new Error("DATA came where a reply was expected");
      const reply = decodeJson(piece.bytes) as unknown as Reply;
      piece.release();
      if (reply.status !== "PROGRESS") return reply;
      this.progress.push(reply);
    }
  }

  /** Exactly so many bytes of DATA. */
  async content(length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length;) {
      const piece = await this.#within(this.#reader.next());
      if (piece?.kind !== "data") throw new Error("A reply came where DATA was expected");
      bytes.set(piece.bytes, at);
      at += piece.bytes.length;
      piece.release();
    }
    return bytes;
  }

  /** Hands DATA to `use` until a reply comes, and returns that. */
  async untilReply(use: (bytes: Uint8Array) => void): Promise<Reply> {
    while (true) {
      const piece = await this.#within(this.#reader.next());
      if (piece === null) {
        throw new Error("the connection ended where DATA or a reply was expected");
      }
      using _released = piece;
      if (piece.kind === "json") return decodeJson(piece.bytes) as unknown as Reply;
      use(piece.bytes);
    }
  }

  /** Sends a request and returns its first reply. */
  async ask(command: string, data?: unknown): Promise<Reply> {
    await this.send(command, data);
    const reply = await this.reply();
    if (reply === null) throw new Error(`the connection ended in place of a reply to ${command}`);
    return reply;
  }

  /** Uploads content whole; its final reply. */
  async upload(
    filename: string,
    content: Uint8Array | string,
    data: Record<string, unknown> = {},
  ): Promise<Reply> {
    const first = await this.ask("UPLOAD", { filename, ...data });
    if (first.code !== 150) return first;
    await this.data(content);
    await this.send("END", { file_hash: sha256(content) });
    return (await this.reply())!;
  }

  /** Downloads a file: its bytes and its final reply. */
  async download(
    filename: string,
    data: Record<string, unknown> = {},
  ): Promise<{ head: Reply; content: Uint8Array; final: Reply }> {
    const head = await this.ask("DOWNLOAD", { filename, ...data });
    if (head.code !== 150) return { head, content: new Uint8Array(), final: head };
    const content = await this.content(head.data.length as number);
    return { head, content, final: (await this.reply())! };
  }

  close(): void {
    try {
      this.connection.close();
    } catch {
      // closed already
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #within<T>(promise: Promise<T>): Promise<T> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      const error = new Error(`no reply to ${this.#lastSent} within ${this.maxWaitMs} ms`);
      timer = setTimeout(() => reject(error), this.maxWaitMs);
    });
    try {
      return await Promise.race([promise, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
