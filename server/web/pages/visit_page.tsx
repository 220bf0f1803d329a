/** The pages of a public link. */
import type { FC } from "hono/jsx";
import type { LinkFacts } from "../../../storage/people/link_visit.ts";
import type { ListPage } from "../../../storage/tree/listing.ts";
import { childOf, type VirtualPath } from "../../../storage/contract/path.ts";
import type { FileInfo } from "../../../storage/tree/seen_tree.ts";
import { Breadcrumbs } from "../ui/breadcrumbs.tsx";
import { fileIcon } from "../ui/file_icon.ts";
import { Entry, type Refusal } from "../ui/entry.ts";
import { TextField } from "../ui/form.tsx";
import { formatSize } from "../../../common/size.ts";
import { counted } from "../../../common/counted.ts";
import { encodePath, withQuery } from "../ui/href.ts";
import { Icon } from "../ui/icons.tsx";
import { CsrfField, Layout } from "../ui/layout.tsx";
import { Rows } from "../ui/rows.ts";
import { Name, plainName, Time } from "../ui/text.tsx";
import type { WebSession } from "../request/web_session.ts";
import { Checksum } from "./details_page.tsx";

interface VisitProps {
  /** Session of a visitor who is signed in as well. */
  readonly session: WebSession | undefined;
  /** Address of the link. */
  readonly base: string;
  readonly facts: LinkFacts;
}

/** Asks for the link's password. */
export const LockedPage: FC<Omit<VisitProps, "facts"> & { refusal?: Refusal }> = (
  { session, base, refusal },
) => (
  <Layout title="A password is needed" session={session} width="narrow" address={refusal && base}>
    <form class="card fields" method="post" action={`${base}/unlock`}>
      <h1>
        <Icon name="lock" /> A password is needed
      </h1>
      <p class="muted">Who gave you the link can tell you its password.</p>
      <CsrfField session={session} />
      <TextField
        entry={new Entry(`${base}/unlock`, refusal)}
        id="password"
        name="password"
        label="Password of the link"
        type="password"
        autocomplete="off"
        required
        autofocus
      />
      <button type="submit" class="primary">Open</button>
    </form>
  </Layout>
);

const Terms: FC<{ facts: LinkFacts }> = ({ facts }) => {
  const { owner, label, expiresMs, downloadsLeft } = facts;
  return (
    <p class="muted small">
      {label !== "" && (
        <>
          <Name text={label} /> ·{" "}
        </>
      )}
      shared by {owner}
      {expiresMs !== null && (
        <>
          {" "}
          · until <Time ms={expiresMs} zone />
        </>
      )}
      {downloadsLeft !== null && ` · ${counted(downloadsLeft, "download")} left`}
    </p>
  );
};

/** A link to one file. */
export const VisitedFilePage: FC<VisitProps & { info: FileInfo }> = (
  { session, base, facts, info },
) => (
  <Layout title={facts.name} session={session} width="reading">
    <section class="card">
      <h1>
        <Icon name={fileIcon(info)} /> <Name text={facts.name} />
      </h1>
      <Terms facts={facts} />
      {facts.downloadsLeft === 0
        ? <p class="notice warn">The downloads of this link are used up.</p>
        : (
          <div class="row">
            <a class="button primary" href={`${base}/raw`} download>
              <Icon name="download" /> Download {formatSize(info.size)}
            </a>
          </div>
        )}
      <dl class="facts">
        <dt>Size</dt>
        <dd>{counted(info.size, "byte")}</dd>
        <dt>Modified</dt>
        <dd>
          <Time ms={info.mtimeMs} zone />
        </dd>
        <dt>SHA-256</dt>
        <dd>
          <Checksum hash={info.hash ?? ""} />
          {facts.pinned && <span class="badge on">the link gives out nothing else</span>}
        </dd>
      </dl>
    </section>
  </Layout>
);

/** A link to a directory, or a directory in it. */
export const VisitedDirectoryPage: FC<VisitProps & { path: VirtualPath; listing: ListPage }> = (
  { session, base, facts, path, listing },
) => {
  const address = path === "/" ? base : `${base}/in${encodePath(path)}`;
  return (
    <Layout title={facts.name} session={session}>
      <div class="row ends">
        <div>
          <Breadcrumbs path={path} base={`${base}/in`} root={facts.name} />
          <Terms facts={facts} />
        </div>
        <a class="button primary" href={`${base}/zip${encodePath(path)}`} download>
          <Icon name="download" /> Download all as ZIP
        </a>
      </div>
      {listing.entries.length === 0
        ? <div class="card empty">Nothing is here.</div>
        : (
          <div class="card flush">
            <table class="files">
              <caption class="visually-hidden">{`Files in ${plainName(facts.name)}`}</caption>
              <thead>
                <tr>
                  <th scope="col">Name</th>
                  <th scope="col" class="size number">Size</th>
                  <th scope="col" class="time">Modified</th>
                </tr>
              </thead>
              <tbody>
                <Rows
                  each={listing.entries}
                  row={(entry) => <Row base={base} path={path} entry={entry} />}
                />
              </tbody>
            </table>
          </div>
        )}
      {listing.cursor !== undefined && (
        <a class="button" href={withQuery(address, { cursor: listing.cursor })} rel="next">More</a>
      )}
    </Layout>
  );
};

const Row: FC<{ base: string; path: VirtualPath; entry: FileInfo }> = ({ base, path, entry }) => {
  const { name, type, size, mtimeMs } = entry;
  const directory = type === "directory";
  const href = `${base}/${directory ? "in" : "raw"}${encodePath(childOf(path, name))}`;
  return (
    <tr data-type={type}>
      <th scope="row" class="name">
        <a href={href} download={directory ? undefined : true}>
          <Icon name={fileIcon(entry)} />
          <span>
            <Name text={name} />
          </span>
        </a>
      </th>
      <td class="size number">{directory ? "" : formatSize(size)}</td>
      <td class="time">
        <Time ms={mtimeMs} />
      </td>
    </tr>
  );
};
