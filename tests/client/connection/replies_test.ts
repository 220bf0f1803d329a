// Replies that claim success without what was asked for, and a server that takes nothing more.
import { join } from "@std/path";
import { assert, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import {
  Client,
  ClientError,
  ExitCode,
  Interrupted,
  StreamSource,
  uploadFile,
  uploadFrom,
  uploadMany,
} from "../../../client/lib/mod.ts";
import { type Answer, FakeServer } from "../../support/client/client_fake_server.ts";

const ONE_MIB = 1024 * 1024;
/** How long a server may be silent. */
const SILENCE_MS = 60_000;

/** A fake server, and clients of it. */
class Peer implements Disposable {
  readonly #directory = Deno.makeTempDirSync({ prefix: "towpath-replies-" });
  readonly file = join(this.#directory, "file");

  private constructor(readonly server: FakeServer) {
    Deno.writeTextFileSync(join(this.#directory, "ca.pem"), server.ca);
  }

  static async start(answer: () => Answer[]): Promise<Peer> {
    return new Peer(await FakeServer.start(answer));
  }

  connect(signal?: AbortSignal): Promise<Client> {
    return Client.connect({
      server: `localhost:${this.server.port}`,
      caFile: join(this.#directory, "ca.pem"),
      credentials: { username: "u", password: "password" },
      retries: 0,
      timeoutMs: SILENCE_MS,
      ...(signal && { signal }),
    });
  }

  [Symbol.dispose](): void {
    this.server[Symbol.dispose]();
    Deno.removeSync(this.#directory, { recursive: true });
  }
}

Deno.test("a reply of success where it does not belong is a failure", async () => {
  let answer: Answer = { status: "OK" };
  using peer = await Peer.start(() => [answer]);
  Deno.writeTextFileSync(peer.file, "content");
  for (const status of ["OK", "AUTH_SUCCESS"] as const) {
    peer.server.login = undefined;
    const client = await peer.connect();
    answer = { status };
    const upload = await assertRejects(() => uploadFile(client, peer.file, "/a"), ClientError);
    assertNotEquals(upload.exitCode, ExitCode.ok);
    answer = { status: "AUTH_SUCCESS" };
    const asked = await assertRejects(() => client.request("MKD", {}, "Cannot make"), ClientError);
    assertNotEquals(asked.exitCode, ExitCode.ok);
    assertMatch(asked.message, /Cannot make: The server's reply does not belong here/);
    await client.close();
    peer.server.login = { status };
    const login = await assertRejects(() => peer.connect(), ClientError);
    assertNotEquals(login.exitCode, ExitCode.ok);
  }
});

Deno.test("a reply without what its command asked for is a failure", async () => {
  let data: Record<string, unknown> = {};
  using peer = await Peer.start(() => [{ status: "OK", data }]);
  const client = await peer.connect();
  const wrong: Record<string, Record<string, unknown>> = {
    HASH: { hash: "short" },
    LIST: { entries: null },
    PARTS: { parts: ["x"] },
    SHBY: { shares: {} },
    SIZE: { size: -1 },
    TOKEN: { token: null },
    USERS: { users: [null] },
    VERIFY: { files: 1, bytes: 1 },
    VERSIONS: { versions: "none" },
    VIEW: { content: 5 },
    WHO: { sessions: 0 },
    WHY: {},
  };
  for (const [command, members] of Object.entries(wrong)) {
    for (data of [{}, members]) {
      const error = await assertRejects(() => client.request(command, {}, "x"), ClientError);
      assertMatch(error.message, new RegExp(`reply to ${command} has no usable`));
      assertNotEquals(error.exitCode, ExitCode.ok);
    }
  }
  data = { groups: [], cursor: "a" };
  await client.request("GROUPS", {}, "x");
  await assertRejects(() => client.request("GROUPS", { cursor: "a" }, "x"), ClientError, "again");
  await client.close();
});

Deno.test("the signal ends uploads that a server takes nothing of, and stalled sources", async () => {
  const first: Answer = { status: "OK", code: 150, data: { ready: true, temp_id: "x", offset: 0 } };
  using peer = await Peer.start(() => [first]);
  peer.server.deaf = true;
  using file = Deno.openSync(peer.file, { write: true, create: true });
  file.truncateSync(64 * ONE_MIB);
  const small = `${peer.file}-small`;
  Deno.writeFileSync(small, new Uint8Array(ONE_MIB));
  const begun = Promise.withResolvers<void>();
  const stalled = new StreamSource({
    read() {
      begun.resolve();
      return new Promise(() => {});
    },
  });
  const many = Array.from({ length: 64 }, (_, i) => ({ path: small, remote: `/${i}` }));
  const stop = new AbortController();
  const clients: Client[] = [];
  const works = [
    (client: Client) => uploadFile(client, peer.file, "/a"),
    (client: Client) => uploadFrom(client, stalled, "/b"),
    (client: Client) => uploadMany(client, many, { parallel: 1 }, {}),
  ].map(async (work) => {
    const client = await peer.connect(stop.signal);
    clients.push(client);
    await assertRejects(() => work(client), Interrupted);
  });
  await begun.promise;
  const uploads = () => peer.server.requests.filter(({ command }) => command === "UPLOAD").length;
  while (uploads() < 3) await new Promise((resolve) => setTimeout(resolve, 10));
  const abortedMs = performance.now();
  stop.abort();
  await Promise.all(works);
  assert(performance.now() - abortedMs < SILENCE_MS); // else its silence alone ended them
  for (const client of clients) await client.close();
});
