/** Sharing of one file or directory, with accounts and by public links. */
import { counted } from "../../../common/counted.ts";
import type { FC } from "hono/jsx";
import type { LinkInfo } from "../../../storage/people/links.ts";
import type { VirtualPath } from "../../../storage/contract/path.ts";
import type { FileInfo } from "../../../storage/tree/seen_tree.ts";
import type { ShareInfo } from "../../../storage/people/sharing.ts";
import { Entry, type Refusal } from "../ui/entry.ts";
import {
  AccountField,
  Choice,
  FormMessage,
  LetterFields,
  Letters,
  SecretForm,
  TermField,
  TextField,
} from "../ui/form.tsx";
import { Icon } from "../ui/icons.tsx";
import { CsrfField } from "../ui/layout.tsx";
import { Rows } from "../ui/rows.ts";
import { Name, Time, Until } from "../ui/text.tsx";
import type { WebSession } from "../request/web_session.ts";

interface PanelProps {
  readonly session: WebSession;
  readonly path: VirtualPath;
  readonly info: FileInfo;
  readonly shares: readonly ShareInfo[];
  readonly links: readonly LinkInfo[];
  readonly letters: string;
  readonly refusal: Refusal | undefined;
}

/** Forms that share a file or directory. */
export const SharePanel: FC<PanelProps> = (props) => (
  <section class="card" aria-labelledby="sharing">
    <h2 id="sharing">
      <Icon name="share" /> Sharing
    </h2>
    <Rows
      each={props.shares}
      row={(share) => <ShareLine session={props.session} share={share} />}
    />
    <Rows each={props.links} row={(link) => <LinkLine session={props.session} link={link} />} />
    {props.shares.length + props.links.length === 0 && <p class="muted">Not shared.</p>}
    <details open={new Entry("/actions/share", props.refusal).refused}>
      <summary>Share with an account or group</summary>
      <ShareForm {...props} />
    </details>
    {props.path !== "/" && (
      <details open={new Entry("/actions/link", props.refusal).refused}>
        <summary>Create a public link</summary>
        <LinkForm {...props} />
      </details>
    )}
  </section>
);

/** A button that ends a share. */
export const EndShare: FC<{ session: WebSession; share: ShareInfo; back?: "shares" }> = (
  { session, share: { path, guest }, back },
) => (
  <form method="post" action="/actions/unshare">
    <CsrfField session={session} />
    <input type="hidden" name="path" value={path} />
    <input type="hidden" name="guest" value={guest} />
    {back && <input type="hidden" name="back" value={back} />}
    <button type="submit" class="quiet" aria-label={`End the share of ${path} with ${guest}`}>
      End
    </button>
  </form>
);

const ShareLine: FC<{ session: WebSession; share: ShareInfo }> = ({ session, share }) => (
  <div class="row ends line">
    <span>
      <Icon name="user" /> <strong>{share.guest === "*" ? "every account" : share.guest}</strong>
      {": "}
      <Letters letters={share.letters} />
      <Until ms={share.expiresMs} />
    </span>
    <EndShare session={session} share={share} />
  </div>
);

/** A button that ends a link. */
export const EndLink: FC<{ session: WebSession; link: LinkInfo; back?: "shares" }> = (
  { session, link: { id, path, label }, back },
) => (
  <form method="post" action="/actions/unlink">
    <CsrfField session={session} />
    <input type="hidden" name="id" value={id} />
    <input type="hidden" name="path" value={path} />
    {back && <input type="hidden" name="back" value={back} />}
    <button type="submit" class="quiet" aria-label={`End the link ${label} to ${path}`}>End</button>
  </form>
);

const LinkLine: FC<{ session: WebSession; link: LinkInfo }> = ({ session, link }) => (
  <div class="row ends line">
    <span>
      <Icon name="link" />{" "}
      <strong>{link.label === "" ? "link" : <Name text={link.label} />}</strong>{" "}
      <span class="muted small">
        <LinkTerms link={link} />
      </span>
    </span>
    <EndLink session={session} link={link} />
  </div>
);

/** Limits of a link. */
export const LinkTerms: FC<{ link: LinkInfo }> = ({ link }) => {
  const { downloads, maxDownloads, hasPassword, pinnedHash, createdMs, expiresMs } = link;
  const usedUp = maxDownloads !== null && downloads >= maxDownloads;
  return (
    <>
      created <Time ms={createdMs} />
      <Until ms={expiresMs} />
      {`, ${
        maxDownloads === null
          ? counted(downloads, "download")
          : `${downloads} of ${counted(maxDownloads, "download")}`
      }`}
      {hasPassword && ", with a password"}
      {pinnedHash !== null && `, pinned to ${pinnedHash.slice(0, 8)}…`}
      {usedUp && <span class="badge bad">used up</span>}
    </>
  );
};

const ShareForm: FC<PanelProps> = ({ session, path, info, letters, refusal }) => {
  const entry = new Entry("/actions/share", refusal);
  const shareable = [...(info.type === "directory" ? "rwcd" : "rwd")]
    .filter((letter) => letters.includes(letter)).join("");
  return (
    <form class="fields" method="post" action="/actions/share">
      <CsrfField session={session} />
      <input type="hidden" name="path" value={path} />
      <FormMessage entry={entry} />
      <AccountField
        entry={entry}
        name="guest"
        label="Account"
        hint="Its name, @ and a name for a group, or * for every account"
      />
      <LetterFields
        {...{ entry, id: "share-may", legend: "Permissions", letters: shareable }}
        chosen="r"
      />
      <TermField entry={entry} id="share-term" />
      <button class="primary" type="submit">Share</button>
    </form>
  );
};

const LinkForm: FC<PanelProps> = ({ session, path, info, refusal }) => {
  const entry = new Entry("/actions/link", refusal);
  return (
    <SecretForm action="/actions/link" entry={entry}>
      <CsrfField session={session} />
      <input type="hidden" name="path" value={path} />
      <FormMessage entry={entry} />
      <TextField
        entry={entry}
        id="link-label"
        name="label"
        label="Label"
        hint="For you, and for who opens it"
      />
      <div class="pair">
        <TermField entry={entry} id="link-term" chosen={24 * 7} />
        <TextField
          entry={entry}
          id="most"
          name="most"
          label="Downloads"
          type="number"
          min="1"
          step="1"
          placeholder="no limit"
        />
      </div>
      <TextField
        entry={entry}
        id="link-password"
        name="password"
        label="Password"
        hint="8 bytes or more; empty: none"
        type="password"
        autocomplete="new-password"
      />
      {info.type === "file" && (
        <Choice entry={entry} name="pinned">Only the content that it has now</Choice>
      )}
      <button class="primary" type="submit">Create the link</button>
    </SecretForm>
  );
};
