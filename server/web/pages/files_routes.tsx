/** Looking at files: directories, details, why something is denied. */
import { type Sort, SORTS } from "../../../storage/tree/browse.ts";
import { isStoreError, StoreError } from "../../../storage/contract/error.ts";
import { childOf, type VirtualPath } from "../../../storage/contract/path.ts";
import type { FileInfo } from "../../../storage/tree/seen_tree.ts";
import type { LetterRule } from "../../../storage/access/why.ts";
import type { View } from "../../../storage/vault.ts";
import { assetUrl } from "../assets/table.ts";
import type { Register, WebContext } from "../request/env.ts";
import { firstOf } from "../request/first_of.ts";
import { signedIn } from "../session/session_cookie.ts";
import type { Refusal } from "../ui/entry.ts";
import { hrefOf, pathIn } from "../ui/href.ts";
import { Layout, page } from "../ui/layout.tsx";
import { Name } from "../ui/text.tsx";
import { DetailsPage, lettersOf } from "./details_page.tsx";
import { toastOf } from "./done.ts";
import { FilesPage } from "./files_page.tsx";
import { previewOf } from "./preview.tsx";
import { WhyTable } from "./why.tsx";

/** Entries of a page. */
const PAGE_ENTRIES = 200;
/** Maximum number of versions of a file that its details show: the newest. */
const MAX_VERSIONS = 500;
/** Maximum size of a file that is hashed for a page. */
const HASH_BYTES = 256 * 1024 * 1024;

/** Registers the routes of the pages of files and directories. */
export const registerFiles: Register = (app) => {
  app.get("/", (c) => {
    signedIn(c);
    return c.redirect("/files/", 303);
  });
  // Browsers request it when they show content of users by itself.
  app.get("/favicon.ico", (c) => c.redirect(assetUrl("icon.svg"), 302));
  app.get("/files", (c) => c.redirect("/files/", 301));

  app.get("/files/*", async (c) => {
    const path = signedIn(c).view.resolve("/", pathIn(c.req.url));
    try {
      return await filesPage(c, path);
    } catch (error) {
      if (isStoreError(error, "not-directory")) return c.redirect(hrefOf("details", path), 303);
      throw error;
    }
  });

  app.get("/details/*", (c) => {
    return detailsPage(c, signedIn(c).view.resolve("/", pathIn(c.req.url)));
  });

  app.get("/why/*", async (c) => {
    const session = signedIn(c);
    const { path, letters } = await session.view.permissions.why(pathIn(c.req.url));
    return page(
      c,
      <Layout title="What is allowed, and why" session={session} section="files" width="reading">
        <h1>What is allowed, and why</h1>
        <section class="card">
          <p>
            At{" "}
            <code>
              <Name text={path} />
            </code>
          </p>
          <WhyTable letters={letters} />
          <div class="row">
            <a class="button" href={hrefOf("details", path)}>Details</a>
            <a class="button" href="/">Go to the files</a>
          </div>
        </section>
      </Layout>,
    );
  });
};

/** The page of a directory, also as the reply to a form of it that was refused. */
export async function filesPage(
  c: WebContext,
  path: VirtualPath,
  refusal?: Refusal,
): Promise<Response> {
  const session = signedIn(c);
  const { view } = session;
  const sort = c.req.query("sort") as Sort;
  const look = {
    sort: SORTS.includes(sort) ? sort : "name",
    descending: c.req.query("order") === "desc",
    filter: c.req.query("filter") ?? "",
  } as const;
  const cursor = c.req.query("cursor");
  const listing = await view.tree.browse(path, {
    ...look,
    limit: PAGE_ENTRIES,
    ...(cursor && { cursor }),
  });
  const rules = await rulesBelow(view, path);
  const letters = lettersOf(rules);
  const unwritable = rules.find(({ letter, allowed }) => letter === "w" && !allowed)?.rule;
  const usage = await view.account.usage();
  const linked = new Set((await view.links.list()).map((link) => link.path));
  const toast = toastOf(c);
  const at = c.req.query("at");
  const shown = { listing, look, letters, unwritable, linked, at, usage };
  const props = { session, ...shown, toast, refusal };
  return await page(c, <FilesPage {...props} />);
}

/** The page about a file or directory, also as the reply to a form of it that was refused. */
export async function detailsPage(
  c: WebContext,
  path: VirtualPath,
  refusal?: Refusal,
): Promise<Response> {
  const session = signedIn(c);
  const { view } = session;
  const info = await view.tree.describe(path);
  const own = view.principal.published === undefined && !await view.permissions.isForeign(path);
  const shares = own ? await Array.fromAsync(view.sharing.sharedByMe(path)) : undefined;
  const list = refusal?.typed.get("list") ?? c.req.query("rename");
  return await page(
    c,
    <DetailsPage
      session={session}
      path={path}
      {...await contentOf(view, path, info)}
      why={(await view.permissions.why(path)).letters}
      shares={shares}
      links={own ? await view.links.list(path) : []}
      letters={await view.permissions.letters()}
      toast={toastOf(c)}
      list={list?.toString()}
      refusal={refusal}
    />,
  );
}

const NO_VERSIONS = { shown: [], more: false };

/** Reads the properties of a file's content; without the hash, if computing it would take long. */
async function contentOf(view: View, path: VirtualPath, info: FileInfo) {
  if (info.type === "directory") {
    return { info, versions: NO_VERSIONS, preview: undefined };
  }
  if (info.hash === null && info.size > HASH_BYTES) {
    return { info, versions: NO_VERSIONS, preview: undefined };
  }
  const { hash } = await view.tree.checksum(path);
  // A damaged file has no preview, but still a page that reports the damage.
  const preview = await previewOf(view, path, info).catch((error) => {
    if (error instanceof StoreError) return undefined;
    throw error;
  });
  const newest = await view.tree.versions(path, { newestFirst: true });
  const versions = await firstOf(newest, MAX_VERSIONS);
  return { info: { ...info, hash }, versions, preview };
}

/** Rules for each permission on present and future content of a directory. */
async function rulesBelow(view: View, path: VirtualPath): Promise<readonly LetterRule[]> {
  try {
    return (await view.permissions.why(childOf(path, "x"))).letters;
  } catch (error) {
    if (isStoreError(error, "bad-name")) return []; // the path is as long as any can be
    throw error;
  }
}
