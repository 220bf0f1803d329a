/** One rate for an account, over connections, doors and workers; even where it is low. */
import { join } from "@std/path";
import { assert } from "@std/assert";
import { until } from "../../support/native.ts";
import { FtpClient } from "../../support/ftp_client.ts";
import { is } from "../../support/native.ts";
import { RawClient } from "../../support/raw_client.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { adminBeside } from "../../support/server_admin.ts";
import { diskTest } from "../../support/engine.ts";

const KIB = 1024;
/** More than any connection may send while a test looks. */
const ENDLESS = 8 * 1024 * KIB;

/** Bytes of each unfinished upload that are on the disk. */
function partSizes(server: TestServer): number[] {
  const directory = join(server.data, "users", "a", "admin", "parts");
  return [...Deno.readDirSync(directory)].filter(({ name }) => name.endsWith(".part"))
    .map(({ name }) => Deno.statSync(join(directory, name)).size);
}

/** Uploads that send as fast as the server takes, over every door; the end closes them. */
async function uploads(server: TestServer, each: number): Promise<AsyncDisposable> {
  const stack = new AsyncDisposableStack();
  const content = new Uint8Array(ENDLESS);
  const client = Deno.createHttpClient({ caCerts: [server.caText] });
  const controller = new AbortController();
  const web = `https://localhost:${server.info.web!.port}`;
  const authorization = `Basic ${btoa(`admin:${server.password}`)}`;
  stack.defer(() => client.close());
  const send = (method: string, path: string, headers: Record<string, string>) => {
    const { signal } = controller;
    const sending = fetch(new URL(path, web), {
      method,
      client,
      signal,
      body: content,
      headers: { authorization, ...headers },
    }).then((reply) => reply.body?.cancel(), () => {});
    stack.defer(async () => {
      controller.abort();
      await sending;
    });
  };
  for (let i = 0; i < each; i++) {
    const native = await RawClient.login(server, "admin", server.password);
    is(await native.ask("UPLOAD", { filename: `native${i}`, file_size: ENDLESS }), "OK", 150);
    const sending = native.data(content).catch(() => {});
    stack.defer(async () => {
      native.connection.close();
      await sending;
    });
    const target = { port: server.info.ftp!.port, caText: server.caText };
    const ftp = await FtpClient.login(target, "admin", server.password);
    const data = await ftp.begin(`STOR ftp${i}`);
    data.write(content).catch(() => {});
    stack.defer(() => {
      data.cut();
      ftp.close();
    });
    send("PUT", `/api/v1/files/put${i}`, {});
    const tus = { "tus-resumable": "1.0.0" };
    const made = await fetch(`${web}/tus/`, {
      method: "POST",
      client,
      headers: {
        authorization,
        ...tus,
        "upload-length": String(ENDLESS),
        "upload-metadata": `path ${btoa(`/tus${i}`)}`,
      },
    });
    await made.body?.cancel();
    const type = { "content-type": "application/offset+octet-stream", "upload-offset": "0" };
    send("PATCH", made.headers.get("location")!, { ...tus, ...type });
  }
  return stack;
}

/** Downloads over every door, read as fast as they come; the end closes them. */
async function downloads(server: TestServer): Promise<AsyncDisposable & { bytes(): number[] }> {
  const stack = new AsyncDisposableStack();
  const client = Deno.createHttpClient({ caCerts: [server.caText] });
  stack.defer(() => client.close());
  const bytes = [0, 0];
  const controller = new AbortController();
  const reading = (async () => {
    const reply = await fetch(`https://localhost:${server.info.web!.port}/api/v1/files/large`, {
      client,
      signal: controller.signal,
      headers: { authorization: `Basic ${btoa(`admin:${server.password}`)}` },
    });
    for await (const piece of reply.body!) bytes[0]! += piece.length;
  })().catch(() => {});
  stack.defer(async () => {
    controller.abort();
    await reading;
  });
  const native = await RawClient.login(server, "admin", server.password);
  is(await native.ask("DOWNLOAD", { filename: "large" }), "OK", 150);
  const receiving = native.untilReply((piece) => bytes[1]! += piece.length).catch(() => {});
  stack.defer(async () => {
    native.connection.close();
    await receiving;
  });
  const target = { port: server.info.ftp!.port, caText: server.caText };
  const ftp = await FtpClient.login(target, "admin", server.password);
  const data = await ftp.begin("RETR large");
  stack.defer(() => {
    data.cut();
    ftp.close();
  });
  return {
    bytes: () => [...bytes, data.received],
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0);
}

/** The shares of their rates that counts have taken, once each has grown by so much. */
async function sharesOf(
  counts: readonly (() => number)[],
  rates: readonly number[],
  seconds: number,
): Promise<{ shares: number[]; seconds: number }> {
  const before = counts.map((count) => count());
  const startMs = performance.now();
  const grown = () => counts.map((count, index) => count() - before[index]!);
  await until("all have gone on", () => {
    return grown().every((bytes, index) => bytes > seconds * rates[index]!);
  });
  const taken = grown();
  const tookSeconds = (performance.now() - startMs) / 1000;
  const shares = taken.map((bytes, index) => bytes / tookSeconds / rates[index]!);
  return { shares, seconds: tookSeconds };
}

// Two tests count the bytes of part files; tests/cluster/ has others of the rates of several nodes.
diskTest(
  "each way has its own rate over all doors and workers, and an account has its own",
  async () => {
    const rates = [64 * KIB, 256 * KIB];
    const args = ["--workers", "2", "--limit-rate-up", "64K", "--limit-rate-down", "256K"];
    await using server = await startServer({ web: true, ftp: true, args });
    const large = join(server.data, "users", "a", "admin", "files", "large");
    Deno.writeFileSync(large, new Uint8Array(ENDLESS * 4));
    await using _uploads = await uploads(server, 1);
    await using fetched = await downloads(server);
    const counts = [() => sumOf(partSizes(server)), () => sumOf(fetched.bytes())];
    await until("all go on", () => {
      const sizes = [...partSizes(server), ...fetched.bytes()];
      return sizes.length === 7 && sizes.every((size) => size > 0);
    });
    const holds = ({ shares, seconds }: { shares: number[]; seconds: number }) => {
      for (const share of shares) assert(share < 1.05 + 0.25 / seconds, `${shares} of the rates`);
    };
    // Both are reached at the same time: neither takes from the other.
    holds(await sharesOf(counts, rates, 2));
    await adminBeside(server, "user", "limit", "admin", "--rate-up", "32K", "--rate-down", "64K");
    // The workers follow within a second; what was granted before comes first.
    await until("the new rates hold", async () => {
      const { shares } = await sharesOf(counts, [32 * KIB, 64 * KIB], 1);
      return shares.every((share) => share < 1.3);
    });
    holds(await sharesOf(counts, [32 * KIB, 64 * KIB], 2));
    // An address has a rate beside those of its accounts: the lower one holds.
    await adminBeside(server, "limit", "any", "--rate-up", "16K", "--rate-down", "128K");
    await until("the address's rate holds", async () => {
      const { shares } = await sharesOf(counts, [16 * KIB, 64 * KIB], 1);
      return shares.every((share) => share < 1.3);
    });
    holds(await sharesOf(counts, [16 * KIB, 64 * KIB], 2));
  },
);

diskTest("a low rate lets every connection of every door go on, in two workers", async () => {
  const rate = 32 * KIB;
  const args = ["--workers", "2", "--limit-rate", "32K"];
  await using server = await startServer({ web: true, ftp: true, args });
  await using _uploads = await uploads(server, 2);
  let sizes: number[] = [];
  await until("all go on", () => {
    sizes = partSizes(server);
    return sizes.length === 8 && sizes.every((size) => size > 0);
  });
  const total = () => partSizes(server).reduce((sum, size) => sum + size, 0);
  // Taken a buffer at a time, the last one would begin once the others have theirs.
  assert(total() < 256 * KIB, `${sizes.join(" ")} bytes when the last one begins`);
  const [startMs, before] = [performance.now(), total()];
  await until("some seconds' worth", () => total() > before + 4 * rate);
  const seconds = (performance.now() - startMs) / 1000;
  const share = (total() - before) / seconds / rate;
  assert(share < 1.05 + 0.25 / seconds, `${share} of the rate`);
});

Deno.test("an upload that a rate holds back is reported, even with short pauses", async () => {
  await using server = await startServer({ args: ["--limit-rate", "32K"] });
  using client = await RawClient.login(server, "admin", server.password);
  const size = 128 * KIB;
  is(await client.ask("UPLOAD", { filename: "f", file_size: size }), "OK", 150);
  await client.data(new Uint8Array(size)); // 4 s, in pauses of 100 ms
  await client.send("END");
  is(await client.reply(), "OK", 226);
  assert(client.progress.length >= 5, `${client.progress.length} times`);
});
