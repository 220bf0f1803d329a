/** The page of a directory. */
import type { FC } from "hono/jsx";
import type { Sort } from "../../../storage/tree/browse.ts";
import { childOf, nameOf, type VirtualPath } from "../../../storage/contract/path.ts";
import type { FileInfo } from "../../../storage/tree/seen_tree.ts";
import { Breadcrumbs } from "../ui/breadcrumbs.tsx";
import { fileIcon } from "../ui/file_icon.ts";
import { formatSize } from "../../../common/size.ts";
import { formatTime } from "../../../common/time.ts";
import { counted, grouped } from "../../../common/counted.ts";
import { isPublished } from "../request/web_session.ts";
import { hrefOf, withQuery } from "../ui/href.ts";
import { Icon } from "../ui/icons.tsx";
import { CsrfField, Layout } from "../ui/layout.tsx";
import { Quota } from "../ui/quota.tsx";
import { Name, plainName, Time } from "../ui/text.tsx";
import { type FilesProps, showAll } from "./files_look.ts";
import { Tools } from "./files_tools.tsx";

/** Page that lists a directory. */
export const FilesPage: FC<FilesProps> = (props) => {
  const { session, listing: { path }, letters, toast, usage, refusal } = props;
  const needs = { "/actions/mkdir": "c", "/actions/upload": "w" }[refusal?.form ?? ""];
  // Without the permission there is no form that could show the error.
  const alert = needs !== undefined && letters.includes(needs) ? undefined : refusal;
  const address = refusal && hrefOf("files", path);
  const title = path === "/" ? "Files" : nameOf(path);
  return (
    <Layout
      {...{ title, session, toast, alert, address }}
      section="files"
      directory={path}
    >
      <div class="row ends head">
        <Breadcrumbs path={path} base="/files" root="Files" />
        {!isPublished(session) && <Quota usage={usage} />}
      </div>
      <Tools {...props} />
      {holdsFiles(path) && !isPublished(session) && (
        <Unwritable rule={props.unwritable} path={path} />
      )}
      <List {...props} />
    </Layout>
  );
};

/** False for the directories that list who shares something. */
function holdsFiles(path: string): boolean {
  return !/^\/shared(\/[^/]+)?$/.test(path);
}

/** Why the page has no form for uploads. */
const Unwritable: FC<{ rule: string | undefined; path: VirtualPath }> = ({ rule, path }) =>
  rule === undefined ? null : (
    <p class="muted small">
      Nothing can be uploaded here: {rule}.{" "}
      <a href={hrefOf("why", childOf(path, "x"))}>What is allowed, and why</a>
    </p>
  );

const List: FC<FilesProps> = (props) => {
  const { session, listing, look, letters, linked, at } = props;
  const { path, entries, total } = listing;
  if (entries.length === 0) {
    if (look.filter === "") return <div class="card empty">Nothing is here yet.</div>;
    return (
      <div class="card empty">
        <p>
          No name in this folder contains “<Name text={look.filter} />”.
        </p>
        <p>
          <a href={showAll(path, look)}>Show all</a>
        </p>
      </div>
    );
  }
  const picking = holdsFiles(path);
  return (
    <>
      <form method="post" action="/actions/delete" class="card flush">
        <CsrfField session={session} />
        <input type="hidden" name="directory" value={path} />
        <table class="files" data-files>
          <caption class="visually-hidden">
            {`${counted(total, "entry", "entries")} in ${path === "/" ? "Files" : plainName(path)}`}
          </caption>
          <thead>
            <tr>
              {picking && (
                <th scope="col" class="pick">
                  <span class="visually-hidden">Choose</span>
                  <input
                    type="checkbox"
                    aria-label="Choose all on this page"
                    data-choose-all
                    data-script
                    hidden
                  />
                </th>
              )}
              <SortHead {...props} sort="name" word="Name" />
              <SortHead {...props} sort="size" word="Size" />
              <SortHead {...props} sort="time" word="Modified" />
              <th scope="col" class="do">
                <span class="visually-hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {entries.map((entry) => (
              <Row
                {...{ path, entry, picking }}
                linked={linked.has(childOf(path, entry.name))}
                focused={entry.name === at}
              />
            ))}
          </tbody>
        </table>
        <p class="empty" data-filter-nothing hidden>No name on this page contains that.</p>
        {picking && <Chosen letters={letters} copies={!isPublished(session)} />}
      </form>
      <Pages {...props} />
    </>
  );
};

const SortHead: FC<FilesProps & { sort: Sort; word: string }> = (
  { listing: { path }, look, sort, word },
) => {
  const current = look.sort === sort;
  const next = current ? !look.descending : sort !== "name";
  const href = withQuery(hrefOf("files", path), {
    sort,
    order: next ? "desc" : undefined,
    filter: look.filter,
  });
  const order = current ? (look.descending ? "descending" : "ascending") : "none";
  return (
    <th scope="col" class={sort === "size" ? "size number" : sort} aria-sort={order}>
      <a class="sort" href={href}>
        {word}
        {current && <Icon name={look.descending ? "down" : "up"} />}
      </a>
    </th>
  );
};

const Row: FC<{
  path: string;
  entry: FileInfo;
  picking: boolean;
  linked: boolean;
  focused: boolean;
}> = ({ path, entry, picking, linked, focused }) => {
  const { name, type, size, mtimeMs, shared, version, lock } = entry;
  const at = childOf(path, name);
  const plain = plainName(name);
  const directory = type === "directory";
  return (
    <tr data-name={name} data-type={type}>
      {picking && (
        <td class="pick">
          <input type="checkbox" name="name" value={name} aria-label={`Choose ${plain}`} />
        </td>
      )}
      <th scope="row" class="name">
        <a href={hrefOf(directory ? "files" : "details", at)} autofocus={focused}>
          <Icon name={fileIcon(entry)} />
          <span>
            <Name text={name} />
            {(version ?? 1) > 1 && <span class="badge">v{version}</span>}
            {shared && <span class="badge on">shared</span>}
            {linked && <span class="badge on">link</span>}
            {lock && (
              <span class="badge" title={`Locked until ${formatTime(lock.untilMs)} UTC`}>
                <Icon name="lock" /> {lock.by}
              </span>
            )}
          </span>
        </a>
      </th>
      <td class="size number">{directory ? "" : formatSize(size)}</td>
      <td class="time">
        <Time ms={mtimeMs} />
      </td>
      <td class="do">
        <a
          class="button quiet less"
          href={hrefOf(directory ? "zip" : "raw", at)}
          aria-label={directory ? `Download ${plain} as ZIP` : `Download ${plain}`}
          download
        >
          <Icon name="download" />
        </a>
        <a
          class="button quiet"
          href={hrefOf("details", at)}
          aria-label={`More about ${plain}`}
          data-action="rename"
        >
          <Icon name="more" />
        </a>
        {picking && <button type="submit" name="name" value={name} data-action="delete" hidden />}
      </td>
    </tr>
  );
};

const Chosen: FC<{ letters: string; copies: boolean }> = ({ letters, copies }) => (
  <div class="chosen row" data-selection>
    <span class="grow muted small" data-selection-count>Selected:</span>
    <button type="submit" formaction="/actions/zip">
      <Icon name="download" /> Download
    </button>
    {letters.includes("d") && <button type="submit" formaction="/actions/move">Move…</button>}
    {copies && <button type="submit" formaction="/actions/copy">Copy…</button>}
    {letters.includes("d") && (
      <button type="submit" class="danger" data-delete>
        <Icon name="trash" /> Delete…
      </button>
    )}
  </div>
);

const Pages: FC<FilesProps> = ({ listing, look }) => {
  const { path, entries, total, before, next, previous } = listing;
  const href = (cursor: string) =>
    withQuery(hrefOf("files", path), {
      sort: look.sort === "name" ? undefined : look.sort,
      order: look.descending ? "desc" : undefined,
      filter: look.filter,
      cursor,
    });
  const range = `${grouped(before + 1)}–${grouped(before + entries.length)}`;
  return (
    <nav class="pages" aria-label="Pages">
      <span class="muted small">
        {entries.length < total && `${range} of `}
        {counted(total, "entry", "entries")}
      </span>
      <span class="row">
        {previous !== undefined && <a class="button" href={href(previous)} rel="prev">Previous</a>}
        {next !== undefined && <a class="button" href={href(next)} rel="next">Next</a>}
      </span>
    </nav>
  );
};
