/** Changing files by forms: each leads back to a page that says what was done. */
import { isStoreError, StoreError } from "../../../storage/contract/error.ts";
import { childOf, nameOf, parentOf, type VirtualPath } from "../../../storage/contract/path.ts";
import { Pace } from "../../../storage/common/slices.ts";
import type { View } from "../../../storage/vault.ts";
import type { Register, WebContext } from "../request/env.ts";
import { problemOf } from "../request/failure.ts";
import { storeForm } from "../request/form_upload.ts";
import { signedIn } from "../session/session_cookie.ts";
import { hrefOf } from "../ui/href.ts";
import { page } from "../ui/layout.tsx";
import { type Chosen, DeletePage, FailuresPage, TargetPage } from "./action_pages.tsx";
import { flowOf } from "./content_routes.ts";
import { attempt, inField } from "./attempt.ts";
import { doneAt } from "./done.ts";
import { addressOfEntry, LIST_FORM } from "./files_look.ts";
import { detailsPage, filesPage } from "./files_routes.tsx";
import type { Refusal } from "../ui/entry.ts";
import { counted } from "../../../common/counted.ts";
import { formOf } from "../request/form_body.ts";
import { nameIn, textIn } from "./forms.ts";

/** Most directories that are offered as a target. */
const MAX_PLACES = 100;

/** Registers the routes of actions on files and directories. */
export const registerActions: Register = (app, services) => {
  app.post("/actions/mkdir", async (c) => {
    const { view } = signedIn(c);
    const form = await formOf(c);
    const directory = view.resolve("/", textIn(form, "directory"));
    return await attempt(c, {
      form,
      run: () =>
        inField("name", async () => {
          // A folder that is dropped onto a page may come with those above it, and be there already.
          const parents = form.get("parents") === "yes";
          const name = parents ? textIn(form, "name") : nameIn(form);
          await view.tree.makeDirectory(view.resolve(directory, `./${name}`), { parents });
          return doneAt(c, addressOfEntry(directory, textIn(form, "list"), name), "made");
        }),
      again: (refusal) => filesPage(c, directory, refusal),
    });
  });

  app.post("/actions/rename", async (c) => {
    const { view } = signedIn(c);
    const form = await formOf(c);
    const path = view.resolve("/", textIn(form, "path"));
    return await attempt(c, {
      form,
      run: () =>
        inField("name", async () => {
          const target = view.resolve(parentOf(path), `./${nameIn(form)}`);
          const renamed = await view.tree.rename(path, target);
          const list = form.get("list");
          const back = typeof list === "string"
            ? addressOfEntry(parentOf(renamed), list, nameOf(renamed))
            : hrefOf("details", renamed);
          return doneAt(c, back, "renamed");
        }),
      again: (refusal) => detailsPage(c, path, refusal),
    });
  });

  app.post("/actions/delete", async (c) => {
    return await withChosen(c, async (chosen, form) => {
      const { view } = chosen.session;
      if (form.get("confirmed") !== "yes") {
        return page(c, <DeletePage {...chosen} directories={await countDirectories(chosen)} />);
      }
      const { done, failures } = await each(chosen, async (path) => {
        const { type } = await view.tree.describe(path);
        if (type === "directory") await view.tree.removeDirectory(path, { recursive: true });
        else await view.tree.remove(path);
      });
      if (failures.length === 0) {
        return doneAt(c, hrefOf("files", chosen.directory), "deleted", done);
      }
      return failed(c, { ...chosen, done, failures });
    });
  });

  for (const what of ["move", "copy"] as const) {
    app.post(`/actions/${what}`, async (c) => {
      return await withChosen(c, async (chosen, form) => {
        const { session: { view }, directory } = chosen;
        const again = async (refusal?: Refusal) => {
          const places = await placesNear(view, directory);
          return await page(c, <TargetPage {...{ ...chosen, what, places, refusal }} />);
        };
        if (form.get("to") === null) return again();
        return await attempt(c, {
          form,
          async run() {
            const to = await inField("to", async () => {
              const to = view.resolve(directory, textIn(form, "to"));
              const { type } = await view.tree.describe(to);
              if (type !== "file") return to;
              throw new StoreError("not-directory", `"${to}" is a file`);
            });
            const { done, failures } = await each(chosen, async (path) => {
              const target = childOf(to, nameOf(path));
              if (what === "move") await view.tree.rename(path, target);
              else await view.tree.copy(path, target);
            });
            if (failures.length === 0) {
              return doneAt(c, hrefOf("files", to), what === "move" ? "moved" : "copied", done);
            }
            // Another folder may be the way on.
            if (done === 0) return await inField("to", () => Promise.reject(failures[0]!.error));
            return await failed(c, { ...chosen, done, failures, what });
          },
          again,
        });
      });
    });
  }

  app.post("/actions/upload", async (c) => {
    const session = signedIn(c);
    const directory = session.view.resolve("/", c.req.query("directory") ?? "/");
    const flow = flowOf(services, session, "up");
    let stored = 0;
    return await attempt(c, {
      form: new FormData(),
      async run() {
        const onStored = () => void stored++;
        const { came } = c.env;
        await storeForm(c.req.raw, { view: session.view, directory, ...flow, came, onStored });
        return doneAt(c, hrefOf("files", directory), "uploaded", stored);
      },
      again(refusal) {
        const before = stored === 0 ? "" : `; ${counted(stored, "file was", "files were")} stored`;
        return filesPage(c, directory, { ...refusal, detail: refusal.detail + before });
      },
    });
  });
};

/** Carries out a form of the list of a directory, with what was chosen in it. */
async function withChosen(
  c: WebContext,
  run: (chosen: Chosen, form: FormData) => Promise<Response>,
): Promise<Response> {
  const session = signedIn(c);
  const form = await formOf(c);
  const directory = session.view.resolve("/", textIn(form, "directory"));
  const names = [...new Set(form.getAll("name").map(String))].filter((name) => name !== "");
  return await attempt(c, {
    form,
    name: LIST_FORM,
    run() {
      if (names.length > 0) return run({ session, directory, names }, form);
      throw new StoreError("bad-request", "Nothing was chosen: check the boxes of some entries");
    },
    again: (refusal) => filesPage(c, directory, refusal),
  });
}

interface Failed {
  readonly name: string;
  readonly error: unknown;
}

/** Does something with each of what was chosen; one that fails keeps none of the others back. */
async function each(
  { session, directory, names }: Chosen,
  run: (path: VirtualPath) => Promise<void>,
): Promise<{ done: number; failures: Failed[] }> {
  const failures: Failed[] = [];
  const pace = new Pace();
  for (const name of names) {
    await pace.turn();
    try {
      await run(session.view.resolve(directory, `./${name}`));
    } catch (error) {
      if (isStoreError(error, "session-over")) throw error;
      failures.push({ name, error });
    }
  }
  return { done: names.length - failures.length, failures };
}

/** The page of what did not work, of several. */
async function failed(
  c: WebContext,
  props: Chosen & { done: number; failures: readonly Failed[]; what?: "move" | "copy" },
): Promise<Response> {
  const failures = props.failures.map(({ name, error }) => ({ name, ...problemOf(error) }));
  const { status, headers } = failures[0]!;
  return await page(c, <FailuresPage {...props} failures={failures} />, status, headers);
}

async function countDirectories({ session, directory, names }: Chosen): Promise<number> {
  let count = 0;
  const pace = new Pace();
  for (const name of names) {
    await pace.turn();
    const path = session.view.resolve(directory, `./${name}`);
    if ((await session.view.tree.describe(path)).type === "directory") count++;
  }
  return count;
}

/** Lists nearby directories: those in this one, and those above it. */
async function placesNear(view: View, directory: VirtualPath): Promise<VirtualPath[]> {
  const places: VirtualPath[] = [];
  for (let at = directory; at !== "/"; at = parentOf(at)) places.push(parentOf(at));
  const { entries } = await view.tree.browse(directory, { limit: MAX_PLACES });
  const below = entries.filter(({ type }) => type === "directory");
  return [...places, ...below.map(({ name }) => childOf(directory, name))];
}
