/** The server that is fuzzed, what a control client knows of it, and what no reply may contain. */
import { assertEquals, assertStrictEquals } from "@std/assert";
import { RawClient } from "../support/raw_client.ts";
import type { TestServer } from "../support/server.ts";

/** The account that all cases act for; it administers nothing. */
export const USER = "fuzzer";
/** Its password. */
export const PASSWORD = "correct horse battery";
const CONTENT = "what the control client stored\n".repeat(100);

/** Words of the inside: paths of the host, stack traces, the engine, the database. */
const INTERNAL = [
  /\bat (async )?\S+ \(?file:/,
  /file:\/\/\//,
  /\b(Type|Range|Reference|Syntax|Assertion)Error\b/,
  /\bundefined\b|\[object Object\]|\bNaN\b/,
  /\b(SQLITE|sqlite_|ENOENT|EACCES|EINVAL|os error)/,
  /node_modules|\bnpm:/,
];

/** A fault that the fuzzer found. */
export class Fault extends Error {
  override readonly name = "Fault";
}

/** One case: its number, from which its random choices follow, and what it sent. */
export class Case {
  readonly sent: string[] = [];

  constructor(readonly number: number) {}

  /** Notes what is sent, so that a fault can name it. */
  note(bytes: Uint8Array | string): void {
    const text = typeof bytes === "string" ? bytes : new TextDecoder("latin1").decode(bytes);
    const shown = text.length > 400 ? `${text.slice(0, 400)}… (${text.length})` : text;
    this.sent.push(JSON.stringify(shown));
    if (this.sent.length > 40) this.sent.shift();
  }
}

/** Server under test, with a client that watches it. */
export class World {
  #control: RawClient | undefined;
  readonly #pid: number;

  private constructor(
    readonly server: TestServer,
    readonly token: string,
    readonly tokenId: string,
  ) {
    this.#pid = server.pid;
  }

  static async open(server: TestServer): Promise<World> {
    using admin = await RawClient.login(server, "admin", server.password);
    await admin.ask("ADDU", { username: USER, password: PASSWORD, permissions: "rwcd" });
    using user = await RawClient.login(server, USER, PASSWORD);
    const { data } = await user.ask("TOKEN", { label: "fuzz" });
    const world = new World(server, String(data.token), String(data.token_id));
    await world.check();
    return world;
  }

  /** @throws {Fault} where a reply tells something of the inside */
  clean(reply: string): void {
    const { data } = this.server;
    if (reply.includes(data)) throw new Fault(`A reply names the data directory: ${reply}`);
    const found = INTERNAL.find((pattern) => pattern.test(reply));
    if (found !== undefined) throw new Fault(`A reply matches ${found}: ${reply.slice(0, 2000)}`);
  }

  /** The server is the same, its other clients are answered right, and its health is good. */
  async check(): Promise<void> {
    assertStrictEquals(this.server.info.pid, this.#pid);
    if (this.#control === undefined) {
      this.#control = await RawClient.login(this.server, "admin", this.server.password);
      const { status } = await this.#control.upload("/control", CONTENT, {
        if_exists: "overwrite",
      });
      assertEquals(status, "OK");
    }
    const control = this.#control;
    assertEquals(await control.ask("NOOP"), { status: "OK", code: 200, data: {} });
    const { data } = await control.ask("VERIFY", { path: "/control" });
    assertEquals([data.files, data.damaged], [1, []]);
    const { content, final } = await control.download("/control");
    assertEquals(final.status, "OK");
    assertStrictEquals(new TextDecoder().decode(content), CONTENT);
    const health = await this.#health();
    if (!health.startsWith("ok")) throw new Fault(`/healthz says ${health}`);
  }

  /**
   * Removes what cases have left: a listing of all of it would take longer and longer. Other cases
   * run meanwhile, so a removal may fail.
   */
  async empty(): Promise<void> {
    using client = await RawClient.login(this.server, USER, PASSWORD);
    for (const { name, type } of await listOf(client, "LIST", "entries")) {
      if (String(name).startsWith("names-")) continue; // its case removes it
      const path = `/${name}`;
      if (type === "file") await client.ask("DELE", { filename: path });
      else await client.ask("RMD", { path, recursive: true });
    }
    for (const { temp_id } of await listOf(client, "PARTS", "parts")) {
      await client.ask("ABOR", { temp_id, discard: true });
    }
    for (const { token_id } of await listOf(client, "TOKENS", "tokens")) {
      if (token_id !== this.tokenId) await client.ask("REVOKE", { token_id });
    }
  }

  async #health(): Promise<string> {
    using client = Deno.createHttpClient({ caCerts: [this.server.caText] });
    const { port } = this.server.info.web!;
    const reply = await fetch(`https://localhost:${port}/healthz`, { client });
    return (await reply.text()).trim();
  }

  /** Resident memory of the server, MiB. */
  residentMib(): number {
    // No permission but --allow-all opens /proc.
    const { stdout } = new Deno.Command("ps", {
      args: ["-o", "rss=", "-p", String(this.#pid)],
    }).outputSync();
    const kib = Number(new TextDecoder().decode(stdout));
    if (!(kib > 0)) throw new Error("Cannot read the server's memory: ps does not list it");
    return kib / 1024;
  }

  close(): void {
    this.#control?.close();
  }
}

/** Items of the first page that a command lists. */
async function listOf(
  client: RawClient,
  command: string,
  member: string,
): Promise<Record<string, unknown>[]> {
  const { status, data } = await client.ask(command);
  if (status !== "OK") throw new Fault(`${command} of what cases left: ${JSON.stringify(data)}`);
  return data[member] as Record<string, unknown>[];
}

/** Resolves to a promise's value, or to "late" after `ms` ms. */
export async function within<T>(ms: number, promise: Promise<T>): Promise<T | "late"> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<"late">((resolve) => timer = setTimeout(() => resolve("late"), ms));
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
