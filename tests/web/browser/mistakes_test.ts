// Holds that a mistake in any form keeps what was typed, and that its message is beside the field.

import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { assertAccessible, assertFits } from "../../support/browser.ts";
import { browserTest, type World } from "./world.ts";

const PASSWORD = "a horse that is not correct";

/** A form, a mistake in it, and what is kept. */
interface Mistake {
  readonly form: string;
  readonly address: string;
  /** Unfolds the form. */
  readonly unfold?: string;
  /** Content of the fields by their labels; that of boxes is `true` or `false`. */
  readonly fields: Readonly<Record<string, string | boolean>>;
  readonly button: string;
  /** Label of the field at fault. */
  readonly field: string;
  readonly message: RegExp;
}

const MISTAKES: readonly Mistake[] = [
  {
    form: "a new folder with a taken name",
    address: "/files/",
    unfold: "New folder",
    fields: { "Name of the new folder": "taken" },
    button: "Create the folder",
    field: "Name of the new folder",
    message: /"\/taken" exists|already/,
  },
  {
    form: "a name that is longer than any can be",
    address: "/details/a.txt",
    fields: { "New name": "long ".repeat(60) },
    button: "Rename",
    field: "New name",
    message: /longer than 255 bytes/,
  },
  {
    form: "a token with a label that is too long",
    address: "/account",
    unfold: "Create a token",
    fields: { Label: "long ".repeat(60) },
    button: "Create the token",
    field: "Label",
    message: /longer than 200 characters/,
  },
  {
    form: "a link with a label that is too long",
    address: "/details/a.txt",
    unfold: "Create a public link",
    fields: { Label: "long ".repeat(60) },
    button: "Create the link",
    field: "Label",
    message: /longer than 200 characters/,
  },
  {
    form: "another name with a slash",
    address: "/details/a.txt",
    fields: { "New name": "b/c.txt" },
    button: "Rename",
    field: "New name",
    message: /cannot contain a slash/,
  },
  {
    form: "a share with an account that does not exist",
    address: "/details/a.txt",
    unfold: "Share with an account",
    fields: { Account: "nobody-here", write: true, "Valid for": "24" },
    button: "Share",
    field: "Account",
    message: /no account "nobody-here"/,
  },
  {
    form: "a link with a short password",
    address: "/details/a.txt",
    unfold: "Create a public link",
    fields: { Label: "for you", Downloads: "3", Password: "short", "Valid for": "1" },
    button: "Create the link",
    field: "Password",
    message: /8 to 1024 bytes/,
  },
  {
    form: "a wrong password at its change",
    address: "/account",
    fields: {
      "Current password": "guessed wrong",
      "New password": PASSWORD,
      "New password again": PASSWORD,
    },
    button: "Change the password",
    field: "Current password",
    message: /password is wrong/,
  },
  {
    form: "a new password that was typed in two ways",
    address: "/account",
    fields: {
      "Current password": "guessed wrong",
      "New password": PASSWORD,
      "New password again": "another one",
    },
    button: "Change the password",
    field: "New password again",
    message: /not typed the same twice/,
  },
  {
    form: "a token with a path that cannot be one",
    address: "/account",
    unfold: "Create a token",
    fields: { Label: "backup", "Only in this folder": "/...", write: false, "Valid for": "24" },
    button: "Create the token",
    field: "Only in this folder",
    message: /dots only/,
  },
  {
    form: "a new account with a taken name",
    address: "/admin/accounts",
    unfold: "New account",
    fields: { Name: "bob", Password: PASSWORD, Quota: "10G", administer: true, delete: false },
    button: "Create the account",
    field: "Name",
    message: /an account "bob" already/,
  },
  {
    form: "a new account with a quota that is none",
    address: "/admin/accounts",
    unfold: "New account",
    fields: { Name: "carol", Password: PASSWORD, Quota: "ten" },
    button: "Create the account",
    field: "Quota",
    message: /such as 500M or 10G/,
  },
  {
    form: "a quota that is none",
    address: "/admin/accounts/bob",
    fields: { Quota: "a lot" },
    button: "Change the quota",
    field: "Quota",
    message: /such as 500M or 10G/,
  },
  {
    form: "an account that is removed by another name",
    address: "/admin/accounts/bob",
    fields: { "Type bob to confirm": "rob", "keep its files aside on the server": false },
    button: "Remove the account",
    field: "Type bob to confirm",
    message: /type its name, "bob"/,
  },
];

async function fill(page: Page, { fields }: Mistake): Promise<void> {
  for (const [label, content] of Object.entries(fields)) {
    const field = page.getByLabel(label, { exact: true }).filter({ visible: true }).first();
    if (typeof content === "boolean") await field.setChecked(content);
    else if (label === "Valid for") await field.selectOption(content);
    else await field.fill(content);
  }
}

/** Present values of the fields. */
async function contentOf(page: Page, { fields }: Mistake, passwords: boolean) {
  const found: Record<string, string | boolean> = {};
  for (const [label, content] of Object.entries(fields)) {
    const field = page.getByLabel(label, { exact: true }).filter({ visible: true }).first();
    if (typeof content === "boolean") found[label] = await field.isChecked();
    else if (passwords || !/password/i.test(label)) found[label] = await field.inputValue();
    else found[label] = content; // kept by script alone
  }
  return found;
}

/** Sends a form, and holds that the message is beside its field, which has the focus. */
async function refused(page: Page, mistake: Mistake): Promise<void> {
  await page.getByRole("button", { name: mistake.button, exact: true }).click();
  const alert = page.getByRole("alert").filter({ hasText: mistake.message });
  await alert.waitFor();
  assertEquals(await page.getByRole("alert").count(), 1);
  const field = page.getByLabel(mistake.field, { exact: true }).filter({ visible: true }).first();
  assertEquals(await field.getAttribute("aria-invalid"), "true");
  const described = await field.getAttribute("aria-describedby") ?? "";
  assert(described.split(" ").includes(await alert.getAttribute("id") ?? "none"), described);
}

async function prepare(world: World): Promise<void> {
  await world.storeDirectory("taken");
  for (const name of ["a.txt", "b.txt"]) await world.store(name, name);
  await world.addAccount("bob", PASSWORD);
}

browserTest("a mistake keeps the typed text", ["--allow-register"], async (world, step) => {
  await prepare(world);
  world.browser.breaking = true; // browsers note refusals as errors
  for (const screen of ["desktop", "phone"] as const) {
    const page = await world.signIn({ screen });
    /** Pages that were found accessible with a message. */
    const looked = new Set<string>();
    for (const mistake of MISTAKES) {
      await step(`on a ${screen}: ${mistake.form}`, async () => {
        await page.goto(mistake.address);
        if (mistake.unfold) {
          await page.locator("summary").filter({ hasText: mistake.unfold }).click();
        }
        await fill(page, mistake);
        await refused(page, mistake);
        assertEquals(await contentOf(page, mistake, true), mistake.fields);
        await page.locator("[aria-invalid=true]:focus").waitFor();
        if (!looked.has(mistake.address)) await assertAccessible(page);
        looked.add(mistake.address);
        await assertFits(page);
        assertEquals(new URL(page.url()).pathname, mistake.address); // a reload sends nothing again
      });
    }

    await step(`on a ${screen}: a missing target, and then a right one`, async () => {
      await page.goto("/details/a.txt");
      await page.getByRole("button", { name: "Move…" }).click();
      const to = page.getByLabel("To which folder");
      await to.fill("/taken/nowhere");
      await page.getByRole("button", { name: "Move", exact: true }).click();
      await page.getByRole("alert").filter({ hasText: "/taken/nowhere" }).waitFor();
      assertEquals(await to.inputValue(), "/taken/nowhere");
      await assertAccessible(page);
      await page.getByRole("link", { name: "Cancel" }).click();
    });

    await step(`on a ${screen}: sign-in and sign-up`, async () => {
      const other = await world.visit({ screen });
      await other.goto("/sign-in");
      await other.getByLabel("User name").fill("bob");
      await other.getByLabel("Password").fill("guessed wrong");
      await other.getByRole("button", { name: "Sign in" }).click();
      await other.getByRole("alert").filter({ hasText: "password is wrong" }).waitFor();
      assertEquals(await other.getByLabel("User name").inputValue(), "bob");
      await assertAccessible(other);
      await other.getByRole("link", { name: "Create an account" }).click();
      await other.getByLabel("User name").fill("bob");
      await other.getByLabel("Password").fill(PASSWORD);
      await other.getByRole("button", { name: "Create it and sign in" }).click();
      await other.getByRole("alert").filter({ hasText: 'an account "bob" already' }).waitFor();
      assertEquals(await other.getByLabel("Password").inputValue(), PASSWORD);
      await other.getByLabel("User name").fill(`dora-${screen}`);
      await other.getByRole("button", { name: "Create it and sign in" }).click();
      await other.getByRole("navigation", { name: "Main" }).waitFor();
      await other.context().close();
    });

    await step(`on a ${screen}: an address that leads nowhere offers ways on`, async () => {
      for (
        const [address, way] of [
          ["/files/taken/none/deep.txt", "The folder above"],
          ["/admin/accounts/nobody", "The page that it belongs to"],
          ["/actions/mkdir", "Go to the files"],
        ]
      ) {
        await page.goto(address!);
        await assertAccessible(page);
        await page.getByRole("link", { name: way! }).waitFor();
      }
    });
    await page.context().close();
  }

  const plain = await world.signIn({ script: false });
  for (const mistake of MISTAKES.filter(({ unfold }) => unfold !== "New folder")) {
    await step(`without script: ${mistake.form}`, async () => {
      await plain.goto(mistake.address);
      if (mistake.unfold) {
        await plain.locator("summary").filter({ hasText: mistake.unfold }).click();
      }
      await fill(plain, mistake);
      await refused(plain, mistake);
      assertEquals(await contentOf(plain, mistake, false), mistake.fields);
    });
  }
  await step("without script: nothing is chosen, and a file is too large", async () => {
    await plain.goto("/files/");
    await plain.getByRole("button", { name: "Delete…" }).click();
    await plain.getByRole("alert").filter({ hasText: "Nothing was chosen" }).waitFor();
    await plain.goto("/admin/accounts/admin");
    await plain.getByLabel("Quota").fill("1K");
    await plain.getByRole("button", { name: "Change the quota" }).click();
    await plain.goto("/files/taken");
    await world.makeFile("large.bin", 10_000);
    await plain.getByLabel("Files to upload").setInputFiles(`${world.local}/large.bin`);
    await plain.getByRole("button", { name: "Upload", exact: true }).click();
    await plain.getByRole("alert").filter({ hasText: "quota" }).waitFor();
    await plain.getByLabel("Files to upload").waitFor(); // another one can be chosen at once
  });
});
