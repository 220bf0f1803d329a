/** Pages between a wish and its being done: what is to be removed, where to, what did not work. */
import type { FC } from "hono/jsx";
import { childOf, type VirtualPath } from "../../../storage/contract/path.ts";
import { counted } from "../../../common/counted.ts";
import { Entry, type Refusal } from "../ui/entry.ts";
import { FormMessage, TextField } from "../ui/form.tsx";
import { hrefOf } from "../ui/href.ts";
import { CsrfField, Layout } from "../ui/layout.tsx";
import { Rows } from "../ui/rows.ts";
import { Name } from "../ui/text.tsx";
import type { WebSession } from "../request/web_session.ts";

/** Entries of a directory that something is to be done with. */
export interface Chosen {
  readonly session: WebSession;
  readonly directory: VirtualPath;
  readonly names: readonly string[];
}

/** Most names that are listed. */
const MAX_NAMES = 20;

const ChosenFields: FC<Chosen> = ({ session, directory, names }) => (
  <>
    <CsrfField session={session} />
    <input type="hidden" name="directory" value={directory} />
    <Rows each={names} row={(name) => <input type="hidden" name="name" value={name} />} />
  </>
);

const Names: FC<{ names: readonly string[] }> = ({ names }) => (
  <ul>
    {names.slice(0, MAX_NAMES).map((name) => (
      <li>
        <Name text={name} />
      </li>
    ))}
    {names.length > MAX_NAMES && (
      <li class="muted">and {counted(names.length - MAX_NAMES, "more", "more")}</li>
    )}
  </ul>
);

/** Asks before anything is removed. */
export const DeletePage: FC<Chosen & { directories: number }> = (props) => {
  const { session, directory, names, directories } = props;
  return (
    <Layout
      title="Delete"
      session={session}
      section="files"
      width="reading"
      address={hrefOf("files", directory)}
    >
      <form class="card danger" method="post" action="/actions/delete">
        <h1>Delete {counted(names.length, "entry", "entries")}?</h1>
        <Names names={names} />
        {directories > 0 && (
          <p class="notice warn">
            {directories === 1 ? "A folder is" : "Folders are"} deleted with everything in{" "}
            {directories === 1 ? "it" : "them"}.
          </p>
        )}
        <p class="muted">Deleted files cannot be restored; their shares and links end.</p>
        <ChosenFields {...props} />
        <div class="row">
          <button type="submit" name="confirmed" value="yes" class="danger primary">Delete</button>
          <a class="button" href={hrefOf("files", directory)}>Keep</a>
        </div>
      </form>
    </Layout>
  );
};

/** Asks where to. */
export const TargetPage: FC<
  Chosen & { what: "move" | "copy"; places: readonly VirtualPath[]; refusal: Refusal | undefined }
> = (props) => {
  const { session, directory, names, what, places, refusal } = props;
  const word = what === "move" ? "Move" : "Copy";
  const address = hrefOf("files", directory);
  const entry = new Entry(`/actions/${what}`, refusal);
  return (
    <Layout title={word} section="files" width="reading" {...{ session, address }}>
      <form class="card fields" method="post" action={`/actions/${what}`}>
        <h1>{word} {counted(names.length, "entry", "entries")}</h1>
        <Names names={names} />
        <ChosenFields {...props} />
        <FormMessage entry={entry} />
        <TextField
          entry={entry}
          id="to"
          name="to"
          label="To which folder"
          hint="Its path, such as /Photos/2026"
          value={directory}
          list="places"
          required
          autofocus
          autocomplete="off"
          spellcheck={false}
        />
        <datalist id="places">
          {places.map((path) => <option value={path} />)}
        </datalist>
        {what === "copy" && (
          <p class="muted small">Where a name is taken, the copy becomes its next version.</p>
        )}
        <div class="row">
          <button type="submit" class="primary">{word}</button>
          <a class="button" href={hrefOf("files", directory)}>Cancel</a>
        </div>
      </form>
    </Layout>
  );
};

/** Lists the failed ones of several. */
export const FailuresPage: FC<
  Chosen & {
    done: number;
    failures: readonly { name: string; detail: string }[];
    /** Action that can be tried again with another folder. */
    what?: "move" | "copy";
  }
> = ({ session, directory, done, failures, what }) => (
  <Layout
    title="Not all of it worked"
    session={session}
    section="files"
    width="reading"
    address={hrefOf("files", directory)}
  >
    <section class="card">
      <h1>Not all of it worked</h1>
      <p>
        {counted(done, "entry was", "entries were")} done; {counted(failures.length, "was", "were")}
        {" "}
        not:
      </p>
      <ul role="alert">
        {failures.slice(0, MAX_NAMES).map(({ name, detail }) => (
          <li>
            <a href={hrefOf("details", childOf(directory, name))}>
              <Name text={name} />
            </a>
            : {detail}.
          </li>
        ))}
        {failures.length > MAX_NAMES && (
          <li class="muted">and {counted(failures.length - MAX_NAMES, "more", "more")}</li>
        )}
      </ul>
      <div class="row">
        {what && (
          <form method="post" action={`/actions/${what}`}>
            <ChosenFields {...{ session, directory, names: failures.map(({ name }) => name) }} />
            <button type="submit" class="primary">Choose another folder for them</button>
          </form>
        )}
        <a class="button" href={hrefOf("files", directory)}>Back to the folder</a>
      </div>
    </section>
  </Layout>
);
