/** A client of FTP that sends just what a test says: right or wrong. */
import { Buffer } from "node:buffer";
import net from "node:net";
import tls from "node:tls";

/** How long a test waits for the server before it fails. */
const PATIENCE_MS = 20_000;

/** A reply: its code, and all its lines. */
export interface FtpReply {
  code: number;
  text: string;
}

/** How a client connects. */
export interface FtpTarget {
  port: number;
  caText: string;
  host?: string;
}

/** Client of FTP. */
export class FtpClient {
  /** Where data connections are opened from; another address than the control connection's. */
  dataFrom: string | undefined;
  /** Whether data connections are within TLS. */
  protectedData = true;
  #socket: net.Socket;
  #received = "";
  #ended = false;
  #wake = Promise.withResolvers<void>();

  private constructor(readonly raw: net.Socket, readonly target: FtpTarget) {
    this.#socket = raw;
    this.#listen();
  }

  get host(): string {
    return this.target.host ?? "127.0.0.1";
  }

  /** Connects; within TLS where it is implicit. The greeting is not read. */
  static async connect(target: FtpTarget, implicit = false): Promise<FtpClient> {
    const client = new FtpClient(await connect(target.host ?? "127.0.0.1", target.port), target);
    if (implicit) await client.startTls();
    return client;
  }

  /** Connects, begins TLS, logs in; data goes over TLS, as it is. */
  static async login(
    target: FtpTarget,
    user = "alice",
    password = "correct horse",
    implicit = false,
  ): Promise<FtpClient> {
    const client = await FtpClient.connect(target, implicit);
    await client.reply(220);
    if (!implicit) {
      await client.ask("AUTH TLS", 234);
      await client.startTls();
    }
    await client.ask(`USER ${user}`, 331);
    await client.ask(`PASS ${password}`, 230);
    await client.ask("PBSZ 0", 200);
    await client.ask("PROT P", 200);
    await client.ask("TYPE I", 200);
    return client;
  }

  async startTls(): Promise<void> {
    this.raw.removeAllListeners();
    this.#socket = await secure(this.raw, this.target.caText);
    this.#listen();
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on("data", (bytes: Buffer) => {
      this.#received += bytes.toString("utf8");
      this.#notify();
    });
    const end = () => {
      this.#ended = true;
      this.#notify();
    };
    socket.on("end", end).on("close", end).on("error", end);
  }

  #notify(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }

  /** Sends bytes or text as they are. */
  write(bytes: Uint8Array | string): void {
    this.#socket.write(typeof bytes === "string" ? bytes : Buffer.from(bytes));
  }

  send(line: string): void {
    this.write(`${line}\r\n`);
  }

  /** The next reply; fails where its code is not the one expected. */
  async reply(expected?: number): Promise<FtpReply> {
    const found = await this.replyOrEnd();
    if (found === null) throw new Error("The connection ended in place of a reply");
    if (expected !== undefined && found.code !== expected) {
      throw new Error(`Expected ${expected}: ${found.text}`);
    }
    return found;
  }

  /** The next reply; null where the connection ended. */
  async replyOrEnd(): Promise<FtpReply | null> {
    const deadline = performance.now() + PATIENCE_MS;
    while (true) {
      const match = /^(\d{3})(?: [^\n]*\r\n|-[^]*?\r\n\1 [^\n]*\r\n)/.exec(this.#received);
      if (match !== null) {
        this.#received = this.#received.slice(match[0].length);
        return { code: Number(match[1]), text: match[0].trimEnd() };
      }
      if (this.#ended) return null;
      await within(this.#wake.promise, deadline - performance.now(), "no reply");
    }
  }

  /** Sends a command; its first reply. */
  ask(line: string, expected?: number): Promise<FtpReply> {
    this.send(line);
    return this.reply(expected).catch((error) => {
      throw new Error(`${line}: ${error.message}`);
    });
  }

  /** Makes the server wait for a data connection. @returns the port */
  async passive(): Promise<number> {
    const { text } = await this.ask("EPSV", 229);
    return Number(/\(\|\|\|(\d+)\|\)/.exec(text)![1]);
  }

  /** Opens a data connection; its TLS handshake follows with `DataConnection.secure`. */
  async open(port: number): Promise<DataConnection> {
    const socket = await connect(this.host, port, this.dataFrom);
    return new DataConnection(socket, this.target.caText);
  }

  /** Begins a transfer: the data connection, open and secured, once the 150 has come. */
  async begin(command: string): Promise<DataConnection> {
    const data = await this.open(await this.passive());
    try {
      await this.ask(command, 150);
      if (this.protectedData) await data.secure();
    } catch (error) {
      data.cut();
      throw error;
    }
    return data;
  }

  /** Uploads; the final reply. */
  async store(command: string, content: Uint8Array | string): Promise<FtpReply> {
    const data = await this.begin(command);
    await data.write(content);
    await data.end();
    return await this.reply();
  }

  /** Downloads or lists. */
  async retrieve(command: string): Promise<{ content: Buffer; final: FtpReply }> {
    const data = await this.begin(command);
    const content = await data.readAll();
    return { content, final: await this.reply() };
  }

  /** As `retrieve`, in lines. */
  async lines(command: string): Promise<string[]> {
    const { content, final } = await this.retrieve(command);
    if (final.code !== 226) throw new Error(final.text);
    return content.toString().split("\r\n").slice(0, -1);
  }

  close(): void {
    this.#socket.destroy();
    this.raw.destroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** A data connection of the client's. */
export class DataConnection {
  #socket: net.Socket;
  #ended = Promise.withResolvers<void>();
  readonly #pieces: Buffer[] = [];
  /** Bytes that have come so far. */
  received = 0;

  /** Resolves when the server has closed it. */
  readonly closed: Promise<void>;

  constructor(readonly raw: net.Socket, readonly caText: string) {
    this.#socket = raw;
    this.closed = new Promise((resolve) => raw.once("close", () => resolve()));
    raw.on("error", () => {}); // reset: closed as well
  }

  /**
   * Shakes hands. What comes is taken from the beginning: where `node:tls` of Deno 2.9 has all bytes
   * and the end before a listener is attached, it never emits the end.
   */
  async secure(): Promise<void> {
    await secure(this.raw, this.caText, (socket) => {
      this.#socket = socket;
      this.#listen();
    });
  }

  /** For connections in plain text. */
  plain(): void {
    this.#listen();
  }

  #listen(): void {
    this.#socket.on("data", (bytes: Buffer) => {
      this.#pieces.push(bytes);
      this.received += bytes.length;
    });
    for (const event of ["end", "close", "error"]) {
      this.#socket.on(event, () => this.#ended.resolve());
    }
  }

  write(content: Uint8Array | string): Promise<void> {
    const bytes = Buffer.from(content as Uint8Array);
    if (bytes.length === 0) return Promise.resolve(); // an empty write keeps close_notify back
    return within(
      new Promise((resolve) => this.#socket.write(bytes, () => resolve())),
      PATIENCE_MS,
      "the server takes nothing",
    );
  }

  /** Announces the end (close_notify) and closes. */
  async end(): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.end(() => resolve()));
    await within(this.#ended.promise, PATIENCE_MS, "the server did not end");
    this.raw.destroy();
  }

  /** Announces the end, and waits for nothing, as a client does that gives up. */
  async leave(): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.end(() => resolve()));
  }

  /** Closes without announcing it, as the end of a process does. */
  cut(): void {
    this.raw.destroy();
    this.#socket.destroy();
  }

  async readAll(): Promise<Buffer> {
    await within(this.#ended.promise, PATIENCE_MS, "the data did not end");
    this.cut();
    return Buffer.concat(this.#pieces);
  }
}

async function connect(host: string, port: number, localAddress?: string): Promise<net.Socket> {
  const socket = net.connect({ host, port, ...(localAddress ? { localAddress } : {}) });
  socket.setNoDelay(true);
  await new Promise((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  return socket;
}

async function secure(
  socket: net.Socket,
  caText: string,
  listen: (secured: tls.TLSSocket) => void = () => {},
): Promise<tls.TLSSocket> {
  const secured = tls.connect({ socket, ca: caText, servername: "localhost" });
  listen(secured);
  await within(
    new Promise((resolve, reject) => {
      secured.once("secureConnect", resolve);
      secured.once("error", reject);
      secured.once("close", () => reject(new Error("closed in the TLS handshake")));
    }),
    PATIENCE_MS,
    "no TLS handshake",
  );
  return secured;
}

async function within<T>(promise: Promise<T>, ms: number, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} in time`)), Math.max(1, ms));
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
