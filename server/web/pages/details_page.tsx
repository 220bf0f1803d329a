/** The page about one file or directory: its properties, and its actions. */
import { counted } from "../../../common/counted.ts";
import type { FC } from "hono/jsx";
import type { LinkInfo } from "../../../storage/people/links.ts";
import { nameOf, parentOf, type VirtualPath } from "../../../storage/contract/path.ts";
import type { FileVersion } from "../../../storage/tree/files.ts";
import type { FileInfo } from "../../../storage/tree/seen_tree.ts";
import type { ShareInfo } from "../../../storage/people/sharing.ts";
import type { View } from "../../../storage/vault.ts";
import { Breadcrumbs } from "../ui/breadcrumbs.tsx";
import { formatSize } from "../../../common/size.ts";
import { Entry, type Refusal } from "../ui/entry.ts";
import { TextField } from "../ui/form.tsx";
import { hrefOf } from "../ui/href.ts";
import { Icon } from "../ui/icons.tsx";
import { CsrfField, Layout } from "../ui/layout.tsx";
import { Rows } from "../ui/rows.ts";
import { Name, Time } from "../ui/text.tsx";
import { isPublished, type WebSession } from "../request/web_session.ts";
import { Preview, type PreviewContent } from "./preview.tsx";
import { LockPanel } from "./lock_panel.tsx";
import { SharePanel } from "./share_panel.tsx";
import { WhyTable } from "./why.tsx";
import { TableHead } from "../ui/table_head.tsx";

/** Properties of the page. */
export interface DetailsProps {
  readonly session: WebSession;
  readonly path: VirtualPath;
  readonly info: FileInfo;
  /** The newest versions, newest first, and whether there are more. */
  readonly versions: { readonly shown: readonly FileVersion[]; readonly more: boolean };
  readonly preview: PreviewContent | undefined;
  readonly why: Awaited<ReturnType<View["permissions"]["why"]>>["letters"];
  /** Its shares; undefined where the session may not share it. */
  readonly shares: readonly ShareInfo[] | undefined;
  readonly links: readonly LinkInfo[];
  /** Permissions of the session, which it can share. */
  readonly letters: string;
  readonly toast: string | undefined;
  /**
   * Query of the list to which another name leads back; the page begins in the field for it.
   */
  readonly list: string | undefined;
  /** A form of the page that was refused. */
  readonly refusal: Refusal | undefined;
}

/** Page of one file or directory. */
export const DetailsPage: FC<DetailsProps> = (props) => {
  const { session, path, info, preview, shares, toast, refusal } = props;
  const directory = info.type === "directory";
  const allowed = lettersOf(props.why);
  const renames = allowed.includes("d") && allowed.includes("w");
  const isOfLock = refusal?.form.endsWith("lock") === true;
  const hasForm = refusal?.form === "/actions/rename" ? renames : shares !== undefined;
  return (
    <Layout
      title={nameOf(path) || "Files"}
      session={session}
      section="files"
      toast={toast}
      address={refusal && hrefOf("details", path)}
      alert={hasForm && !isOfLock ? undefined : refusal}
    >
      <Breadcrumbs path={path} base="/files" root="Files" />
      <div class="columns">
        <div class="stack">
          {preview && <Preview path={path} content={preview} />}
          <Facts {...props} />
          {props.versions.shown.length > 1 && <Versions {...props} />}
        </div>
        <div class="stack">
          <section class="card" aria-label="Actions">
            <div class="row">
              {allowed.includes("r") && (
                <a class="button primary" href={hrefOf(directory ? "zip" : "raw", path)} download>
                  <Icon name="download" /> {directory ? "Download as ZIP" : "Download"}
                </a>
              )}
              <a class="button" href={hrefOf("files", directory ? path : parentOf(path))}>
                <Icon name="folder" /> {directory ? "Open" : "Show in folder"}
              </a>
            </div>
            {renames && <Rename {...props} />}
            <Elsewhere {...props} allowed={allowed} />
          </section>
          <LockPanel {...props} allowed={allowed} />
          {shares !== undefined && <SharePanel {...props} shares={shares} />}
          <details class="card">
            <summary>What is allowed here, and why</summary>
            <WhyTable letters={props.why} />
          </details>
        </div>
      </div>
    </Layout>
  );
};

const Facts: FC<DetailsProps> = ({ info, path }) => (
  <section class="card late" aria-label="Facts">
    <dl class="facts">
      <dt>Kind</dt>
      <dd>{info.type === "directory" ? "Folder" : "File"}</dd>
      {info.type === "file" && (
        <>
          <dt>Size</dt>
          <dd>
            {formatSize(info.size)} <span class="muted">({counted(info.size, "byte")})</span>
          </dd>
        </>
      )}
      <dt>Modified</dt>
      <dd>
        <Time ms={info.mtimeMs} seconds zone />
      </dd>
      {info.hash !== null && (
        <>
          <dt>SHA-256</dt>
          <dd>
            <Checksum hash={info.hash} />
          </dd>
        </>
      )}
      <dt>Path</dt>
      <dd class="mono">
        <Name text={path} />
      </dd>
    </dl>
  </section>
);

/** A checksum that can be copied. */
export const Checksum: FC<{ hash: string }> = ({ hash }) => (
  <>
    <code>{hash}</code>{" "}
    <button type="button" class="quiet small" data-copy={hash} hidden>Copy</button>
  </>
);

const Versions: FC<DetailsProps> = ({ versions, path }) => (
  <section class="card flush late" aria-label="Versions">
    <table class="cards">
      <caption class="visually-hidden">Versions of this file, newest first</caption>
      <TableHead of={["Version", { number: "Size" }, "Modified", "SHA-256"]} />
      <tbody>
        <Rows
          each={versions.shown}
          row={({ path: at, version, info }) => (
            <tr aria-current={at === path ? "true" : undefined}>
              <th scope="row" data-head="Version">
                <span>
                  <a href={hrefOf("details", at)}>{version}</a>
                  {at === path && <span class="badge on">this one</span>}
                </span>
              </th>
              <td class="number" data-head="Size">{formatSize(info.size)}</td>
              <td data-head="Modified">
                <Time ms={info.mtimeMs} />
              </td>
              <td class="mono" data-head="SHA-256" title={info.hash ?? ""}>
                {info.hash?.slice(0, 16)}…
              </td>
            </tr>
          )}
        />
      </tbody>
    </table>
    {versions.more && (
      <p class="muted">These are the newest {versions.shown.length}. The HTTP API lists more.</p>
    )}
  </section>
);

const Rename: FC<DetailsProps> = ({ session, path, info, list, refusal }) => (
  <form class="row top" method="post" action="/actions/rename" id="rename">
    <CsrfField session={session} />
    <input type="hidden" name="path" value={path} />
    {list !== undefined && <input type="hidden" name="list" value={list} />}
    <TextField
      entry={new Entry("/actions/rename", refusal)}
      id="new-name"
      name="name"
      label="New name"
      hideLabel
      value={nameOf(path)}
      required
      autocomplete="off"
      autofocus={list !== undefined}
      data-stem={info.type === "file" ? "" : undefined}
    />
    <button type="submit">Rename</button>
  </form>
);

const Elsewhere: FC<DetailsProps & { allowed: string }> = ({ session, path, info, allowed }) => (
  <form class="row" method="post" action="/actions/move">
    <CsrfField session={session} />
    <input type="hidden" name="directory" value={parentOf(path)} />
    <input type="hidden" name="name" value={nameOf(path)} />
    {allowed.includes("d") && allowed.includes("w") && <button type="submit">Move…</button>}
    {allowed.includes("r") && info.type === "file" && !isPublished(session) && (
      <button type="submit" formaction="/actions/copy">Copy…</button>
    )}
    {allowed.includes("d") && (
      <button type="submit" class="danger" formaction="/actions/delete">
        <Icon name="trash" /> Delete…
      </button>
    )}
  </form>
);

/** The allowed permissions. */
export function lettersOf(why: Readonly<DetailsProps["why"]>): string {
  return why.filter(({ allowed }) => allowed).map(({ letter }) => letter).join("");
}
