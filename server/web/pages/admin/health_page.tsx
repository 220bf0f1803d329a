/** How the server is: what works, how long it has been running, what it keeps. */
import type { Child, FC } from "hono/jsx";
import { counted } from "../../../../common/counted.ts";
import { formatDuration } from "../../../../common/duration.ts";
import { garbageText, nodeText, type SharedStateData } from "../../../../common/shared_state.ts";
import { formatSize } from "../../../../common/size.ts";
import type { RecoveryReport } from "../../../../storage/contract/recovery.ts";
import type { Totals } from "../../../../storage/people/administration.ts";
import type { SpaceState } from "../../../../storage/vault.ts";
import type { ServerInfo, Trouble } from "../../../door/door.ts";
import { Time } from "../../ui/text.tsx";
import type { WebSession } from "../../request/web_session.ts";
import { AdminFrame } from "./frame.tsx";

/** Properties of the page. */
export interface HealthProps {
  readonly session: WebSession;
  readonly server: ServerInfo;
  readonly totals: Totals;
  /** Sessions over all doors. */
  readonly sessions: number;
  readonly troubles: readonly Trouble[];
  readonly disk: SpaceState | undefined;
  /** Null where this server has all. */
  readonly shared: SharedStateData | null;
  readonly uptimeMs: number | undefined;
  readonly certificateEndMs: number | undefined;
  /** Undefined where another worker has done it. */
  readonly recovery: RecoveryReport | undefined;
}

/** A certificate that ends sooner is a warning. */
const SOON_MS = 14 * 24 * 3600_000;

const RECOVERED: Readonly<Record<Exclude<keyof RecoveryReport, "troubles">, string>> = {
  movesFinished: "Renames finished",
  commitsTakenBack: "Uploads taken back to before their end",
  partsRemoved: "Left-over parts removed",
  adopted: "Unfinished uploads adopted",
  setAside: "Parts set aside",
  accountsRemoved: "Removals of accounts completed",
};

/** Actions of recovery, with their counts. */
function recovered(report: RecoveryReport): [what: string, count: number][] {
  const keys = Object.keys(RECOVERED) as (keyof typeof RECOVERED)[];
  return keys.filter((key) => report[key] > 0).map((key) => [RECOVERED[key], report[key]]);
}

/** Content of the server, and the result of its start. */
export const HealthPage: FC<HealthProps> = (props) => (
  <AdminFrame session={props.session} tab="/admin/health" title="Health">
    <h1>Health</h1>
    <Troubles troubles={props.troubles} />
    <div class="columns">
      <Server {...props} />
      <Kept {...props} />
    </div>
    {props.shared && <Shared shared={props.shared} />}
    {props.recovery && <Recovery recovery={props.recovery} />}
  </AdminFrame>
);

const Troubles: FC<{ troubles: readonly Trouble[] }> = ({ troubles }) =>
  troubles.length === 0
    ? <p class="notice good">Everything works.</p>
    : (
      <ul class="notice bad plain">
        {troubles.map(({ part, reason }) => (
          <li>
            <strong>{part}</strong>: {reason}
          </li>
        ))}
      </ul>
    );

const Server: FC<HealthProps> = ({ server, uptimeMs, disk, certificateEndMs, sessions }) => (
  <section class="card" aria-labelledby="server">
    <h2 id="server">Server</h2>
    <dl class="facts">
      <Fact name="Program">{server.name} {server.version}</Fact>
      {uptimeMs !== undefined && <Fact name="Running for">{formatDuration(uptimeMs)}</Fact>}
      <Fact name="Sessions">
        <a href="/admin/sessions">{counted(sessions, "session")}</a>
      </Fact>
      {disk && (
        <Fact name="Free disk space">
          {formatSize(disk.freeBytes)} of {formatSize(disk.totalBytes)}{" "}
          {disk.state === "low" && <span class="badge bad">uploads are refused</span>}
          <br />
          <span class="muted small">
            uploads leave {formatSize(disk.minFreeBytes)} free (--min-free)
          </span>
        </Fact>
      )}
      {certificateEndMs !== undefined && (
        <Fact name="Certificate ends">
          <Time ms={certificateEndMs} zone />{" "}
          <CertificateTerm leftMs={certificateEndMs - Date.now()} />
        </Fact>
      )}
    </dl>
  </section>
);

const CertificateTerm: FC<{ leftMs: number }> = ({ leftMs }) => {
  if (leftMs <= 0) return <span class="badge bad">it has ended</span>;
  const text = `in ${formatDuration(leftMs)}`;
  return <span class={leftMs < SOON_MS ? "badge bad" : "muted small"}>{text}</span>;
};

const Kept: FC<HealthProps> = ({ totals }) => {
  const { accounts, usedBytes, reservedBytes, uploads, receivedBytes, catalogBytes } = totals;
  return (
    <section class="card" aria-labelledby="kept">
      <h2 id="kept">Stored</h2>
      <dl class="facts">
        <Fact name="Accounts">
          <a href="/admin/accounts">{counted(accounts, "account")}</a>
        </Fact>
        <Fact name="Used by them">
          {formatSize(usedBytes + reservedBytes)}
          <br />
          <span class="muted small">
            {formatSize(usedBytes)} in files, {formatSize(reservedBytes)} reserved
          </span>
        </Fact>
        <Fact name="Unfinished">
          <a href="/admin/uploads">{counted(uploads, "upload")}</a>
          <br />
          <span class="muted small">{formatSize(receivedBytes)} received</span>
        </Fact>
        <Fact name="Catalog">{formatSize(catalogBytes)}</Fact>
      </dl>
    </section>
  );
};

const Shared: FC<{ shared: SharedStateData }> = ({ shared }) => (
  <section class="card" aria-labelledby="nodes">
    <h2 id="nodes">Nodes</h2>
    <dl class="facts">
      {shared.nodes.map((node) => (
        <Fact name={node.name}>
          {!node.alive && <span class="badge bad">silent</span>} {nodeText(node)}
        </Fact>
      ))}
      <Fact name="Database">{shared.connections} of {shared.max_connections} connections</Fact>
      <Fact name="Garbage">{garbageText(shared.garbage)}</Fact>
    </dl>
  </section>
);

const Recovery: FC<{ recovery: RecoveryReport }> = ({ recovery }) => (
  <section class="card" aria-labelledby="recovery">
    <h2 id="recovery">Recovery at the last start</h2>
    {recovered(recovery).length === 0
      ? <p class="muted">Nothing was left half done.</p>
      : (
        <dl class="facts">
          {recovered(recovery).map(([what, count]) => <Fact name={what}>{String(count)}</Fact>)}
        </dl>
      )}
  </section>
);

const Fact: FC<{ name: string; children?: Child }> = ({ name, children }) => (
  <>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </>
);
