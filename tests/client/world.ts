/** A server, a user's directory and settings, for tests of the client. */
import { delay } from "@std/async";
import { join } from "@std/path";
import { createHash } from "node:crypto";
import {
  clientCommand,
  type ClientRun,
  type ClientRunOptions,
  runClient,
  startClient,
} from "../support/client/client.ts";
import { RawClient } from "../support/raw_client.ts";
import { startServer, type TestServer, type TestServerOptions } from "../support/server.ts";

type Doors = Pick<TestServerOptions, "web" | "ftp">;

/** Environment of a test of the client. */
export class World implements AsyncDisposable {
  /** The user's working directory. */
  readonly home = Deno.makeTempDirSync({ prefix: "towpath-client-" });

  /** Asks the server what it has, beside the commands that are tested. */
  #asking: RawClient | undefined;

  private constructor(readonly server: TestServer) {}

  /**
   * @param args further flags of the server
   * @param doors what it opens beside the native door
   */
  static async start(args: string[] = [], doors: Doors = {}): Promise<World> {
    return new World(await startServer({ args, ...doors }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#asking?.[Symbol.dispose]();
    await this.server[Symbol.asyncDispose]();
    Deno.removeSync(this.home, { recursive: true });
  }

  /** Settings of the user `admin`. */
  env(port = this.server.port): Record<string, string> {
    return {
      TOWPATH_SERVER: `localhost:${port}`,
      TOWPATH_USER: "admin",
      TOWPATH_PASSWORD: this.server.password,
      TOWPATH_CA: this.server.ca,
      XDG_CONFIG_HOME: join(this.home, ".config"),
      INIT_CWD: this.home,
    };
  }

  /** Runs a command as `admin`. */
  async run(args: string[], options: ClientRunOptions = {}): Promise<ClientRun> {
    return await runClient(args, { ...options, env: { ...this.env(), ...options.env } });
  }

  /** Begins a command as `admin`. */
  start(args: string[], env: Record<string, string> = {}): ReturnType<typeof startClient> {
    return startClient(args, { env: { ...this.env(), ...env } });
  }

  /** Begins a command with options of its own. */
  startWith(args: string[], options: ClientRunOptions): ReturnType<typeof startClient> {
    return startClient(args, options);
  }

  /** The arguments of Deno that run a command. */
  command(args: string[]): string[] {
    return clientCommand(args);
  }

  /** A path in the user's directory. */
  path(name: string): string {
    return join(this.home, name);
  }

  /** Writes a file in the user's directory. */
  write(name: string, content: string | Uint8Array): string {
    const path = this.path(name);
    Deno.mkdirSync(join(path, ".."), { recursive: true });
    if (typeof content === "string") Deno.writeTextFileSync(path, content);
    else Deno.writeFileSync(path, content);
    return path;
  }

  /** Temporary files of downloads in a directory of the user's; of one target where it is named. */
  parts(target = "", directory = "."): string[] {
    const prefix = target === "" ? "" : `.${target}.`;
    return [...Deno.readDirSync(this.path(directory))].map(({ name }) => name)
      .filter((name) => name.startsWith(prefix) && name.endsWith(".towpath-part"));
  }

  /** Bytes in the temporary files of a target. */
  partSize(target: string): number {
    return this.parts(target).reduce((sum, name) => sum + sizeOf(this.path(name)), 0);
  }

  /** Bytes of the unfinished uploads of `admin` that the server has taken. */
  async uploadedBytes(): Promise<number> {
    const parts = await this.#ask("PARTS", {}, "parts") as { offset: number }[];
    return parts.reduce((sum, { offset }) => sum + offset, 0);
  }

  /** Names in a directory of `admin`; none where it does not exist. */
  async names(path = "/"): Promise<string[]> {
    return await this.#ask("NLST", { path }, "names") as string[];
  }

  /** SHA-256 of each file in a directory of `admin` and below, by relative name and sorted by it. */
  async stored(path: string): Promise<Map<string, string>> {
    const listing = { path, recursive: true, limit: 10_000 };
    const entries = await this.#ask("LIST", listing, "entries") as {
      name: string;
      type: string;
      hash: string | null;
    }[];
    const hashes = new Map<string, string>();
    for (const { name, type, hash } of entries) {
      if (type === "directory") continue;
      const filename = `${path}/${name}`;
      hashes.set(name, hash ?? String((await this.#asking!.ask("HASH", { filename })).data.hash));
    }
    return hashes;
  }

  /** A list of a reply; an empty one where it is an error, or the server is not there. */
  async #ask(command: string, data: Record<string, unknown>, name: string): Promise<unknown[]> {
    const { port, caText, password } = this.server;
    try {
      this.#asking ??= await RawClient.login({ port, caText }, "admin", password);
      const { data: reply } = await this.#asking.ask(command, data);
      return (reply as Record<string, unknown[]>)[name] ?? [];
    } catch {
      this.#asking?.[Symbol.dispose]();
      this.#asking = undefined;
      return [];
    }
  }

  /** Reads a file in the user's directory. */
  read(name: string): string {
    return Deno.readTextFileSync(this.path(name));
  }

  /** Whether there is a file in the user's directory. */
  has(name: string): boolean {
    try {
      Deno.lstatSync(this.path(name));
      return true;
    } catch {
      return false;
    }
  }
}

/** Bytes of a file; 0 where there is none. */
function sizeOf(path: string): number {
  try {
    return Deno.lstatSync(path).size;
  } catch {
    return 0;
  }
}

/** Bytes that no compression and no chance makes equal to others. */
export function noise(size: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(size);
  const words = new Uint32Array(bytes.buffer, 0, size >> 2);
  let state = seed;
  for (let index = 0; index < words.length; index++) {
    state = Math.imul(state ^ state >>> 15, 0x2c1b3c6d) + 0x9e3779b9 | 0;
    words[index] = state;
  }
  return bytes;
}

/** SHA-256 in hex. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Waits until something is so. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!await condition()) {
    if (performance.now() > deadline) throw new Error(`Timed out waiting until ${what}`);
    await delay(10);
  }
}
