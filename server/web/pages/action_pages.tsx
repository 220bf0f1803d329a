/** Pages between a wish and its being done: what is to be removed, where to, what did not work. */
import type { FC } from "hono/jsx";
import { childOf, type VirtualPath } from "../../../storage/contract/path.ts";
import { counted } from "../../../common/counted.ts";
import { hrefOf } from "../ui/href.ts";
import { CsrfField, Layout } from "../ui/layout.tsx";
import { Rows } from "../ui/rows.ts";
import { Name } from "../ui/text.tsx";
import type { WebSession } from "../web_session.ts";

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
    <Layout title="Delete" session={session} section="files" width="reading">
      <form class="card danger" method="post" action="/actions/delete">
        <h1>Delete {counted(names.length, "entry", "entries")}?</h1>
        <Names names={names} />
        {directories > 0 && (
          <p class="notice warn">
            {directories === 1 ? "A folder is" : "Folders are"} deleted with everything in{" "}
            {directories === 1 ? "it" : "them"}.
          </p>
        )}
        <p class="muted">What is deleted is gone, with its shares and links.</p>
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
export const TargetPage: FC<Chosen & { what: "move" | "copy"; places: readonly VirtualPath[] }> = (
  props,
) => {
  const { session, directory, names, what, places } = props;
  const word = what === "move" ? "Move" : "Copy";
  return (
    <Layout title={word} session={session} section="files" width="reading">
      <form class="card fields" method="post" action={`/actions/${what}`}>
        <h1>{word} {counted(names.length, "entry", "entries")}</h1>
        <Names names={names} />
        <ChosenFields {...props} />
        <div class="field">
          <label for="to">To which folder</label>
          <input
            id="to"
            name="to"
            value={directory}
            list="places"
            required
            autocomplete="off"
            spellcheck={false}
          />
          <datalist id="places">
            {places.map((path) => <option value={path} />)}
          </datalist>
        </div>
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

/** What did not work, of several. */
export const FailuresPage: FC<
  Chosen & { done: number; failures: readonly { name: string; detail: string }[] }
> = ({ session, directory, done, failures }) => (
  <Layout title="Not all of it worked" session={session} section="files" width="reading">
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
      <a class="button" href={hrefOf("files", directory)}>Back to the folder</a>
    </section>
  </Layout>
);
