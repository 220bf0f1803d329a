// Holds that uploads of the page survive whatever interrupts them, and that what arrives is what was sent.

import { join } from "@std/path";
import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { browserTest, drop, uploadRow, type World } from "./world.ts";

const MB = 1_000_000;
/** More than one request carries, and than lies in buffers on the way. */
const SIZE = 45 * MB;
/** Sent before an upload is stopped on its way; with what lies in buffers, less than {@linkcode SIZE}. */
const SENT = 10 * MB;

const pickFiles = (page: Page) => page.getByLabel("Upload files");
const panel = (page: Page) => page.getByRole("region", { name: "Uploads" });

/**
 * Begins an upload, which stays far from its end until the network is resumed.
 *
 * A request that the page gives up meanwhile reaches the server late, so the server may refuse its
 * successor once (409): from here to {@linkcode done} a failed request is no complaint.
 */
async function begin(world: World, page: Page, name: string): Promise<void> {
  world.browser.breaking = true;
  world.network.pauseAfter(SENT);
  await pickFiles(page).setInputFiles(join(world.local, name));
  await underWay(page, name);
}

/** Waits until an upload is on its way. */
async function underWay(page: Page, name: string): Promise<void> {
  const row = uploadRow(page, name);
  await row.filter({ hasText: /([2-9]|[1-3]\d)\.\d MiB of 42/ }).waitFor().catch(async (error) => {
    throw new Error(`"${name}" is not under way: ${await row.allTextContents()}`, { cause: error });
  });
}

/** Resumes the network and waits until an upload has arrived. */
async function done(world: World, page: Page, name: string): Promise<void> {
  world.network.resume();
  const row = uploadRow(page, name).filter({ hasText: "same SHA-256 on both sides" });
  await row.waitFor({ timeout: 40_000 });
  world.browser.breaking = false;
}

async function assertStored(world: World, path: string, hash: string): Promise<void> {
  assertEquals(await world.stored(path), hash, path);
}

browserTest("uploads in the browser", [], async (world, step) => {
  const page = await world.signIn();

  await step("a folder that is dropped arrives as it is", async () => {
    const hashes = {
      "tree/one.txt": await world.makeFile("tree/one.txt", 10),
      "tree/deep/two words.bin": await world.makeFile("tree/deep/two words.bin", 3 * MB),
      "tree/deep/empty.txt": await world.makeFile("tree/deep/empty.txt", 0),
      "tree/<b>&amp;é.txt": await world.makeFile("tree/<b>&amp;é.txt", 100),
    };
    await Deno.mkdir(join(world.local, "tree/deep/nothing/here"), { recursive: true });
    await drop(page, [join(world.local, "tree")]);
    await panel(page).getByText("4 of 4 files").waitFor();
    for (const [path, hash] of Object.entries(hashes)) await assertStored(world, path, hash);
    await page.getByRole("link", { name: "tree", exact: true }).click();
    await page.getByRole("link", { name: "<b>&amp;é.txt", exact: true }).waitFor();
    await page.getByRole("link", { name: "deep", exact: true }).click();
    await page.getByRole("link", { name: "nothing", exact: true }).waitFor();
    await page.goBack();
  });

  await step("files are uploaded that were chosen while the list was refreshed", async () => {
    const hash = await world.makeFile("chosen.txt", 20);
    await world.makeFile("meanwhile.txt", 20);
    const taken = page.getByLabel("If a name is taken");
    await taken.selectOption("replace it");
    const choosing = page.waitForEvent("filechooser");
    await page.getByText("Upload files").click();
    const chooser = await choosing;
    await drop(page, [join(world.local, "meanwhile.txt")]);
    await page.getByRole("link", { name: "meanwhile.txt", exact: true }).waitFor();
    assertEquals(await taken.inputValue(), "overwrite");
    await chooser.setFiles(join(world.local, "chosen.txt"));
    await page.getByRole("link", { name: "chosen.txt", exact: true }).waitFor();
    await assertStored(world, "tree/chosen.txt", hash);
    await taken.selectOption("keep both");
  });

  await step("an upload goes on by itself after the network was gone", async () => {
    const hash = await world.makeFile("network.bin", SIZE);
    await begin(world, page, "network.bin");
    world.network.down = true;
    world.network.resume();
    await uploadRow(page, "network.bin").filter({ hasText: "trying again" }).waitFor();
    world.network.down = false;
    await done(world, page, "network.bin");
    await assertStored(world, "tree/network.bin", hash);
  });

  await step("an upload goes on by itself after the server was killed", async () => {
    const hash = await world.makeFile("killed.bin", SIZE);
    await begin(world, page, "killed.bin");
    await world.server.kill9();
    world.network.resume();
    await uploadRow(page, "killed.bin").filter({ hasText: "trying again" }).waitFor();
    assertEquals(await world.stored("tree/killed.bin"), undefined);
    await world.server.start();
    await done(world, page, "killed.bin");
    await assertStored(world, "tree/killed.bin", hash);
  });

  await step("the page can be browsed while an upload goes on", async () => {
    const hash = await world.makeFile("browse.bin", SIZE);
    await begin(world, page, "browse.bin");
    const tab = await page.context().newPage();
    await tab.goto("/files/");
    await uploadRow(tab, "browse.bin").filter({ hasText: "in another window of this browser" })
      .waitFor();
    assertEquals(await panel(tab).getByRole("button", { name: /Continue|Discard/ }).count(), 0);
    await tab.close();
    const device = await world.signIn();
    await uploadRow(device, "browse.bin").filter({ hasText: "by another device or program" })
      .waitFor();
    await device.context().close();
    await page.getByRole("link", { name: "Files", exact: true }).first().click();
    await page.getByRole("link", { name: "tree", exact: true }).waitFor();
    assertEquals(new URL(page.url()).pathname, "/files/");
    await page.getByRole("link", { name: "Account" }).click();
    await page.getByRole("heading", { name: "Password" }).first().waitFor();
    await page.goBack();
    await page.getByRole("link", { name: "tree", exact: true }).waitFor();
    await done(world, page, "browse.bin");
    await assertStored(world, "tree/browse.bin", hash);
  });

  await step("an upload is paused, resumed, and another one cancelled", async () => {
    const hash = await world.makeFile("paused.bin", SIZE);
    await world.makeFile("cancelled.bin", SIZE);
    await begin(world, page, "paused.bin");
    await uploadRow(page, "paused.bin").getByRole("button", { name: "Pause paused.bin" }).click();
    await uploadRow(page, "paused.bin").filter({ hasText: "Paused at" }).waitFor();
    await begin(world, page, "cancelled.bin");
    await uploadRow(page, "cancelled.bin").getByRole("button", { name: "Cancel cancelled.bin" })
      .click();
    const question = page.getByRole("dialog");
    await question.getByRole("button", { name: "Continue" }).click();
    assertEquals(await uploadRow(page, "cancelled.bin").getAttribute("data-state"), "active");
    await uploadRow(page, "cancelled.bin").getByRole("button", { name: "Cancel cancelled.bin" })
      .click();
    await question.getByRole("button", { name: "Cancel the upload" }).click();
    world.network.resume();
    await uploadRow(page, "paused.bin").getByRole("button", { name: "Resume paused.bin" }).click();
    await done(world, page, "paused.bin");
    await assertStored(world, "paused.bin", hash);
    assertEquals(await world.stored("cancelled.bin"), undefined);
  });

  await step("a user who is signed out signs in again elsewhere, and resumes", async () => {
    const hash = await world.makeFile("session.bin", SIZE);
    await begin(world, page, "session.bin");
    await panel(page).getByRole("button", { name: "Pause all" }).click();
    await page.context().clearCookies();
    await panel(page).getByRole("button", { name: "Resume all" }).click();
    await uploadRow(page, "session.bin").filter({ hasText: "You are signed out" }).waitFor();
    const tab = await page.context().newPage();
    await world.enter(tab);
    await tab.close();
    await panel(page).getByRole("button", { name: "Resume all" }).click();
    await done(world, page, "session.bin");
    await assertStored(world, "session.bin", hash);
  });

  await step("after a reload a dropped file is found again without being chosen", async () => {
    const hash = await world.makeFile("dropped.bin", SIZE);
    world.browser.breaking = true;
    world.network.pauseAfter(SENT);
    await drop(page, [join(world.local, "dropped.bin")]);
    await underWay(page, "dropped.bin");
    page.once("dialog", (dialog) => dialog.accept());
    await page.reload();
    await panel(page).getByRole("button", { name: "Continue dropped.bin" }).click();
    await done(world, page, "dropped.bin");
    await assertStored(world, "dropped.bin", hash);
  });

  await step(
    "after a reload the same file is chosen again, and the missing rest is sent",
    async () => {
      const hash = await world.makeFile("reload.bin", SIZE);
      await begin(world, page, "reload.bin");
      page.once("dialog", (dialog) => dialog.accept());
      await page.reload();
      const row = panel(page).getByRole("listitem").filter({ hasText: "reload.bin" });
      await row.filter({ hasText: /\d MiB of 42\.9 MiB are here/ }).waitFor();

      await world.makeFile("other.bin", SIZE);
      await chooseFor(page, "other.bin", world);
      await uploadRow(page, "reload.bin").filter({ hasText: "This is not the file" }).waitFor();
      await page.reload();
      await chooseFor(page, "reload.bin", world);
      await done(world, page, "reload.bin");
      await assertStored(world, "reload.bin", hash);
    },
  );

  async function chooseFor(page: Page, file: string, world: World): Promise<void> {
    const choosing = page.waitForEvent("filechooser");
    await panel(page).getByRole("button", { name: "Continue reload.bin" }).click();
    await (await choosing).setFiles(join(world.local, file));
  }
});
