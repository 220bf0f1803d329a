// Holds how pages look: readable buttons, times in the browser's zone, sizes, plurals, a list that begins early.

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { runAdmin } from "../../../server/admin/run.ts";
import { terminalWith } from "../../support/admin.ts";
import { assertAccessible, assertFits } from "../../support/browser.ts";
import { clusterEnvironment } from "../../support/cluster/shared.ts";
import { ON_CLUSTER } from "../../support/engine.ts";
import { browserTest } from "./world.ts";

/** Summer and winter: two offsets of one zone. */
const TIMES = { "summer.txt": "2026-07-01T22:30:00Z", "winter.txt": "2026-01-01T22:30:00Z" };

browserTest("how pages look", [], async (world, step) => {
  await world.storeDirectory("deep/er/still");
  for (const [name, time] of Object.entries(TIMES)) {
    await world.store(name, "x", time);
  }
  for (const screen of ["desktop", "phone"] as const) {
    const on = `on a ${screen}: `;
    const page = await world.signIn({ screen, timezone: "Europe/Berlin" });

    await step(on + "buttons are readable while what they unfold is open", async () => {
      for (
        const [address, name] of [["/admin/accounts", "New account"], ["/files/", "New folder"]]
      ) {
        await page.goto(address!);
        await page.locator("summary").filter({ hasText: name! }).click();
        await assertAccessible(page);
        await assertFits(page);
      }
    });

    await step(on + "times are in the browser's zone, which is named", async () => {
      await page.goto("/details/summer.txt");
      await page.getByText("2026-07-02 00:30:00 GMT+2").waitFor();
      await page.goto("/details/winter.txt");
      await page.getByText("2026-01-01 23:30:00 GMT+1").waitFor();
      await page.goto("/files/");
      await page.getByText(/^Times are in Europe\/Berlin, now GMT\+[12]\.$/).waitFor();
      if (screen === "desktop") await page.getByText("2026-07-02 00:30", { exact: true }).waitFor();
      await page.goto("/admin/logs");
      await page.getByRole("log").getByText(/^\d{4}-\d\d-\d\dT[\d:.]+\+0[12]:00 /).waitFor();
    });

    await step(on + "the list begins within the first quarter of the screen", async () => {
      if (screen !== "phone") return;
      for (const address of ["/files/", "/files/deep/er", "/admin/accounts", "/admin/sessions"]) {
        await page.goto(address);
        // Script puts its buttons in the place of a form that is higher.
        if (address.startsWith("/files/")) {
          await page.locator(".upload-start").waitFor({ state: "attached" });
        }
        const { y } = (await page.locator("main .card.flush, main .card.empty").first()
          .boundingBox())!;
        assert(y <= page.viewportSize()!.height / 4, `${address}: ${y}`);
        const hidden = await page.evaluate(
          `[...document.querySelectorAll(".tabs a")].filter((tab) =>
          tab.getBoundingClientRect().right > innerWidth).map((tab) => tab.textContent)`,
        );
        assertEquals(hidden, [], "every page of the administration can be seen to be there");
        await assertFits(page);
      }
    });

    await step(on + "a form that is higher than the screen scrolls", async () => {
      if (screen !== "phone") return;
      const size = page.viewportSize()!;
      await page.setViewportSize({ width: 320, height: 480 });
      await page.goto("/admin/mounts");
      await page.locator("summary").filter({ hasText: "New mount" }).click();
      const { y } = (await page.locator("details.drop > div").boundingBox())!;
      const bar = (await page.locator("header.bar").boundingBox())!;
      assert(y >= bar.y + bar.height, `its beginning is out of reach: ${y}`);
      await page.getByRole("button", { name: "Mount the directory" }).scrollIntoViewIfNeeded();
      await page.getByLabel("Name at the top").scrollIntoViewIfNeeded();
      await page.setViewportSize(size);
    });

    await step(on + "one of something is no plural", async () => {
      await page.goto("/details/winter.txt");
      await page.getByText("(1 byte)").waitFor();
      await page.getByText("Create a public link").click();
      await page.getByLabel("Downloads").fill("1");
      await page.getByRole("button", { name: "Create the link" }).click();
      await page.getByText("0 of 1 download").waitFor();
      assertEquals(await page.getByText("1 downloads").count(), 0);
    });

    await step(on + "a size means the same as on the command line", async () => {
      await page.goto("/admin/accounts/admin");
      await page.getByLabel("Quota").fill(screen === "phone" ? "500m" : "500 MiB");
      const loaded = page.waitForEvent("load"); // the quota may have been the same before
      await page.getByRole("button", { name: "Change the quota" }).click();
      await loaded;
      await page.getByText("of 500 MiB used").first().waitFor();
      await page.getByLabel("Quota").and(page.locator('[value="500M"]')).waitFor();
      const usage = await page.evaluate(`fetch("/api/v1/account", { headers: {
        "X-CSRF-Token": document.querySelector("meta[name=csrf-token]").content,
      } }).then((reply) => reply.json())`);
      assert(JSON.stringify(usage).includes("524288000"), JSON.stringify(usage));
      const name = `cli-${screen}`;
      const line = ["user", "add", name, "--password-stdin", "--quota", "500M"];
      const shared = ON_CLUSTER ? await clusterEnvironment(world.server.data) : {};
      const { exitCode } = await runAdmin({
        args: [...line, "--data", world.server.data],
        variable: (name) => shared[name],
        directory: world.server.data,
      }, terminalWith("a horse that is not correct\n"));
      assertEquals(exitCode, 0);
      await page.goto(`/admin/accounts/${name}`);
      await page.getByText("of 500 MiB used").first().waitFor();
      assertEquals(await page.getByLabel("Quota").inputValue(), "500M");
    });
    await page.context().close();
  }

  await step("names that differ in spaces alone look different", async () => {
    for (const name of [" ", "  ", " a b", "a  b", "a b "]) {
      await world.store(`deep/${name}`, "x");
    }
    const page = await world.signIn();
    await page.goto("/files/deep");
    const shown = await page.locator("[data-name] th bdi").allInnerTexts();
    assertEquals(shown.toSorted(), [
      "U+0020",
      "U+0020U+0020",
      "U+0020a b",
      "a  b",
      "a bU+0020",
      "er",
    ]);
    await assertAccessible(page);
    await page.context().close();
  });

  await step("at 320 pixels the filter is a line of its own", async () => {
    const page = await world.signIn({ screen: "phone" });
    await page.setViewportSize({ width: 320, height: 640 });
    for (const address of ["/files/", "/files/deep"]) {
      await page.goto(address);
      await page.locator(".upload-start").waitFor({ state: "attached" });
      const { width } = (await page.getByLabel("Filter by name").boundingBox())!;
      assert(width > 250, `${width}`);
      await assertFits(page);
    }
    await page.context().close();
  });

  await step("with forced colours the present tab and place are marked", async () => {
    const page = await world.signIn();
    await page.emulateMedia({ forcedColors: "active" });
    await page.goto("/admin/health");
    const colours = async (selector: string, name: string): Promise<string[]> =>
      await page.evaluate(`[...new Set(Array.from(document.querySelectorAll("${selector}"),
        (one) => getComputedStyle(one)["${name}"]))]`);
    const others = await colours(".tabs a:not([aria-current])", "borderBottomColor");
    assertEquals(others, await colours("body", "backgroundColor"));
    assertNotEquals(await colours(".tabs a[aria-current]", "borderBottomColor"), others);
    assertEquals(await colours(".bar nav a[aria-current]", "outlineStyle"), ["solid"]);
    await page.context().close();
  });

  await step("on paper there is nothing to press", async () => {
    const page = await world.signIn();
    await page.emulateMedia({ media: "print" });
    for (const address of ["/files/", "/details/summer.txt", "/account", "/admin/logs"]) {
      await page.goto(address);
      const pressed = page.locator("button, input, select, .button").filter({ visible: true });
      assertEquals(await pressed.evaluateAll((all) => all.map((one) => one.outerHTML)), []);
    }
    await page.goto("/files/");
    await page.getByText("summer.txt").waitFor();
    await page.context().close();
  });
});
