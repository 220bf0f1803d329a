/** A real server and a browser, for tests that do what people do. */
import { dirname, join } from "@std/path";
import { assert } from "@std/assert";
import { createHash } from "node:crypto";
import type { Page } from "playwright-core";
import { ON_DISK } from "../../support/engine.ts";
import { storedAt } from "../../support/kept.ts";
import { is } from "../../support/native.ts";
import { RawClient } from "../../support/raw_client.ts";
import { TestBrowser, type Visit, withoutBrowser } from "../../support/browser.ts";
import { FaultProxy } from "../../support/client/client_proxy.ts";
import { startServer, type TestServer } from "../../support/server.ts";

/** Server, network, browser and local files of one test. */
export class World implements AsyncDisposable {
  private constructor(
    readonly server: TestServer,
    readonly browser: TestBrowser,
    /** Directory of files to upload. */
    readonly local: string,
    /** Proxy between them. */
    readonly network: FaultProxy,
  ) {}

  static async open(args: string[] = []): Promise<World> {
    const local = await Deno.makeTempDir({ prefix: "towpath-browser-" });
    const server = await startServer({ web: true, args });
    const network = new FaultProxy(server.info.web!.port);
    return new World(server, await TestBrowser.start(), local, network);
  }

  get origin(): string {
    return `https://localhost:${this.network.port}`;
  }

  /** Opens a page, not signed in. */
  async visit(visit: Omit<Visit, "origin"> = {}): Promise<Page> {
    return await this.browser.open({ ...visit, origin: this.origin });
  }

  /** Opens a page and signs in. */
  async signIn(
    visit: Omit<Visit, "origin"> = {},
    account = "admin",
    password = this.server.password,
  ): Promise<Page> {
    const page = await this.visit(visit);
    await this.enter(page, account, password);
    return page;
  }

  /** Signs in on a page. */
  async enter(page: Page, account = "admin", password = this.server.password): Promise<void> {
    await page.goto("/");
    await page.getByLabel("User name").fill(account);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("navigation", { name: "Main" }).waitFor();
  }

  /** Makes an account on the page of the administration. */
  async addAccount(name: string, password: string): Promise<void> {
    const page = await this.signIn();
    await page.goto("/admin/accounts");
    await page.locator("summary").filter({ hasText: "New account" }).click();
    await page.getByLabel("Name", { exact: true }).fill(name);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Create the account" }).click();
    await page.getByText("The account was created").waitFor();
    await page.context().close();
  }

  /** Makes a local file; what is in it is different in every run. @returns its SHA-256 */
  async makeFile(name: string, bytes: number): Promise<string> {
    const content = new Uint8Array(bytes);
    for (let at = 0; at < bytes; at += 65_536) {
      crypto.getRandomValues(content.subarray(at, Math.min(bytes, at + 65_536)));
    }
    const file = join(this.local, name);
    await Deno.mkdir(dirname(file), { recursive: true });
    await Deno.writeFile(file, content);
    return sha256(content);
  }

  /** SHA-256 of a stored file of `admin`, or undefined where there is none. */
  async stored(path: string): Promise<string | undefined> {
    try {
      // The server may be down.
      return sha256(await Deno.readFile(await storedAt(this.server, "admin", path)));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  /** Stores a file of `admin`. @param time its modification time */
  async store(path: string, text: string, time?: string): Promise<void> {
    if (!ON_DISK) {
      using client = await this.#native();
      const mtime = time === undefined ? {} : { mtime: Date.parse(time) };
      is(await client.upload(path, text, mtime), "OK", 226);
      return;
    }
    await Deno.writeTextFile(this.#onDisk(path), text);
    if (time !== undefined) await Deno.utime(this.#onDisk(path), new Date(time), new Date(time));
  }

  /** Makes directories of `admin`, those on the way too. */
  async storeDirectory(path: string): Promise<void> {
    if (ON_DISK) return await Deno.mkdir(this.#onDisk(path), { recursive: true });
    using client = await this.#native();
    const names = path.split("/");
    for (const count of names.keys()) {
      await client.ask("MKD", { path: `/${names.slice(0, count + 1).join("/")}` });
    }
  }

  #native(): Promise<RawClient> {
    const { port, caText, password } = this.server;
    return RawClient.login({ port, caText }, "admin", password);
  }

  #onDisk(path: string): string {
    return join(this.server.data, "users/a/admin/files", path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser[Symbol.asyncDispose]();
    this.network[Symbol.dispose]();
    await this.server[Symbol.asyncDispose]();
    await Deno.remove(this.local, { recursive: true });
  }
}

/** SHA-256 in hex. */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Text of a line in the panel of uploads. */
export function uploadRow(page: Page, name: string) {
  return page.getByRole("region", { name: "Uploads" }).getByRole("listitem")
    .filter({ hasText: name });
}

/** Drops files and folders of this machine onto a page, as a person does. */
export async function drop(page: Page, files: string[]): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  const data = { items: [], files, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const) {
    await devtools.send("Input.dispatchDragEvent", { type, x: 300, y: 300, data });
  }
  await devtools.detach();
}

/** One test with a server and a browser of its own, in steps; what the browser complains of fails it. */
export function browserTest(
  name: string,
  args: string[],
  steps: (world: World, step: (name: string, run: () => Promise<void>) => Promise<void>) => Promise<
    void
  >,
): void {
  Deno.test({
    name,
    ignore: withoutBrowser,
    // The driver of the browser keeps timers and pipes of its own.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn(test) {
      await using world = await World.open(args);
      await steps(world, async (name, run) => {
        const passed = await test.step(name, async () => {
          await run();
          world.browser.assertQuiet();
        });
        assert(passed, `"${name}" failed`);
      });
    },
  });
}
