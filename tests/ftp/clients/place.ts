/** A server with FTP doors, and a user's home for the clients that talk to it. */
import { delay } from "@std/async";
import { join } from "@std/path";
import { assertEquals, assertStrictEquals } from "@std/assert";
import { ON_DISK } from "../../support/engine.ts";
import { safeUploads, storedAt } from "../../support/kept.ts";
import { RawClient } from "../../support/raw_client.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { type Ran, run, type RunOptions, start } from "./programs.ts";
import { MIB } from "./samples.ts";

/** Which door: TLS from the first byte on, or after `AUTH TLS`. */
export type Mode = "explicit" | "implicit";
export const MODES: readonly Mode[] = ["explicit", "implicit"];

/** A line of the audit log. */
export interface Audited {
  action: string;
  result: string;
  door: string;
  paths?: string[];
}

/** Actions of the audit log that move content. */
const TRANSFERS = ["upload", "append", "resume", "download"];
/** How long a condition is waited for. */
const PATIENCE_MS = 30_000;

/** Server and directories for one test of a client. */
export class Place implements AsyncDisposable {
  /** The user's home, and where commands run. */
  readonly home = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "towpath-ftp-" }));
  readonly user = "admin";
  #marks = 0;

  private constructor(readonly server: TestServer) {}

  /** @param args further flags of the server */
  static async start(args: string[] = []): Promise<Place> {
    const server = await startServer({
      ftp: true,
      args,
      env: { TOWPATH_ADMIN_PASSWORD: "correct-horse-battery" },
    });
    return new Place(server);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    Deno.removeSync(this.home, { recursive: true });
  }

  get password(): string {
    return this.server.password;
  }

  port(mode: Mode): number {
    const { ftp, ftps } = this.server.info;
    return (mode === "explicit" ? ftp : ftps)!.port;
  }

  /** `ftp://` or `ftps://`, which most clients understand as explicit and implicit TLS. */
  url(mode: Mode, host = "127.0.0.1"): string {
    return `${mode === "explicit" ? "ftp" : "ftps"}://${host}:${this.port(mode)}`;
  }

  /** Where a file of the account lies on the server's disk, or a copy of it. */
  stored(path: string): Promise<string> {
    return storedAt(this.server, this.user, path);
  }

  /** Whether the account has a file or directory of that name. */
  async has(path: string): Promise<boolean> {
    return exists(await this.stored(path));
  }

  /** Bytes of the unfinished uploads together: on the server's disk, or safe ones. */
  async #partBytes(): Promise<number> {
    if (!ON_DISK) {
      const uploads = await safeUploads(this.server, this.user);
      return uploads.reduce((sum, { offset }) => sum + offset, 0);
    }
    const directory = join(this.server.data, "users/a/admin/parts");
    if (!exists(directory)) return 0;
    let bytes = 0;
    for (const { name } of Deno.readDirSync(directory)) {
      if (name.endsWith(".part")) bytes += sizeOf(join(directory, name));
    }
    return bytes;
  }

  /** A path in the user's home. */
  path(name: string): string {
    return join(this.home, name);
  }

  /** Writes a file in the user's home; its path. */
  write(name: string, content: Uint8Array): string {
    Deno.mkdirSync(join(this.path(name), ".."), { recursive: true });
    Deno.writeFileSync(this.path(name), content);
    return this.path(name);
  }

  #environment(env: Record<string, string> = {}): Record<string, string> {
    const config = { XDG_CONFIG_HOME: this.home, RCLONE_CONFIG: this.path("rclone.conf") };
    return { HOME: this.home, SSL_CERT_FILE: this.server.ca, ...config, ...env };
  }

  /** Runs a command in the user's home to its end. */
  run(command: string[], options: RunOptions = {}): Promise<Ran> {
    return run(command, { cwd: this.home, ...options, env: this.#environment(options.env) });
  }

  /** Runs a command that must succeed; all that it printed. */
  async ok(command: string[], options: RunOptions = {}): Promise<string> {
    const { code, out, err } = await this.run(command, options);
    assertEquals(code, 0, `${command.join(" ")}\n${out}\n${err}`);
    return `${out}\n${err}`;
  }

  /**
   * Starts a command that uploads to a path, slowly, and kills it (-9) half-way. It resolves when
   * what came is kept; nothing of that name is visible then, unless it was there before.
   *
   * @param over whether a file has the name
   */
  async killUploading(path: string, command: string[], over = false): Promise<void> {
    const child = start(command, { cwd: this.home, env: this.#environment() });
    const output = child.output();
    await this.uploading(MIB / 4);
    child.kill("SIGKILL");
    await output;
    await this.kept(path, over);
  }

  /** Resolves once unfinished uploads have so many bytes at the server. */
  async uploading(bytes: number): Promise<void> {
    await until(`${bytes} bytes were uploaded`, async () => await this.#partBytes() >= bytes);
  }

  /** Resolves once a checkpoint of an upload under way is saved. */
  async saved(path: string): Promise<void> {
    await until(`a checkpoint of ${path} was saved`, async () => {
      const uploads = await safeUploads(this.server, this.user);
      return uploads.some((upload) => upload.path === `/${path}` && upload.offset > 0);
    });
  }

  /**
   * Resolves once the received part of an upload is kept for a resume; nothing of it is visible.
   *
   * @param over whether a file has the name
   */
  async kept(path: string, over = false): Promise<void> {
    assertStrictEquals(await this.has(path), over, `${path} is visible`);
    using native = await this.native();
    await until(`something of ${path} was kept`, async () => {
      const { data } = await native.ask("PARTS");
      const parts = data.parts as { filename: string; offset: number; active: boolean }[];
      return parts.some((one) => one.filename === `/${path}` && one.offset > 0 && !one.active);
    });
  }

  /** A native connection, logged in. */
  native(): Promise<RawClient> {
    return RawClient.login(this.server, this.user, this.password);
  }

  /**
   * Audit events of uploads and downloads since the last call. The log is written a
   * moment later and in order: a mark that is seen in it has everything before it.
   */
  async transfers(): Promise<Audited[]> {
    const mark = `/mark-${++this.#marks}`;
    using native = await this.native();
    await native.upload(mark, "mark");
    await native.ask("DELE", { filename: mark });
    let lines: Audited[] = [];
    const deleted = (line: Audited, name: string) =>
      line.action === "delete" && line.paths?.[0] === name;
    await until("the audit log was written", () => {
      const text = Deno.readTextFileSync(join(this.server.data, "logs/audit.log"));
      // Without an incomplete last line, which is being written.
      lines = text.split("\n").slice(0, -1).map((line) => JSON.parse(line));
      return lines.some((line) => deleted(line, mark));
    });
    const before = lines.findLastIndex((line) => deleted(line, `/mark-${this.#marks - 1}`));
    return lines.slice(before + 1).filter(({ door, action, result }) =>
      door === "ftp" && TRANSFERS.includes(action) && result !== "not-found"
    );
  }
}

/** Waits until something is so; fails where it does not become so in time. */
export async function until(what: string, condition: () => unknown): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!await condition()) {
    if (performance.now() > deadline) throw new Error(`Timed out waiting until ${what}`);
    await delay(5);
  }
}

function exists(path: string): boolean {
  return sizeOf(path) >= 0;
}

function sizeOf(path: string): number {
  try {
    return Deno.lstatSync(path).size;
  } catch {
    return -1;
  }
}
