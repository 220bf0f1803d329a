// Holds what people do in the browser from sign-in to the logs, on a desktop and on a phone.

import { join } from "@std/path";
import { assert, assertEquals } from "@std/assert";
import type { Locator, Page } from "playwright-core";
import { assertAccessible, assertFits } from "../../support/browser.ts";
import { browserTest, sha256, type World } from "./world.ts";

const PASSWORD = "a horse that is not correct";

async function seeToast(page: Page, text: string): Promise<void> {
  await page.locator("[data-toasts]").getByText(text).first().waitFor();
}

async function unfold(summary: Locator): Promise<void> {
  const open = summary.locator("xpath=ancestor-or-self::details[@open]");
  // Content that loads above moves it away from under the pointer.
  for (let tries = 0; tries < 5 && await open.count() === 0; tries++) await summary.click();
}

/** Saves what a link downloads. @returns its SHA-256 */
async function downloaded(page: Page, link: Locator, world: World): Promise<string> {
  const loading = page.waitForEvent("download");
  await link.click();
  const file = join(world.local, "downloaded");
  await (await loading).saveAs(file);
  return sha256(await Deno.readFile(file));
}

browserTest("from sign-in to the logs", [], async (world, allSteps) => {
  for (const screen of ["desktop", "phone"] as const) {
    const step = (name: string, run: () => Promise<void>) =>
      allSteps(`on a ${screen}: ${name}`, run);
    const folder = `Papers of a ${screen}`;
    const account = `bob-${screen}`;
    const hash = await world.makeFile("plan <i>.dat", 300_000);
    const page = await world.visit({ screen });

    await step("a wrong password is refused, the right one opens the files", async () => {
      world.browser.breaking = true; // browsers note an answer of 401 as an error
      await page.goto("/");
      await page.getByLabel("User name").fill("admin");
      await page.getByLabel("Password").fill("guessed wrong");
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("alert").waitFor();
      world.browser.breaking = false;
      await page.getByLabel("Password").fill(world.server.password);
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("navigation", { name: "Main" }).waitFor();
      const cookies = await page.context().cookies();
      assertEquals(
        cookies.map(({ name, httpOnly, secure, sameSite }) => ({
          prefix: name.split("-", 1)[0],
          httpOnly,
          secure,
          sameSite,
        })),
        [{ prefix: "__Host", httpOnly: true, secure: true, sameSite: "Strict" }],
      );
    });

    await step("a folder is made and a file uploaded into it", async () => {
      await unfold(page.getByText("New folder", { exact: true }));
      await page.getByLabel("Name of the new folder").fill(folder);
      await page.getByRole("button", { name: "Create the folder" }).click();
      await seeToast(page, "The folder was created");
      await page.getByRole("link", { name: folder, exact: true }).click();
      await page.getByRole("heading", { name: folder }).waitFor();
      await page.getByLabel("Upload files").setInputFiles(join(world.local, "plan <i>.dat"));
      await page.getByText("same SHA-256 on both sides").waitFor();
      await page.getByRole("button", { name: "Close" }).click();
      assertEquals(await world.stored(`${folder}/plan <i>.dat`), hash);
    });

    await step("a link is made, and opened by a visitor who is not signed in", async () => {
      await page.getByRole("link", { name: "plan <i>.dat", exact: true }).click();
      await page.getByText(hash).waitFor();
      await unfold(page.getByText("Create a public link"));
      await page.getByRole("textbox", { name: "Label" }).fill("for everyone");
      await page.getByLabel("Downloads").fill("1");
      await page.getByLabel("Only the content that it has now").check();
      await page.getByRole("button", { name: "Create the link" }).click();
      const address = await page.locator("code.secret").textContent();

      await assertAccessible(page);

      const guest = await world.visit({ screen });
      await guest.goto(address!);
      await guest.getByText(hash).waitFor();
      await assertAccessible(guest);
      await assertFits(guest);
      const link = guest.getByRole("link", { name: "Download" });
      assertEquals(await downloaded(guest, link, world), hash);
      await guest.reload();
      await guest.getByText("The downloads of this link are used up").waitFor();
      await guest.context().close();
    });

    await step("an account is made, comes on, is seen at once and sent away", async () => {
      await page.goto("/admin/accounts");
      await unfold(page.locator("summary.button"));
      await page.getByLabel("Name", { exact: true }).fill(account);
      await page.getByLabel("Password").fill(PASSWORD);
      await page.getByRole("button", { name: "Create the account" }).click();
      await seeToast(page, "The account was created");

      await page.getByRole("link", { name: "Sessions" }).click();
      await page.getByRole("rowheader", { name: "admin" }).first().waitFor();
      const bob = await world.signIn({ screen }, account, PASSWORD);
      const end = page.getByRole("button", { name: `End the session of ${account}` });
      await end.waitFor(); // the page updates itself
      await page.waitForRequest((request) => request.headers()["x-following"] === "1");
      await end.click();
      await page.getByRole("heading", { name: `End the session of ${account}?` }).waitFor();
      await assertAccessible(page);
      await page.getByRole("button", { name: "End the session" }).click();
      await seeToast(page, "The session has ended");
      await bob.getByRole("link", { name: "Shares" }).click();
      await bob.getByLabel("User name").waitFor();
      await bob.context().close();
    });

    await step("an account is limited, an address banned, and let in again", async () => {
      await page.goto("/admin/limits");
      await page.getByLabel("Account, network or any").fill(account);
      await page.getByLabel("Requests per minute").fill("600");
      await page.getByRole("button", { name: "Set the limits" }).click();
      await seeToast(page, "The limits were set");
      await page.getByRole("link", { name: account, exact: true }).click();
      await page.getByLabel("Address or network").fill("203.0.113.9");
      await page.getByLabel("Reason").fill("guessing");
      await page.getByRole("button", { name: "Ban", exact: true }).click();
      await seeToast(page, "It is banned");
      await assertAccessible(page);
      await page.getByRole("button", { name: "Lift the ban of 203.0.113.9" }).click();
      await page.getByText("Nothing is banned").waitFor();
    });

    await step("the audit log is read, filtered, and followed", async () => {
      await page.getByRole("link", { name: "Logs" }).click();
      const log = page.getByRole("log");
      await log.getByText(account).waitFor();
      await page.getByLabel("Containing").fill("make-directory");
      await page.getByRole("button", { name: "Show" }).click();
      await log.getByText(folder).waitFor();
      assert(!(await log.textContent())!.includes(account));
      const other = await world.signIn({ screen });
      await unfold(other.getByText("New folder", { exact: true }));
      await other.getByLabel("Name of the new folder").fill(`Followed by a ${screen}`);
      await other.getByRole("button", { name: "Create the folder" }).click();
      await log.getByText(`Followed by a ${screen}`).waitFor();
      await other.context().close();
    });

    await step("a sign-out ends the session", async () => {
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.goto(`/files/${folder}`);
      await page.getByLabel("User name").waitFor();
    });
    await page.context().close();
  }
});
