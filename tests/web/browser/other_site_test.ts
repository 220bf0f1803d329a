// Holds that a link on another site leads who is signed in to the page, and can do no more than that.

import { browserTest } from "./world.ts";

browserTest("what another site can do", [], async (world, step) => {
  const page = await world.signIn();
  await using other = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
    const form = `<form method="post" action="${world.origin}/actions/mkdir">
      <input name="directory" value="/"><input name="name" value="forged">
      <button>Win a prize</button></form>`;
    const html = `<!doctype html><html lang="en"><link rel="icon" href="data:,">
      <title>Other</title><a href="${world.origin}/files/?sort=size">Files</a>${form}`;
    return new Response(html, { headers: { "content-type": "text/html" } });
  });
  const origin = `http://127.0.0.1:${other.addr.port}/`;

  await step("a link leads to the page, signed in as one is", async () => {
    await page.goto(origin);
    await page.getByRole("link", { name: "Files" }).click();
    await page.getByRole("navigation", { name: "Main" }).waitFor();
    await page.waitForURL("**/files/?sort=size");
  });

  await step("a visitor who is not signed in signs in, and comes to the page then", async () => {
    const guest = await world.visit();
    await guest.goto(origin);
    await guest.getByRole("link", { name: "Files" }).click();
    await guest.getByLabel("User name").fill("admin");
    await guest.getByLabel("Password").fill(world.server.password);
    await guest.getByRole("button", { name: "Sign in" }).click();
    await guest.waitForURL("**/files/?sort=size");
    await guest.context().close();
  });

  await step("a form changes nothing", async () => {
    await page.goto(origin);
    world.browser.breaking = true;
    await page.getByRole("button", { name: "Win a prize" }).click();
    await page.getByText("Another site sent this request").waitFor();
    world.browser.breaking = false;
    await page.goto("/files/");
    await page.getByText("Nothing is here yet").waitFor();
  });
});
