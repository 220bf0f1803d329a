// Holds what the panel of uploads and the list behind it show while files arrive.

import { Buffer } from "node:buffer";
import { join } from "@std/path";
import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { assertAccessible } from "../../support/browser.ts";
import { browserTest, uploadRow } from "./world.ts";

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
    await Deno.mkdir(`${world.server.data}/users/a/admin/files/${screen}`);
    await page.goto(`/files/${screen}`);
    const panel = page.getByRole("region", { name: "Uploads" });
    const names = () => panel.locator(".upload-name").allTextContents();

    await step(on + "running uploads come first, and the list grows meanwhile", async () => {
      world.browser.breaking = true;
      await choose(page, [small("a"), small("b")]);
      await page.getByRole("link", { name: "b", exact: true }).waitFor();
      world.network.pauseAfter(10_000_000);
      await page.getByLabel("Upload files").setInputFiles(join(world.local, first));
      await uploadRow(page, first).filter({ hasText: /[2-9]\.\d MiB of/ }).waitFor();
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
      await uploadRow(page, last).filter({ hasText: /[2-9]\.\d MiB of/ }).waitFor();
      assertEquals(await resume.isVisible(), false);
      await panel.getByRole("button", { name: "Pause all" }).click();
      await resume.waitFor();
      await panel.getByRole("button", { name: "Cancel all" }).click();
      await assertAccessible(page);
      await page.getByRole("button", { name: "Cancel 1 upload" }).click();
      await resume.waitFor({ state: "hidden" });
      world.network.resume();
    });
    world.browser.breaking = false;
    await page.context().close();
  }
});
