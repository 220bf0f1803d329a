/** Changing files by forms: each leads back to a page that says what was done. */
import { isStoreError, StoreError } from "../../../storage/contract/error.ts";
import { childOf, nameOf, parentOf, type VirtualPath } from "../../../storage/contract/path.ts";
import { Pace } from "../../../storage/common/slices.ts";
import type { View } from "../../../storage/vault.ts";
import type { Register, WebContext } from "../env.ts";
import { type Problem, problemOf } from "../failure.ts";
import { storeForm } from "../form_upload.ts";
import { signedIn } from "../session_cookie.ts";
import { hrefOf } from "../ui/href.ts";
import { page } from "../ui/layout.tsx";
import { type Chosen, DeletePage, FailuresPage, TargetPage } from "./action_pages.tsx";
import { flowOf } from "./content_routes.ts";
import { type Done, doneAt } from "./done.ts";
import { formOf, nameIn, textIn } from "./forms.ts";

/** Most directories that are offered as a target. */
const MAX_PLACES = 100;

export const registerActions: Register = (app, services) => {
  app.post("/actions/mkdir", async (c) => {
    const { view } = signedIn(c);
    const form = await formOf(c);
    const directory = view.resolve("/", textIn(form, "directory"));
    // A folder that is dropped onto a page may come with those above it, and be there already.
    const parents = form.get("parents") === "yes";
    const name = parents ? textIn(form, "name") : nameIn(form);
    await view.tree.makeDirectory(view.resolve(directory, `./${name}`), { parents });
    return doneAt(c, hrefOf("files", directory), "made");
  });

  app.post("/actions/rename", async (c) => {
    const { view } = signedIn(c);
    const form = await formOf(c);
    const path = view.resolve("/", textIn(form, "path"));
    const renamed = await view.tree.rename(path, view.resolve(parentOf(path), `./${nameIn(form)}`));
    const back = form.get("back") === "files" ? hrefOf("files", parentOf(renamed)) : undefined;
    return doneAt(c, back ?? hrefOf("details", renamed), "renamed");
  });

  app.post("/actions/delete", async (c) => {
    const { chosen, form } = await chosenIn(c);
    const { view } = chosen.session;
    if (form.get("confirmed") !== "yes") {
      return page(c, <DeletePage {...chosen} directories={await countDirectories(chosen)} />);
    }
    return await each(c, chosen, "deleted", hrefOf("files", chosen.directory), async (path) => {
      const { type } = await view.tree.describe(path);
      if (type === "directory") await view.tree.removeDirectory(path, { recursive: true });
      else await view.tree.remove(path);
    });
  });

  for (const what of ["move", "copy"] as const) {
    app.post(`/actions/${what}`, async (c) => {
      const { chosen, form } = await chosenIn(c);
      const { view } = chosen.session;
      if (form.get("to") === null) {
        const places = await placesNear(view, chosen.directory);
        return page(c, <TargetPage {...chosen} what={what} places={places} />);
      }
      const to = view.resolve(chosen.directory, textIn(form, "to"));
      const { type } = await view.tree.describe(to);
      if (type === "file") throw new StoreError("not-directory", `"${to}" is a file`);
      const done = what === "move" ? "moved" : "copied";
      return await each(c, chosen, done, hrefOf("files", to), async (path) => {
        const target = childOf(to, nameOf(path));
        if (what === "move") await view.tree.rename(path, target);
        else await view.tree.copy(path, target);
      });
    });
  }

  app.post("/actions/upload", async (c) => {
    const session = signedIn(c);
    const directory = session.view.resolve("/", c.req.query("directory") ?? "/");
    const flow = flowOf(services, session, "up");
    const stored = await storeForm(c.req.raw, { view: session.view, directory, ...flow });
    return doneAt(c, hrefOf("files", directory), "uploaded", stored);
  });
};

async function chosenIn(c: WebContext): Promise<{ chosen: Chosen; form: FormData }> {
  const session = signedIn(c);
  const form = await formOf(c);
  const directory = session.view.resolve("/", textIn(form, "directory"));
  const names = [...new Set(form.getAll("name").map(String))].filter((name) => name !== "");
  if (names.length === 0) throw new StoreError("bad-request", "Nothing was chosen");
  return { chosen: { session, directory, names }, form };
}

/** Does something with each of what was chosen; one that fails keeps none of the others back. */
async function each(
  c: WebContext,
  chosen: Chosen,
  done: Done,
  address: string,
  run: (path: VirtualPath) => Promise<void>,
): Promise<Response> {
  const { session, directory, names } = chosen;
  const failures: { name: string; problem: Problem }[] = [];
  const pace = new Pace();
  for (const name of names) {
    await pace.turn();
    try {
      await run(session.view.resolve(directory, `./${name}`));
    } catch (error) {
      if (isStoreError(error, "session-over")) throw error;
      failures.push({ name, problem: problemOf(error) });
    }
  }
  const [first] = failures;
  if (first === undefined) return doneAt(c, address, done, names.length);
  const { status, headers } = first.problem;
  return await page(
    c,
    <FailuresPage
      {...chosen}
      done={names.length - failures.length}
      failures={failures.map(({ name, problem }) => ({ name, detail: problem.detail }))}
    />,
    status,
    headers,
  );
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

/** Directories that are near at hand: those in this one, and those above it. */
async function placesNear(view: View, directory: VirtualPath): Promise<VirtualPath[]> {
  const places: VirtualPath[] = [];
  for (let at = directory; at !== "/"; at = parentOf(at)) places.push(parentOf(at));
  const { entries } = await view.tree.browse(directory, { limit: MAX_PLACES });
  const below = entries.filter(({ type }) => type === "directory");
  return [...places, ...below.map(({ name }) => childOf(directory, name))];
}
