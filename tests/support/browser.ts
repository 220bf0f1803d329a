/**
 * A browser for tests of the pages: Chromium without a window, driven by playwright-core. Whatever
 * the browser complains of in its console is kept, and a test that ends with complaints fails.
 */
import { assert, assertEquals } from "@std/assert";
import axe from "axe-core/axe.min.js" with { type: "text" };
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const found = PLACES.find((place) => {
  try {
    return Deno.statSync(place).isFile;
  } catch {
    return false;
  }
});

/** Whether tests with a browser are left out here; they never are where `CI` is set. */
export const withoutBrowser = found === undefined && !Deno.env.get("CI");
if (withoutBrowser) {
  console.log("The pages are not tested in a browser: install Debian's package chromium");
}

/** Widths and heights at which pages are tested. */
export const SCREENS = {
  desktop: { width: 1280, height: 800 },
  phone: { width: 390, height: 780 },
};

/** How pages are opened. */
export interface Visit {
  /** Where the server is, such as `https://localhost:1234`. */
  origin: string;
  /** @default "desktop" */
  screen?: keyof typeof SCREENS;
  script?: boolean;
  /** Refuse certificates that the browser does not trust. @default false */
  strict?: boolean;
  /** Name of the browser's time zone. @default that of the machine */
  timezone?: string;
}

/** Chromium, with the complaints of its console. */
export class TestBrowser implements AsyncDisposable {
  /** Complaints of the browser since the last call. */
  readonly complaints: string[] = [];
  /** While set, requests that fail are no complaint: the test makes them fail. */
  breaking = false;

  private constructor(readonly browser: Browser) {}

  /**
   * Starts the browser.
   *
   * @param home its home directory, in which it finds authorities. @default that of the test
   */
  static async start(home?: string): Promise<TestBrowser> {
    const browser = await chromium.launch({
      executablePath: found ?? PLACES[0]!,
      ...(home !== undefined && { env: { ...Deno.env.toObject(), HOME: home } }),
      // Chromium's own sandbox refuses to be started by root.
      args: Deno.uid() === 0 ? ["--no-sandbox"] : [],
    });
    return new TestBrowser(browser);
  }

  /** Opens a page in a browser that knows nothing of any other one. */
  async open(visit: Visit): Promise<Page> {
    const context = await this.browser.newContext({
      baseURL: visit.origin,
      viewport: SCREENS[visit.screen ?? "desktop"],
      javaScriptEnabled: visit.script ?? true,
      reducedMotion: "reduce",
      ...(visit.timezone !== undefined && { timezoneId: visit.timezone }),
      // The server's authority is its own; that clients check it is held elsewhere.
      ignoreHTTPSErrors: !visit.strict,
      serviceWorkers: "block",
    });
    context.setDefaultTimeout(20_000);
    this.#listen(context);
    return await context.newPage();
  }

  #listen(context: BrowserContext): void {
    context.on("console", (message) => {
      if (message.type() !== "error" && message.type() !== "warning") return;
      const text = message.text();
      if (this.breaking && /^Failed to load resource/.test(text)) return;
      this.complaints.push(`${message.type()}: ${text} (${message.location().url})`);
    });
    context.on("weberror", (error) => this.complaints.push(String(error.error())));
  }

  /** Fails where the browser has complained. */
  assertQuiet(): void {
    assertEquals(this.complaints.splice(0), []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser.close();
  }
}

interface Violation {
  id: string;
  help: string;
  nodes: { html: string; failureSummary?: string }[];
}

/**
 * Fails where a page is inaccessible: any finding of axe-core, in light and dark, in which
 * contrasts alone can differ.
 */
export async function assertAccessible(page: Page): Promise<void> {
  // Where it is wanted, and not in every page that is opened; by the debugger, which no policy binds.
  if (!await page.evaluate("'axe' in globalThis")) await page.evaluate(axe);
  await page.emulateMedia({ colorScheme: "light" });
  await assertFindsNothing(page, "");
  await page.emulateMedia({ colorScheme: "dark" });
  await assertFindsNothing(page, `runOnly: ["color-contrast"],`);
}

async function assertFindsNothing(page: Page, options: string): Promise<void> {
  const found: Violation[] = await page.evaluate(
    `axe.run(document, { ${options} resultTypes: ["violations"] }).then((all) => all.violations)`,
  );
  assertEquals(
    found.map(({ id, help, nodes }) =>
      `${id}: ${help}: ${nodes.map(({ html }) => html).slice(0, 3).join(" ")}`
    ),
    [],
    `${page.url()}`,
  );
}

/** Fails where a page is wider than its window. */
export async function assertFits(page: Page): Promise<void> {
  const [content, window]: [number, number] = await page.evaluate(
    `[document.documentElement.scrollWidth, innerWidth]`,
  );
  assert(content <= window, `${page.url()} is ${content} wide in ${window}`);
}
