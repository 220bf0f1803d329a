/** A server that says what a test wants, true or not. */
import {
  decodeJson,
  FrameReader,
  FrameWriter,
  HEADER_BYTES,
  type Status,
} from "../../../protocol/mod.ts";
import { makeAuthority, makeLeaf } from "../../../server/certificates/make_certificates.ts";

/** Answers to a request, in order: replies and file data. */
export type Answer =
  | { status: Status; code?: number; data?: Record<string, unknown> }
  | { bytes: Uint8Array };

/** A request as it came. */
export interface FakeRequest {
  command: string;
  data: Record<string, unknown>;
  /** Interval of reports that it asks for. */
  progress: number | undefined;
}

const LOGIN = { username: "u", permissions: "rwcd", role: "user" };
const authority = await makeAuthority();
const leaves = new Map<string, Awaited<ReturnType<typeof makeLeaf>>>();

/** A fake server; any login is welcome. */
export class FakeServer implements Disposable {
  readonly requests: FakeRequest[] = [];
  /** Commands that are never answered. */
  readonly silent = new Set<string>();
  /** What a login is answered with; undefined: it is welcome. */
  login: Answer | undefined;
  /** Whether it reads nothing more from a connection once it has answered a request there. */
  deaf = false;
  /** Whether it says at the login that it reports progress. */
  reportsProgress = false;
  readonly #ended = Promise.withResolvers<void>();
  readonly #listener: Deno.TlsListener;
  readonly #answer: (request: FakeRequest) => Answer[] | undefined;

  private constructor(
    listener: Deno.TlsListener,
    answer: (request: FakeRequest) => Answer[] | undefined,
  ) {
    this.#listener = listener;
    this.#answer = answer;
    this.#accept();
  }

  /**
   * @param answer what each request is answered with; undefined cuts the connection
   * @param name that the certificate is for
   */
  static async start(
    answer: (request: FakeRequest) => Answer[] | undefined,
    name = "localhost",
  ): Promise<FakeServer> {
    const leaf = leaves.get(name) ?? await makeLeaf(authority, [name]);
    leaves.set(name, leaf);
    const { cert, key } = leaf;
    return new FakeServer(Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert, key }), answer);
  }

  /** The authority in PEM. */
  get ca(): string {
    return authority.cert;
  }

  get port(): number {
    return (this.#listener.addr as Deno.NetAddr).port;
  }

  [Symbol.dispose](): void {
    this.#ended.resolve();
    this.#listener.close();
  }

  async #accept(): Promise<void> {
    for (;;) {
      try {
        this.#serve(await this.#listener.accept()).catch(() => {});
      } catch (error) {
        if (error instanceof Deno.errors.BadResource) return;
      }
    }
  }

  async #serve(connection: Deno.TlsConn): Promise<void> {
    using _closed = { [Symbol.dispose]: () => connection.close() };
    const reader = new FrameReader(connection, { jsonLimit: 1 << 20 });
    const writer = new FrameWriter(connection);
    for (;;) {
      const piece = await reader.next();
      if (piece === null) return;
      using _released = piece;
      if (piece.kind === "data") continue;
      const message = decodeJson(piece.bytes) as {
        command: string;
        data?: object;
        id?: number;
        progress?: number;
      };
      const { command, progress } = message;
      const request = { command, data: { ...message.data }, progress };
      this.requests.push(request);
      if (this.silent.has(request.command)) continue;
      const answers: Answer[] | undefined = request.command === "AUTH"
        ? [
          this.login ??
            { status: "AUTH_SUCCESS", data: { ...LOGIN, progress: this.reportsProgress } },
        ]
        : request.command === "QUIT"
        ? [{ status: "OK" }]
        : this.#answer(request);
      if (answers === undefined) return;
      for (const answer of answers) {
        if ("bytes" in answer) {
          const frame = new Uint8Array(HEADER_BYTES + answer.bytes.length);
          frame.set(answer.bytes, HEADER_BYTES);
          await writer.data(frame);
        } else {
          const { status, code = status === "OK" ? 200 : 550, data = {} } = answer;
          writer.json({ status, code, data, id: message.id });
        }
      }
      await writer.flush();
      if (this.deaf && request.command !== "AUTH") await this.#ended.promise;
    }
  }
}
