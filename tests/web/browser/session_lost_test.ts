// Holds that what was typed stays in the page if its session has ended, is another one, or the server is away.

import { assertEquals, assertNotEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { assertAccessible, assertFits } from "../../support/browser.ts";
import { browserTest, type World } from "./world.ts";

const PASSWORD = "a horse that is not correct";

/** Fills the form for a link, with a password that only the page has. */
async function typeLink(page: Page): Promise<void> {
  await page.goto("/details/a.txt");
  await page.getByText("Create a public link").click();
  await page.getByLabel("Label").fill("typed for long");
  await page.getByLabel("Password").fill(PASSWORD);
}

/** Sends the form for a link; the page stays as it was, and says why. */
async function assertKept(page: Page, reason: string): Promise<void> {
  await page.getByRole("button", { name: "Create the link" }).click();
  await page.getByRole("alert").filter({ hasText: reason }).waitFor();
  assertEquals(await page.getByLabel("Label").inputValue(), "typed for long");
  assertEquals(await page.getByLabel("Password").inputValue(), PASSWORD);
  assertEquals(new URL(page.url()).pathname, "/details/a.txt");
  await assertAccessible(page);
  await assertFits(page);
}

async function assertSent(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Create the link" }).click();
  await page.getByRole("heading", { name: "The link was created" }).waitFor();
  await page.getByText("typed for long").or(page.getByText("with a password")).first().waitFor();
}

/** Opens the page for signing in that the message links to. */
async function signInPage(page: Page): Promise<Page> {
  const opening = page.context().waitForEvent("page");
  await page.getByRole("link", { name: "Sign in in another tab" }).click();
  return await opening;
}

async function enter(page: Page, account: string, password: string): Promise<void> {
  await page.getByLabel("User name").fill(account);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: account }).waitFor();
}

async function prepare(world: World): Promise<void> {
  await world.store("a.txt", "some text");
  await world.addAccount("bob", PASSWORD);
}

browserTest("typed text outlives its session", [], async (world, step) => {
  await prepare(world);
  world.browser.breaking = true; // browsers note refusals as errors
  for (const screen of ["desktop", "phone"] as const) {
    const on = `on a ${screen}: `;
    const page = await world.signIn({ screen });

    await step(on + "a session that has ended is begun in another tab", async () => {
      await typeLink(page);
      await page.context().clearCookies();
      await assertKept(page, "You are signed out, and nothing was sent");
      await enter(await signInPage(page), "admin", world.server.password);
      await assertSent(page);
    });

    await step(on + "a reload makes no second link", async () => {
      await page.reload();
      await page.getByRole("heading", { name: "a.txt" }).waitFor();
      await page.goto("/shares");
      // Each screen makes three, and the first one has made its first.
      const links = page.getByRole("button", { name: /^End the link/ });
      assertEquals(await links.count(), screen === "desktop" ? 1 : 4);
    });

    await step(on + "another session of the account takes the form", async () => {
      await typeLink(page);
      const token = await page.locator("meta[name=csrf-token]").getAttribute("content");
      await page.context().clearCookies();
      await world.enter(await page.context().newPage());
      await assertSent(page);
      assertNotEquals(
        await page.locator("meta[name=csrf-token]").getAttribute("content"),
        token,
      );
    });

    await step(on + "another account does not", async () => {
      await typeLink(page);
      await page.context().clearCookies();
      const other = await page.context().newPage();
      await world.enter(other, "bob", PASSWORD);
      await assertKept(page, "bob is signed in now, and nothing was sent");
      await page.context().clearCookies();
      await world.enter(other);
    });

    await step(on + "without the server the page stays, and is sent later", async () => {
      await typeLink(page);
      world.network.down = true;
      await assertKept(page, "The server cannot be reached, and nothing was sent");
      world.network.down = false;
      await assertSent(page);
    });
    await page.context().close();
  }
});
