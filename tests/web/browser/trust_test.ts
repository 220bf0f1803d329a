// Carries out what /trust and docs/trust.md say for Chromium on Linux.
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { X509Certificate } from "node:crypto";
import {
  assertAccessible,
  assertFits,
  TestBrowser,
  withoutBrowser,
} from "../../support/browser.ts";
import { blocksOf, isInstalled } from "../../support/docs/blocks.ts";
import { isLeftOut } from "../../support/engine.ts";
import { ROOT } from "../../support/import_graph.ts";
import { startServer } from "../../support/server.ts";

/** The commands of docs/trust.md that give an authority to Chromium. */
function commands(): string {
  const page = Deno.readTextFileSync(join(ROOT, "docs/trust.md"));
  const block = blocksOf(page).find(({ text }) => /certutil .* -A /.test(text));
  assert(block !== undefined);
  return block.text;
}

Deno.test({
  name: "Chromium trusts the server after the commands of docs/trust.md",
  ignore: withoutBrowser || Deno.build.os !== "linux" || !isInstalled("certutil") ||
    isLeftOut("a certificate that the server made"),
  // The driver of the browser keeps timers and pipes of its own.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    await using server = await startServer({ web: true });
    const home = await Deno.makeTempDir({ prefix: "towpath-home-" });
    const origin = `https://localhost:${server.info.web!.port}`;
    try {
      await using before = await TestBrowser.start(home);
      before.breaking = true;
      const warned = await before.open({ origin, strict: true });
      await assertRejects(() => warned.goto("/trust"), Error, "ERR_CERT_AUTHORITY_INVALID");

      // A user who goes on in spite of the warning finds the authority and its fingerprint.
      const page = await before.open({ origin, screen: "phone" });
      await page.goto("/sign-in");
      await page.getByRole("link", { name: "Trust this server's certificate" }).click();
      await assertAccessible(page);
      await assertFits(page);
      const downloading = page.waitForEvent("download");
      await page.getByRole("link", { name: "Download the authority" }).click();
      const file = join(home, "ca.pem");
      await (await downloading).saveAs(file);
      const { fingerprint256 } = new X509Certificate(await Deno.readTextFile(file));
      await page.getByText(fingerprint256).waitFor();
      assertEquals(
        fingerprint256,
        new X509Certificate(await Deno.readTextFile(server.info.ca!)).fingerprint256,
      );

      const { success, stderr } = await new Deno.Command("sh", {
        args: ["-euc", commands()],
        cwd: home,
        env: { HOME: home },
      }).output();
      assert(success, new TextDecoder().decode(stderr));

      await using after = await TestBrowser.start(home);
      const trusted = await after.open({ origin, strict: true });
      const reply = await trusted.goto("/trust");
      assertMatch(String((await reply!.securityDetails())?.protocol), /^TLS/);
      await trusted.getByRole("heading", { name: "Trust this server" }).waitFor();
      after.assertQuiet();
    } finally {
      await Deno.remove(home, { recursive: true });
    }
  },
});
