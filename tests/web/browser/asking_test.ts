// Holds that what ends something asks first, that sessions name browsers, and that health agrees with the lists.

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Page } from "playwright-core";
import { assertAccessible, assertFits } from "../../support/browser.ts";
import { ON_DISK } from "../../support/engine.ts";
import { browserTest } from "./world.ts";

/** A button that asks, keeps on one answer, and ends on the other. */
async function asks(page: Page, button: RegExp, yes: string, done: string): Promise<void> {
  const url = page.url();
  await page.getByRole("button", { name: button }).first().click();
  await page.getByRole("heading", { name: /\?$/ }).waitFor();
  await assertAccessible(page);
  await assertFits(page);
  await page.getByRole("link", { name: "Keep" }).click();
  await page.goto(url);
  await page.getByRole("button", { name: button }).first().click();
  await page.getByRole("button", { name: yes, exact: true }).click();
  await page.locator("[data-toasts]").getByText(done).waitFor();
}

browserTest("what ends something asks first", [], async (world, step) => {
  await world.store("a.txt", "some text");
  for (const screen of ["desktop", "phone"] as const) {
    const on = `on a ${screen}: `;
    const page = await world.signIn({ screen });

    await step(on + "a token, a link, a share", async () => {
      await page.goto("/account");
      await page.getByText("Create a token").click();
      await page.getByLabel("Label").fill("backup");
      await page.getByRole("button", { name: "Create the token" }).click();
      await page.getByRole("link", { name: "Done" }).click();
      await asks(page, /Revoke the token backup/, "Revoke the token", "The token is revoked");

      await page.goto("/details/a.txt");
      await page.getByText("Create a public link").click();
      await page.getByRole("button", { name: "Create the link" }).click();
      await page.getByRole("link", { name: "Done" }).click();
      await page.getByText("Share with an account").click();
      await page.getByLabel("Account", { exact: true }).fill("*");
      await page.getByRole("button", { name: "Share", exact: true }).click();
      await page.locator("[data-toasts]").getByText("It is shared").waitFor();
      await asks(page, /End the link/, "End the link", "The link has ended");
      await page.goto("/shares");
      await asks(page, /End the share/, "End the share", "The share has ended");
    });

    await step(on + "other sessions, which have the names of their browsers", async () => {
      const other = await world.signIn({ screen });
      await page.goto("/account");
      const line = page.locator(".line").filter({ hasText: "this browser" });
      assertMatch((await line.textContent())!, /(Chromium|Chrome|HeadlessChrome) \d+ on \w+/);
      await asks(page, /Sign out .*Chrom.* at/, "Sign it out", "That browser is signed out");
      await other.goto("/account");
      await other.getByLabel("User name").waitFor();
      await world.enter(other);
      await page.goto("/admin/sessions");
      await page.getByText(/Chrom\w+ \d+ on \w+/).first().waitFor();
      await page.getByLabel("follow").uncheck();
      await asks(page, /End the session of admin/, "End the session", "The session has ended");
      await other.context().close();
    });

    await step(on + "an unfinished upload; health counts what the lists show", async () => {
      await page.goto("/files/");
      const begun = await page.evaluate(`fetch("/tus/", { method: "POST", headers: {
        "X-CSRF-Token": document.querySelector("meta[name=csrf-token]").content,
        "Tus-Resumable": "1.0.0", "Upload-Length": "5000",
        "Upload-Metadata": "filename " + btoa("half.bin"),
      } }).then((reply) => reply.status)`);
      assertEquals(begun, 201);
      await page.goto("/admin/health");
      await assertAccessible(page);
      await assertFits(page);
      const fact = async (name: string) =>
        (await page.locator(`dt:text-is("${name}") + dd`).textContent())!.trim();
      assertEquals(await fact("Accounts"), "1 account");
      const sessions = await fact("Sessions");
      assertMatch(await fact("Running for"), /^\d+ (s|min)$/);
      if (ON_DISK) assertMatch(await fact("Free disk space"), /iB of .*iB/);
      assertMatch(await fact("Certificate ends"), /^\d{4}-\d\d-\d\d \d\d:\d\d .*in \d+ days$/);
      assertMatch(await fact("Unfinished"), /^1 upload\s*0 B received$/);
      const used = /^[\d.]+ (?:[KMGT]i)?B/.exec(await fact("Used by them"))![0];
      await page.goto("/admin/sessions");
      assertEquals(await page.locator("tbody tr").count(), parseInt(sessions));
      await page.goto("/admin/accounts");
      assert((await page.locator("main table").textContent())!.includes(used), used);
      await page.goto("/admin/uploads");
      assertEquals(await page.locator("tbody tr").count(), 1);
      await asks(page, /Drop the upload of/, "Drop the upload", "The upload was dropped");
      await page.getByText("There are none.").waitFor();
    });
    await page.context().close();
  }
});
