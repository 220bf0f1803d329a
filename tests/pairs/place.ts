/** A server with all doors, and the connections that uploads are begun and continued over. */
import { assert, assertEquals } from "@std/assert";
import { FtpClient } from "../support/ftp_client.ts";
import { RawClient } from "../support/raw_client.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { WebClient } from "../support/web.ts";
import { type Answer, WebProgram } from "../support/web_program.ts";

/** An unfinished upload as the API lists it. */
export interface Unfinished {
  id: string;
  path: string;
  offset: number;
  size: number | null;
  active: boolean;
}

/** Server and connections of one cell. */
export class Place implements AsyncDisposable {
  ftp!: FtpClient;
  native!: RawClient;
  /** The HTTP API and tus, with a password. */
  program!: WebProgram;
  /** The page's session: a cookie and a token against cross-site requests. */
  browser!: WebClient;

  private constructor(readonly server: TestServer, readonly user: string) {}

  /** @param args further flags of the server */
  static async start(args: string[] = []): Promise<Place> {
    const server = await startServer({ ftp: true, web: true, args });
    const place = new Place(server, "admin");
    try {
      await place.#connect();
      return place;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The same server as another account, which is made with the password of the first. */
  async as(user: string): Promise<Place> {
    const reply = await this.native.ask("ADDU", { username: user, password: this.password });
    assertEquals(reply.status, "OK", JSON.stringify(reply));
    const place = new Place(this.server, user);
    await place.#connect();
    return place;
  }

  get password(): string {
    return this.server.password;
  }
  /** `Authorization` of HTTP. */
  get authorization(): string {
    return `Basic ${new TextEncoder().encode(`${this.user}:${this.password}`).toBase64()}`;
  }

  async #connect(): Promise<void> {
    const { server, user, password } = this;
    this.ftp = await this.ftpLogin();
    this.native = await RawClient.login(server, user, password);
    this.program = new WebProgram(this.#web(), this.authorization);
    this.browser = this.#web();
    await this.browser.signIn(user, password);
  }

  #web(): WebClient {
    return new WebClient(this.server.info.web!.port, this.server.caText);
  }

  /** A further FTP connection, logged in. */
  ftpLogin(): Promise<FtpClient> {
    const target = { port: this.server.info.ftp!.port, caText: this.server.caText };
    return FtpClient.login(target, this.user, this.password);
  }

  disconnect(): void {
    this.ftp.close();
    this.native.close();
    this.program.client.close();
    this.browser.close();
  }

  /** Kills the server, and starts it again on the same data. */
  async crash(): Promise<void> {
    await this.server.kill9();
    this.disconnect();
    await this.server.start();
    await this.#connect();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.disconnect();
    await this.server[Symbol.asyncDispose]();
  }

  /** A request to the API as a program sends it. */
  async put(path: string, body: Uint8Array, headers: Record<string, string> = {}): Promise<Answer> {
    const request = { method: "PUT", body: body as Uint8Array<ArrayBuffer>, headers };
    return await this.program.ask(`/files${path}`, request);
  }

  /** The content at a path; null where there is none. */
  async content(path: string): Promise<Uint8Array | null> {
    const { status, bytes, text } = await this.program.ask(`/files${path}`);
    assert(status === 200 || status === 404, text);
    return status === 200 ? bytes : null;
  }

  /** The account's unfinished uploads, latest first; of one path where it is given. */
  async unfinished(path?: string): Promise<Unfinished[]> {
    const all: Unfinished[] = (await this.program.ask("/uploads")).json.uploads;
    return path === undefined ? all : all.filter((one) => one.path === path);
  }

  /** A raw TLS connection to the web door. */
  async rawWeb(): Promise<Deno.TlsConn> {
    const { port } = this.server.info.web!;
    const caCerts = [this.server.caText];
    return await Deno.connectTls({ hostname: "localhost", port, caCerts });
  }
}
