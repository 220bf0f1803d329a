// Holds what script adds to the list of files: keys, filter, choice; and that it works without.

import {
  assert,
  assertEquals,
  assertMatch,
  assertNotMatch,
  assertNotStrictEquals,
  assertStrictEquals,
} from "@std/assert";
import type { Page } from "playwright-core";
import { browserTest } from "./world.ts";

const focused = (page: Page) =>
  page.evaluate(`document.activeElement.closest("[data-name]")?.dataset.name ?? ""`);

browserTest("the list of files by keyboard", [], async (world, step) => {
  await world.storeDirectory("sub");
  for (const name of ["alpha.txt", "Élan.txt", "beta.txt", "gamma.txt"]) {
    await world.store(name, name);
  }
  const page = await world.signIn();
  const row = (name: string) => page.locator(`[data-name="${name}"]`);

  await step("at most 60 KB of script and style are loaded before an upload starts", async () => {
    const loaded: { name: string; bytes: number }[] = await page.evaluate(
      `performance.getEntriesByType("resource")
        .map(({ name, decodedBodySize }) => ({ name, bytes: decodedBodySize }))
        .filter(({ name }) => /[.](js|css)$/.test(name))`,
    );
    const names = loaded.map(({ name }) => name.slice(name.lastIndexOf("/") + 1)).sort();
    assertEquals(names, ["page.js", "style.css"]);
    const bytes = loaded.reduce((sum, file) => sum + file.bytes, 0);
    assert(bytes > 0 && bytes <= 60_000, `${bytes} bytes`);
  });

  await step("WebAssembly is allowed to the worker that hashes, and to no page", async () => {
    const policyOf = (url: string) =>
      page.evaluate(`fetch("${url}").then((r) => r.headers.get("content-security-policy"))`);
    const script = await page.locator("script").first().getAttribute("src");
    assertMatch(
      String(await policyOf(script!.replace("page.js", "hash_worker.js"))),
      /wasm-unsafe-eval/,
    );
    assertNotMatch(String(await policyOf("/files/")), /wasm|unsafe/);
  });

  await step("arrow keys walk the rows", async () => {
    await page.keyboard.press("ArrowDown");
    const first = await focused(page);
    await page.keyboard.press("ArrowDown");
    assertNotStrictEquals(await focused(page), first);
    await page.keyboard.press("ArrowUp");
    assertStrictEquals(await focused(page), first);
    await page.keyboard.press("End");
    assertNotStrictEquals(await focused(page), first);
  });

  await step("/ leads to the filter, which filters as one types", async () => {
    await page.keyboard.press("/");
    await page.keyboard.type("elan");
    await page.getByText("1 of 5 shown").waitFor();
    assert(await row("Élan.txt").isVisible() && !await row("alpha.txt").isVisible());
    await page.keyboard.press("ArrowDown");
    assertEquals(await focused(page), "Élan.txt");
    await page.keyboard.press("/");
    await page.keyboard.press("Escape");
    assert(await row("alpha.txt").isVisible());
  });

  await step("space chooses, shift chooses what lies between", async () => {
    await row("alpha.txt").getByRole("link").first().focus();
    await page.keyboard.press(" ");
    await page.getByText("1 selected").waitFor();
    await row("alpha.txt").getByRole("checkbox").click();
    await row("alpha.txt").getByRole("checkbox").click();
    await row("gamma.txt").getByRole("checkbox").click({ modifiers: ["Shift"] });
    await page.getByText("4 selected").waitFor(); // alpha, beta, Élan, gamma
    await page.getByLabel("Choose all on this page").click();
    await page.getByText("5 selected").waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("alpha");
    await page.getByText("1 selected").waitFor(); // what is not seen is not chosen
    await page.keyboard.press("Escape");
    await page.getByLabel("Choose all on this page").click();
    await page.getByText("5 selected").waitFor();
    await page.getByLabel("Choose all on this page").click();
  });

  /** Waits until a row has the focus. */
  const hasFocus = (name: string) => row(name).locator("th a:focus").waitFor();

  await step("F2 leads to the new name and back to its row, in the same order", async () => {
    await page.goto("/files/?sort=name&order=desc");
    await row("beta.txt").getByRole("link").first().focus();
    await page.keyboard.press("F2");
    await page.locator("#new-name:focus").waitFor();
    world.browser.breaking = true; // browsers note refusals as errors
    await page.keyboard.type("alpha"); // the extension is not selected
    await page.keyboard.press("Enter");
    await page.getByRole("alert").filter({ hasText: "exists already" }).waitFor();
    world.browser.breaking = false;
    await page.locator("#new-name:focus").fill("delta.txt");
    await page.keyboard.press("Enter");
    await page.getByText("The name was changed").waitFor();
    await hasFocus("delta.txt");
    assertEquals(page.url(), `${world.origin}/files/?sort=name&order=desc`);
  });

  await step("Delete leads to the question and back to its row, or to the next one", async () => {
    await page.keyboard.press("Delete");
    await page.getByRole("heading", { name: /^Delete/ }).waitFor();
    await page.getByRole("link", { name: "Keep" }).click();
    await hasFocus("delta.txt");
    await page.keyboard.press("Delete");
    await page.getByRole("heading", { name: /^Delete/ }).waitFor();
    await page.getByRole("button", { name: /Delete/ }).click();
    await page.getByText("1 entry was deleted").waitFor();
    assertEquals(await world.stored("delta.txt"), undefined);
    await hasFocus("Élan.txt");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Élan.txt" }).waitFor();
    await page.goBack();
    await hasFocus("Élan.txt");
  });

  await step("Ctrl-A selects all, Escape none; in a field it selects its text", async () => {
    await page.goto("/files/");
    await page.keyboard.press("Control+a");
    await page.getByText("4 selected").waitFor();
    await page.keyboard.press("Delete");
    await page.getByRole("heading", { name: "Delete 4 entries?" }).waitFor();
    await page.getByRole("link", { name: "Keep" }).click();
    await page.keyboard.press("Control+a");
    await page.keyboard.press("Escape");
    await page.getByText("4 selected").waitFor({ state: "hidden" });
    await page.keyboard.press("/");
    await page.keyboard.type("alpha");
    await page.keyboard.press("Control+a");
    await page.keyboard.type("nowhere");
    await page.getByText("No name on this page contains that.").waitFor();
    await page.keyboard.press("Enter");
    await page.getByText("No name in this folder contains “nowhere”.").waitFor();
    await page.getByRole("link", { name: "Show all" }).first().click();
    await row("alpha.txt").waitFor();
  });

  for (const screen of ["desktop", "phone"] as const) {
    await step(`on a ${screen}: a new folder is typed and made by Enter`, async () => {
      const on = await world.signIn({ screen });
      await on.locator("summary").filter({ hasText: "New folder" }).focus();
      await on.keyboard.press("Enter");
      await on.locator("#new-folder:focus").waitFor();
      await on.keyboard.press("Escape");
      await on.locator("summary:focus").waitFor();
      await on.keyboard.press(" ");
      await on.locator("#new-folder:focus").waitFor();
      await on.keyboard.type(`typed on a ${screen}`);
      await on.keyboard.press("Enter");
      await on.getByText("The folder was created").waitFor();
      await on.locator(`[data-name="typed on a ${screen}"] th a:focus`).waitFor();
      await on.context().close();
    });
  }

  await step("without script files are uploaded, renamed and deleted as well", async () => {
    const plain = await world.signIn({ script: false });
    const hash = await world.makeFile("plain.txt", 1000);
    await plain.getByLabel("Files to upload").setInputFiles(`${world.local}/plain.txt`);
    await plain.getByRole("button", { name: "Upload", exact: true }).click();
    await plain.getByText("1 file was stored").waitFor();
    assertEquals(await world.stored("plain.txt"), hash);
    await plain.getByRole("link", { name: "plain.txt", exact: true }).click();
    await plain.getByLabel("New name").fill("renamed.txt");
    await plain.getByRole("button", { name: "Rename" }).click();
    await plain.getByText("The name was changed").waitFor();
    await plain.getByRole("button", { name: "Delete…" }).click();
    await plain.getByRole("button", { name: /Delete/ }).click();
    await plain.getByText("1 entry was deleted").waitFor();
    assertEquals(await world.stored("renamed.txt"), undefined);
    await plain.context().close();
  });
});
