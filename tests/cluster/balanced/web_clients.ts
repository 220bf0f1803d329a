/** Clients of the web port whose node is killed in an upload: tus-js-client, and the page in Chromium. */
import { assert } from "@std/assert";
import { Buffer } from "node:buffer";
import { Agent } from "node:https";
import * as tus from "tus-js-client";
import { FaultProxy } from "../../support/client/client_proxy.ts";
import { TestBrowser } from "../../support/browser.ts";
import { MIB, until } from "../../support/native.ts";
import { ADMIN_PASSWORD } from "../nodes.ts";
import type { Balanced } from "./balancer.ts";

/** Bytes of an upload that pass before its node is killed. */
const BEFORE = 4 * MIB;
/** How long a browser may take to go on, ms. */
const PATIENCE_MS = 60_000;

/** An upload whose network rests in its middle. */
export interface Resting {
  /** Lets the rest pass, and resolves once the client has the upload as complete. */
  finish(): Promise<void>;
}

/** Begins an upload by tus-js-client, in one request. */
export async function uploadByTusClient(
  balanced: Balanced,
  path: string,
  content: Uint8Array,
  stack: AsyncDisposableStack,
): Promise<Resting> {
  const relay = stack.use(new FaultProxy(balanced.ports.web));
  // A connection for each request: node:https of Deno hangs now and then where it takes one again.
  const agent = new Agent({ keepAlive: false, ca: balanced.shared.caText });
  relay.pauseAfter(BEFORE);
  const ended = Promise.withResolvers<void>();
  const upload = new tus.Upload(Buffer.from(content), {
    endpoint: `https://localhost:${relay.port}/tus/`,
    headers: { authorization: `Basic ${btoa(`admin:${ADMIN_PASSWORD}`)}` },
    metadata: { path },
    // deno-lint-ignore no-explicit-any
    httpStack: new (tus as any).DefaultHttpStack({ agent }),
    retryDelays: Array<number>(60).fill(1000),
    onError: ended.reject,
    onSuccess: () => ended.resolve(),
  });
  upload.start();
  await until("it is under way", () => relay.sent >= BEFORE, PATIENCE_MS);
  return {
    finish() {
      relay.resume();
      return ended.promise;
    },
  };
}

/** Begins an upload on the page. @param local the file, whose name it gets */
export async function uploadByBrowser(
  balanced: Balanced,
  local: string,
  stack: AsyncDisposableStack,
): Promise<Resting> {
  const relay = stack.use(new FaultProxy(balanced.ports.web));
  const browser = stack.use(await TestBrowser.start());
  browser.breaking = true;
  const page = await browser.open({ origin: `https://localhost:${relay.port}` });
  await page.goto("/");
  await page.getByLabel("User name").fill("admin");
  await page.getByLabel("Password").fill(ADMIN_PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("navigation", { name: "Main" }).waitFor();
  relay.pauseAfter(BEFORE);
  const before = relay.sent;
  await page.getByLabel("Upload files").setInputFiles(local);
  await until("it is under way", () => relay.sent >= before + BEFORE, PATIENCE_MS);
  const row = page.getByRole("region", { name: "Uploads" }).getByRole("listitem");
  return {
    async finish() {
      relay.resume();
      await row.filter({ hasText: "same SHA-256 on both sides" }).waitFor({ timeout: PATIENCE_MS });
      assert(await row.count() === 1);
      browser.assertQuiet();
    },
  };
}
