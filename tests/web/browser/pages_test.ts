// Holds that every page is accessible in light and dark, fits its window, and has nothing to complain of.

import { Buffer } from "node:buffer";
import { assertAccessible, assertFits } from "../../support/browser.ts";
import { browserTest } from "./world.ts";

/** Names that would break a page that took them for anything but text. */
const NAMES = ["<img src=x onerror=alert(1)>.txt", "\u202etxt.exe", "a".repeat(200) + ".bin"];

const PAGES = [
  "/files/",
  "/files/many",
  "/files/none",
  "/details/many/notes.txt",
  "/details/many",
  "/shares",
  "/account",
  "/admin/sessions",
  "/admin/accounts",
  "/admin/accounts/admin",
  "/admin/uploads",
  "/admin/logs",
  "/admin/health",
];

browserTest("every page is accessible and fits its window", [], async (world, step) => {
  for (const folder of ["many", "none"]) await world.storeDirectory(folder);
  for (const name of [...NAMES, "notes.txt"]) {
    await world.store(`many/${name}`, "Some notes.\n");
  }
  for (const screen of ["desktop", "phone"] as const) {
    const on = `on a ${screen}: `;
    const outside = await world.visit({ screen });
    await step(on + "/sign-in", async () => {
      await outside.goto("/sign-in");
      await assertAccessible(outside);
      await assertFits(outside);
    });
    await step(on + "/trust, from the page for signing in", async () => {
      await outside.getByRole("link", { name: "Trust this server's certificate" }).click();
      await outside.getByRole("heading", { name: "Trust this server" }).waitFor();
      await assertAccessible(outside);
      await assertFits(outside);
      await outside.context().close();
    });
    const page = await world.signIn({ screen });
    for (const address of PAGES) {
      await step(on + address, async () => {
        await page.goto(address);
        await assertAccessible(page);
        await assertFits(page);
      });
    }
    await step(on + "the panel of uploads", async () => {
      await page.goto("/files/none");
      await page.getByLabel("Upload files").setInputFiles(
        NAMES.map((name) => ({ name, mimeType: "", buffer: Buffer.from(screen) })),
      );
      await page.getByText("3 of 3 files").waitFor();
      await assertAccessible(page);
      await assertFits(page);
    });
    await page.context().close();
  }
});
