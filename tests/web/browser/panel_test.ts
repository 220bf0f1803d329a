// Holds what the panel of uploads and the list behind it show while files arrive.

import { Buffer } from "node:buffer";
import { join } from "@std/path";
import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { assertAccessible, assertFits } from "../../support/browser.ts";
import { browserTest, drop, uploadRow } from "./world.ts";

const SIZE = 45_000_000;

const small = (name: string) => ({ name, mimeType: "", buffer: Buffer.from(name) });

/** Chooses files as a person does: the button keeps the focus. */
async function choose(page: Page, files: ReturnType<typeof small>[]): Promise<void> {
  const choosing = page.waitForEvent("filechooser");
  await page.locator("label").filter({ hasText: "Upload files" }).click();
  await (await choosing).setFiles(files);
}

browserTest("the panel of uploads", [], async (world, step) => {
  for (const screen of ["desktop", "phone"] as const) {
    const on = `on a ${screen}: `;
    const [first, last] = [`first-${screen}.bin`, `last-${screen}.bin`];
    await world.makeFile(first, SIZE);
    await world.makeFile(last, SIZE);
    const page = await world.signIn({ screen });
    await world.storeDirectory(screen);
    await page.goto(`/files/${screen}`);
    const panel = page.getByRole("region", { name: "Uploads" });
    const names = () => panel.locator(".upload-name").allTextContents();

    await step(on + "running uploads come first, and the list grows meanwhile", async () => {
      world.browser.breaking = true;
      await choose(page, [small("a"), small("b")]);
      await page.getByRole("link", { name: "b", exact: true }).waitFor();
      world.network.pauseAfter(10_000_000);
      await page.getByLabel("Upload files").setInputFiles(join(world.local, first));
      await uploadRow(page, first).filter({ hasText: /([2-9]|\d\d)\.\d MiB of 42/ }).waitFor();
      assertEquals(await names(), [first, "a", "b"]);
      // Small requests pass while the large one is held.
      await choose(page, [small("c")]);
      await page.getByRole("link", { name: "c", exact: true }).waitFor();
      assertEquals(await names(), [first, "a", "b", "c"]);
      assertEquals(await uploadRow(page, first).getAttribute("data-state"), "active");
      world.network.resume();
      await uploadRow(page, first).filter({ hasText: "same SHA-256" }).waitFor();
    });

    await step(on + "Resume all is offered only where something can be resumed", async () => {
      const resume = panel.getByRole("button", { name: "Resume all" });
      assertEquals(await resume.isVisible(), false);
      world.network.pauseAfter(10_000_000);
      await page.getByLabel("Upload files").setInputFiles(join(world.local, last));
      await uploadRow(page, last).filter({ hasText: /([2-9]|\d\d)\.\d MiB of 42/ }).waitFor();
      assertEquals(await resume.isVisible(), false);
      await panel.getByRole("button", { name: "Pause all" }).click();
      await resume.waitFor();
      await panel.getByRole("button", { name: "Cancel all" }).click();
      await assertAccessible(page);
      await page.getByRole("button", { name: "Cancel 1 upload" }).click();
      await resume.waitFor({ state: "hidden" });
      world.network.resume();
    });

    await step(on + "a file in the place of a folder is in the way for good", async () => {
      const way = `way-${screen}`;
      await world.store(`${screen}/${way}`, "x");
      await world.makeFile(`${way}/in.txt`, 10);
      await page.goto(`/files/${screen}`);
      await drop(page, [join(world.local, way)]);
      await uploadRow(page, "in.txt").filter({ hasText: "is a file" }).waitFor();
      await panel.getByRole("button", { name: "Try again" }).waitFor();
      assertEquals(await panel.getByRole("button", { name: "Resume all" }).isVisible(), false);
      await panel.getByRole("button", { name: "Cancel in.txt" }).click();
      await page.getByRole("button", { name: "Cancel the upload" }).click();
      await panel.getByRole("button", { name: "Close" }).press("Enter");
      await page.locator("main:focus").waitFor();
    });

    await step(on + "nothing of a refused upload counts as sent", async () => {
      await page.goto("/admin/accounts/admin");
      await page.getByLabel("Quota").fill(screen === "desktop" ? "45020000" : "135020000");
      await page.getByRole("button", { name: "Change the quota" }).click();
      await page.getByText("The quota was changed").waitFor();
      await page.goto(`/files/${screen}`);
      const large = { ...small("large"), buffer: Buffer.alloc(50_000) };
      await page.getByLabel("Upload files").setInputFiles(large);
      await uploadRow(page, "large").filter({ hasText: "does not fit the account's quota" })
        .waitFor();
      await panel.getByText("0 of 1 file · 0 B of 48.8 KiB · 1 failed").waitFor();
      await page.goto("/admin/accounts/admin");
      await page.getByLabel("Quota").fill("1K");
      await page.getByRole("button", { name: "Change the quota" }).click();
      await page.getByText("The quota was changed").waitFor();
      await page.goto(`/files/${screen}`);
      await page.getByText(/^Nothing can be uploaded here: the quota .* is used up/).waitFor();
      await assertAccessible(page);
      await assertFits(page);
      await page.goto("/admin/accounts/admin");
      await page.getByLabel("Quota").fill("");
      await page.getByRole("button", { name: "Change the quota" }).click();
      await page.getByText("The quota was changed").waitFor();
    });

    await step(on + "signing out asks before it interrupts uploads", async () => {
      await page.goto(`/files/${screen}`);
      const name = `asked-${screen}.bin`;
      await world.makeFile(name, SIZE);
      world.network.pauseAfter(10_000_000);
      await page.getByLabel("Upload files").setInputFiles(join(world.local, name));
      await uploadRow(page, name).filter({ hasText: /([2-9]|\d\d)\.\d MiB of 42/ }).waitFor();
      const asking = page.waitForEvent("dialog");
      await page.getByRole("button", { name: "Sign out" }).click({ noWaitAfter: true });
      const question = await asking;
      assertEquals(question.type(), "beforeunload");
      await question.dismiss();
      assertEquals(await uploadRow(page, name).getAttribute("data-state"), "active");
      assertEquals(page.context().pages().length, 1);
      world.network.resume();
      await uploadRow(page, name).filter({ hasText: "same SHA-256" }).waitFor();
    });
    world.browser.breaking = false;
    await page.context().close();
  }
});
