/** The page that says how to trust the server's authority. */
import type { Child, FC } from "hono/jsx";
import { useBasePath } from "../ui/base_path.ts";
import { Layout } from "../ui/layout.tsx";
import type { WebSession } from "../request/web_session.ts";

/** Properties of the page. */
export interface TrustProps {
  readonly session: WebSession | undefined;
  /** SHA-256 of the authority, pairs with colons; undefined if the server has none of its own. */
  readonly fingerprint: string | undefined;
}

/** The page that explains how to trust the server's authority. */
export const TrustPage: FC<TrustProps> = ({ session, fingerprint }) => (
  <Layout title="Trust this server" session={session} width="reading">
    <h1>Trust this server</h1>
    {fingerprint === undefined
      ? <p>The certificate of this server is from an authority that its operator chose.</p>
      : <Steps fingerprint={fingerprint} />}
  </Layout>
);

const Steps: FC<{ fingerprint: string }> = ({ fingerprint }) => (
  <>
    <p>
      The certificate of this server is signed by an authority of its own. Browsers warn about it
      until you install the authority, once on each device.
    </p>
    <ol>
      <li>
        <a href="/trust/ca.crt" download="towpath-ca.crt">Download the authority</a>{" "}
        (towpath-ca.crt).
      </li>
      <li>
        Compare its SHA-256 fingerprint with the one that the server printed when it started, or
        that its operator gives you:
        <p class="small">
          <code>{fingerprint}</code>
        </p>
      </li>
      <li>Install it as below.</li>
    </ol>
    <Place title="Windows: Edge, Chrome">
      Open the file, Install Certificate, Current User, and place it in Trusted Root Certification
      Authorities.
    </Place>
    <Place title="macOS: Safari, Chrome">
      Open the file in Keychain Access, open the certificate, and set Trust to Always Trust.
    </Place>
    <Place title="iPhone and iPad">
      Open the file, then in Settings install the profile, and turn it on in General, About,
      Certificate Trust Settings.
    </Place>
    <Place title="Android">
      Settings, Security, Encryption and credentials, Install a certificate, CA certificate.
    </Place>
    <Place title="Linux: Chrome, Chromium">
      With <code>certutil</code> of the package libnss3-tools; then start the browser again:
      <Commands
        lines={[
          "mkdir -p ~/.pki/nssdb",
          "certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n towpath -i towpath-ca.crt",
        ]}
      />
    </Place>
    <Place title="Firefox, on every system">
      Settings, Privacy and Security, View Certificates, Authorities, Import; trust it to identify
      websites.
    </Place>
    <Place title="Debian, Ubuntu: curl, wget, git and other programs">
      As root:
      <Commands
        lines={[
          "cp towpath-ca.crt /usr/local/share/ca-certificates/towpath.crt",
          "update-ca-certificates",
        ]}
      />
    </Place>
    <Place title="One program">
      <Commands
        lines={[
          "towpath trust HOST:PORT",
          `curl --cacert towpath-ca.crt https://HOST:PORT${useBasePath()}/`,
          "lftp -e 'set ssl:ca-file towpath-ca.crt' HOST",
          "SSL_CERT_FILE=towpath-ca.crt rclone lsf REMOTE:",
        ]}
      />
      FileZilla shows the certificate of the server at the first connection, for you to compare.
    </Place>
  </>
);

const Commands: FC<{ lines: readonly string[] }> = ({ lines }) => (
  <pre class="commands">{lines.join("\n")}</pre>
);

const Place: FC<{ title: string; children?: Child }> = ({ title, children }) => (
  <>
    <h2>{title}</h2>
    <div>{children}</div>
  </>
);
