// Holds what people do in the browser below a path, behind nginx, where another program has the rest of
// the host: the browser asks that one for nothing.

import { join } from "@std/path";
import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { isInstalled } from "../../support/docs/blocks.ts";
import { BASE_PATH, startWebProxy } from "../../support/peers/web_proxy.ts";
import { browserTest, drop, sha256, uploadRow } from "./world.ts";

/** Fails for every address that the browser asks for outside the base path. */
function watch(page: Page, origin: string): string[] {
  const outside: string[] = [];
  page.context().on("request", (request) => {
    const url = request.url();
    if (/^(blob|data):/.test(url) || url.startsWith(`${origin}${BASE_PATH}/`)) return;
    outside.push(`${request.method()} ${url}`);
  });
  return outside;
}

const name = "below a path, from sign-in to sign-out";
if (isInstalled("nginx")) {
  browserTest(name, ["--web-base-path", BASE_PATH], async (world, step) => {
    await using proxy = await startWebProxy("nginx", world.server);
    const page = await world.browser.open({ origin: proxy.origin });
    const outside = watch(page, proxy.origin);
    const hash = await world.makeFile("plan.dat", 300_000);
    const large = await world.makeFile("large.dat", 2_000_000);

    await step("signs in, and comes to the page that was wanted", async () => {
      await page.goto(`${BASE_PATH}/account`);
      await page.getByLabel("User name").fill("admin");
      await page.getByLabel("Password").fill(world.server.password);
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("navigation", { name: "Main" }).waitFor();
      assertEquals(page.url(), `${proxy.origin}${BASE_PATH}/account`);
      const [cookie] = await page.context().cookies();
      assertEquals([cookie?.name, cookie?.path], ["__Secure-towpath", BASE_PATH]);
    });

    await step("makes a folder, and uploads into it while walking through pages", async () => {
      await page.getByRole("link", { name: "Files", exact: true }).click();
      await page.getByText("New folder", { exact: true }).click();
      await page.getByLabel("Name of the new folder").fill("papers");
      await page.getByRole("button", { name: "Create the folder" }).click();
      await page.getByRole("link", { name: "papers", exact: true }).click();
      await page.getByRole("heading", { name: "papers" }).waitFor();
      // The uploads last until the page was exchanged.
      const gate = Promise.withResolvers<void>();
      await page.route("**/tus/**", async (route) => {
        await gate.promise;
        await route.continue();
      });
      await drop(page, ["plan.dat", "large.dat"].map((file) => join(world.local, file)));
      await uploadRow(page, "plan.dat").waitFor();
      await page.getByRole("link", { name: "Shares" }).click();
      await page.waitForURL(`${proxy.origin}${BASE_PATH}/shares`);
      gate.resolve();
      for (const file of ["plan.dat", "large.dat"]) {
        await uploadRow(page, file).getByText("same SHA-256 on both sides").waitFor();
      }
      assertEquals(await world.stored("papers/plan.dat"), hash);
      assertEquals(await world.stored("papers/large.dat"), large);
    });

    await step("makes a link, with which a stranger downloads", async () => {
      await page.goto(`${BASE_PATH}/details/papers/plan.dat`);
      await page.getByText("Create a public link").click();
      await page.getByRole("button", { name: "Create the link" }).click();
      const address = await page.locator("code.secret").textContent();
      assert(address?.startsWith(`${proxy.origin}${BASE_PATH}/s/`), String(address));
      const guest = await world.browser.open({ origin: proxy.origin });
      const guestOutside = watch(guest, proxy.origin);
      await guest.goto(address!);
      const loading = guest.waitForEvent("download");
      await guest.getByRole("link", { name: "Download" }).click();
      const file = join(world.local, "downloaded");
      await (await loading).saveAs(file);
      assertEquals(sha256(await Deno.readFile(file)), hash);
      await guest.context().close();
      assertEquals(guestOutside, []);
    });

    await step("follows the sessions, and signs out", async () => {
      await page.goto(`${BASE_PATH}/admin/sessions`);
      await page.waitForRequest((request) => request.headers()["x-following"] === "1");
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByLabel("User name").waitFor();
      assertEquals(await page.context().cookies(), []);
      await page.context().close();
      assertEquals(outside, []);
    });
  });
} else console.log(`Not tested, as nginx is not installed: ${name}`);
