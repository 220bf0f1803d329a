/** Silent connections to a server with few descriptors cut no session and stop no login. */
import { delay } from "@std/async";
import { assert, assertEquals, assertNotMatch } from "@std/assert";
import { FtpClient } from "../../support/ftp_client.ts";
import { KIB, randomBytes } from "../../support/native.ts";
import { RawClient, sha256 } from "../../support/raw_client.ts";
import { startServer, type TestServer } from "../../support/server.ts";

/** The usual limit of a process. */
const MAX_DESCRIPTORS = 1024;
const FLOOD = 1100;
/** How long a new client may take to be in, retries included, however busy the machine is, ms. */
const LOGIN_MS = 30_000;

/** Bytes that each connection of a flood sends, and no more. */
const BEGINNINGS: Record<string, Uint8Array> = {
  "nothing": new Uint8Array(0),
  "half a hello": Uint8Array.of(22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3),
};

/** An upload that goes on through everything that happens. */
class LongUpload {
  readonly #client: RawClient;
  readonly #hash: Uint8Array[] = [];
  #stop = false;
  #sending: Promise<void> = Promise.resolve();
  sent = 0;

  private constructor(client: RawClient) {
    this.#client = client;
  }

  static async begin(client: RawClient): Promise<LongUpload> {
    assertEquals((await client.ask("UPLOAD", { filename: "long" })).code, 150);
    const upload = new LongUpload(client);
    upload.#sending = upload.#send();
    upload.#sending.catch(() => {}); // seen in end()
    return upload;
  }

  async #send(): Promise<void> {
    while (!this.#stop) {
      const piece = randomBytes(4 * KIB);
      await this.#client.data(piece);
      this.#hash.push(piece);
      this.sent++;
      await delay(20);
    }
  }

  /** Ends it; fails where its connection was cut, or it is not stored as it was sent. */
  async end(): Promise<void> {
    this.#stop = true;
    await this.#sending;
    const content = new Uint8Array(await new Blob(this.#hash as BlobPart[]).arrayBuffer());
    await this.#client.send("END", { file_hash: sha256(content) });
    assertEquals((await this.#client.reply())?.code, 226);
    assertEquals((await this.#client.ask("DOWNLOAD", { filename: "long" })).code, 150);
    assertEquals(sha256(await this.#client.content(content.length)), sha256(content));
  }
}

/** Tries again and again, as clients do, until it succeeds. */
async function within(ms: number, what: string, attempt: () => Promise<void>): Promise<void> {
  const deadline = performance.now() + ms;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > deadline) throw new Error(`No ${what} in ${ms} ms`, { cause: error });
      await delay(200);
    }
  }
}

/** A new client at every port. */
async function everyLogin(server: TestServer): Promise<void> {
  const { web, ftp } = server.info;
  await within(LOGIN_MS, "native login", async () => {
    (await RawClient.login(server, "admin", server.password)).connection.close();
  });
  await within(LOGIN_MS, "FTP login", async () => {
    const target = { port: ftp!.port, caText: server.caText };
    using client = await FtpClient.login(target, "admin", server.password);
    assertEquals((await client.store("STOR small", "content")).code, 226);
  });
  using http = Deno.createHttpClient({ caCerts: [server.caText] });
  const headers = { authorization: `Basic ${btoa(`admin:${server.password}`)}` };
  await within(LOGIN_MS, "answer of the web port", async () => {
    const url = `https://localhost:${web!.port}/api/v1/account`;
    const response = await fetch(url, { client: http, headers });
    await response.body?.cancel();
    assertEquals(response.status, 200);
  });
}

async function flood(port: number, beginning: Uint8Array): Promise<Deno.Conn[]> {
  const open: Deno.Conn[] = [];
  for (let count = 0; count < FLOOD; count++) {
    try {
      const connection = await Deno.connect({ hostname: "127.0.0.1", port });
      open.push(connection);
      if (beginning.length > 0) connection.write(beginning).catch(() => {});
    } catch {
      // refused: the flood goes on
    }
  }
  return open;
}

Deno.test("1,100 silent connections cut no session and stop no login, at any port", async () => {
  await using server = await startServer({
    web: true,
    ftp: true,
    maxDescriptors: MAX_DESCRIPTORS,
    args: ["--durability", "relaxed"],
  });
  const { native, web, ftp, ftps } = server.info;
  const first = await RawClient.login(server, "admin", server.password);
  const upload = await LongUpload.begin(first);
  const all: Deno.Conn[] = [];
  try {
    for (const [name, beginning] of Object.entries(BEGINNINGS)) {
      for (const place of [native, web, ftp, ftps]) {
        const flooded = await flood(place!.port, beginning);
        all.push(...flooded);
        const before = upload.sent;
        await everyLogin(server);
        assert(upload.sent > before, `${name} at ${place!.port}: the upload goes on`);
        // Those of the native port, the first ones, stay to the end.
        if (place !== native || beginning.length > 0) { for (const one of flooded) one.close(); }
      }
    }
    await upload.end();
  } finally {
    for (const connection of all) {
      try {
        connection.close();
      } catch {
        // it is closed
      }
    }
    first.connection.close();
  }
  assertNotMatch(server.stderr, /Worker \d+ failed/);
});
