/** Above the list of a directory: the filter, a new folder, its archive, uploads. */
import type { FC } from "hono/jsx";
import { hrefOf, withQuery } from "../ui/href.ts";
import { Icon } from "../ui/icons.tsx";
import { CsrfField } from "../ui/layout.tsx";
import { Entry, type Refusal } from "../ui/entry.ts";
import { FormMessage, TextField } from "../ui/form.tsx";
import type { WebSession } from "../request/web_session.ts";
import { type FilesProps, showAll } from "./files_look.ts";

/** Actions in a directory. */
export const Tools: FC<FilesProps> = ({ session, listing: { path }, look, letters, refusal }) => (
  <div class="stack tools">
    <div class="row">
      <form class="grow row" method="get" action={hrefOf("files", path)} role="search">
        <label class="visually-hidden" for="filter">Filter by name</label>
        <input
          id="filter"
          class="grow"
          type="search"
          name="filter"
          value={look.filter}
          placeholder="Filter by name"
          enterkeyhint="search"
          data-filter
        />
        <input type="hidden" name="sort" value={look.sort} />
        {look.descending && <input type="hidden" name="order" value="desc" />}
        <button type="submit">Filter</button>
        {look.filter !== "" && (
          <a class="button all" href={showAll(path, look)} data-filter-clear>Show all</a>
        )}
        <span class="muted small" role="status" data-filter-count></span>
      </form>
      {letters.includes("c") && <NewFolder {...{ session, path, look, refusal }} />}
      <a class="button zip" href={hrefOf("zip", path)} download>
        <Icon name="archive" /> ZIP
      </a>
      {path !== "/" && (
        <a class="button" href={hrefOf("details", path)}>
          <Icon name="more" /> Details
        </a>
      )}
    </div>
    {letters.includes("w") && <UploadForm {...{ session, path, refusal }} />}
  </div>
);

interface FormProps {
  readonly session: WebSession;
  readonly path: string;
  readonly refusal: Refusal | undefined;
}

const NewFolder: FC<FormProps & Pick<FilesProps, "look">> = ({ session, path, look, refusal }) => {
  const [, list = ""] = showAll(path, look).split("?");
  const entry = new Entry("/actions/mkdir", refusal);
  return (
    <details class="drop" open={entry.refused}>
      <summary class="button">
        <Icon name="plus" /> New folder
      </summary>
      <div>
        <form class="fields" method="post" action="/actions/mkdir">
          <CsrfField session={session} />
          <input type="hidden" name="directory" value={path} />
          <input type="hidden" name="list" value={list} />
          <TextField
            entry={entry}
            id="new-folder"
            name="name"
            label="Name of the new folder"
            required
            autocomplete="off"
          />
          <button class="primary" type="submit">Create the folder</button>
        </form>
      </div>
    </details>
  );
};

const UploadForm: FC<FormProps> = ({ session, path, refusal }) => {
  const entry = new Entry("/actions/upload", refusal);
  // The server must check the request before it reads the body, so the address contains all it
  // needs.
  const action = withQuery("/actions/upload", { directory: path, csrf: session.csrfToken });
  return (
    <div class="card row uploads">
      <FormMessage entry={entry} />
      {/* Sent before the files, which are stored while they come in. */}
      <span class="taken">
        <label for="if-exists" class="small muted">If a name is taken</label>
        <select id="if-exists" name="if-exists" form="upload" data-if-exists>
          <option value="version">keep both</option>
          <option value="overwrite">replace it</option>
          <option value="skip" data-script hidden>skip identical</option>
        </select>
      </span>
      <form
        id="upload"
        class="row grow"
        method="post"
        action={action}
        enctype="multipart/form-data"
        data-upload-form
      >
        <label class="visually-hidden" for="upload-files">Files to upload</label>
        <input id="upload-files" class="grow" type="file" name="file" multiple required />
        <button class="primary" type="submit">
          <Icon name="upload" /> Upload
        </button>
      </form>
    </div>
  );
};
