/** Pages for administrators: sessions, unfinished uploads, logs, health. */
import { counted } from "../../../../common/counted.ts";
import type { FC } from "hono/jsx";
import type { UnfinishedUpload } from "../../../../storage/transfer/resumes.ts";
import type { SessionInfo } from "../../../../storage/monitor/sessions.ts";
import { LOG_LEVELS, LOG_NAMES } from "../../../../common/log_names.ts";
import type { LogQuery } from "../../../door/door.ts";
import { formatDuration } from "../../../../common/duration.ts";
import { formatSize } from "../../../../common/size.ts";
import { withQuery } from "../../ui/href.ts";
import { type Alert, CsrfField } from "../../ui/layout.tsx";
import { Icon } from "../../ui/icons.tsx";
import { shownLine } from "../../ui/log_line.ts";
import { Rows } from "../../ui/rows.ts";
import { Name, plainName, Time } from "../../ui/text.tsx";
import type { WebSession } from "../../request/web_session.ts";
import { AdminFrame } from "./frame.tsx";
import { TableHead } from "../../ui/table_head.tsx";

const DOORS = { native: "native", ftp: "FTP", web: "web" } as const;

/** Sessions over every door, and what moves in them. */
export const SessionsPage: FC<{
  session: WebSession;
  sessions: readonly SessionInfo[];
  toast: string | undefined;
  alert: Alert | undefined;
}> = ({ sessions, ...props }) => (
  <AdminFrame {...props} tab="/admin/sessions" title="Sessions" address="/admin/sessions">
    <div class="row ends">
      <h1>Sessions</h1>
      <label class="choice" data-script hidden>
        <input type="checkbox" checked data-live-switch="sessions" /> follow
      </label>
    </div>
    <div id="sessions" class="card flush" data-live="/admin/sessions" data-live-ms="2000">
      <table class="cards">
        <caption class="visually-hidden">{counted(sessions.length, "session")}</caption>
        <TableHead of={["Account", "By", "From", "For", "Transfer"]} actions />
        <tbody>
          <Rows each={sessions} row={(one) => <SessionRow session={props.session} one={one} />} />
        </tbody>
      </table>
    </div>
  </AdminFrame>
);

const SessionRow: FC<{ session: WebSession; one: SessionInfo }> = ({ session, one }) => {
  const { sessionId, account, door, address, agent, sinceMs, visitor, transfer, node } = one;
  return (
    <tr>
      <th scope="row" data-head="Account">
        <span>
          {account} {sessionId === session.id && <span class="badge on">you</span>}
          {visitor && <span class="badge">visitor of a link</span>}
        </span>
      </th>
      <td data-head="By">
        <span>
          {DOORS[door]}
          {agent && (
            <>
              {" "}
              <span class="muted small">{agent}</span>
            </>
          )}
          {node && (
            <>
              {" "}
              <span class="muted small">at {node}</span>
            </>
          )}
        </span>
      </td>
      <td data-head="From">{address}</td>
      <td data-head="For">{formatDuration(Date.now() - sinceMs)}</td>
      <td data-head="Transfer" class="load">{transfer && <TransferCell {...transfer} />}</td>
      <td>
        {sessionId !== session.id && (
          <form method="post" action="/admin/sessions/kick">
            <CsrfField session={session} />
            <input type="hidden" name="id" value={sessionId} />
            <button type="submit" class="quiet" aria-label={`End the session of ${account}`}>
              End
            </button>
          </form>
        )}
      </td>
    </tr>
  );
};

const TransferCell: FC<NonNullable<SessionInfo["transfer"]>> = (
  { filename, direction, offset, size, rate },
) => (
  <span>
    <span aria-hidden="true">{direction === "upload" ? "↑" : "↓"}</span>
    <span class="visually-hidden">{direction}</span> <Name text={filename} />{" "}
    <span class="muted small">
      {size !== null && size > 0 && (
        <progress max={size} value={offset} aria-label={`${plainName(filename)}, ${direction}`} />
      )} {formatSize(offset)}
      {size !== null && ` of ${formatSize(size)}`}, {formatSize(rate)}/s
    </span>
  </span>
);

/** Unfinished uploads of all accounts. */
export const UploadsPage: FC<{
  session: WebSession;
  uploads: readonly UnfinishedUpload[];
  toast: string | undefined;
  alert: Alert | undefined;
}> = ({ uploads, ...props }) => (
  <AdminFrame {...props} tab="/admin/uploads" title="Unfinished uploads" address="/admin/uploads">
    <h1>Unfinished uploads</h1>
    {uploads.length === 0 ? <div class="card empty">There are none.</div> : (
      <div class="card flush">
        <table class="cards">
          <TableHead
            of={["File", "Account", { number: "Received" }, "Last touched", "Kept until"]}
            actions
          />
          <tbody>
            <Rows
              each={uploads}
              row={({ record, offset, expiresMs, active }) => (
                <tr>
                  <th scope="row" data-head="File">
                    <span>
                      <Name text={record.shownPath} />{" "}
                      {active && <span class="badge on">running</span>}
                    </span>
                  </th>
                  <td data-head="Account">{record.account}</td>
                  <td data-head="Received" class="number">
                    {formatSize(offset)}
                    {record.sizeBytes !== null && ` of ${formatSize(record.sizeBytes)}`}
                  </td>
                  <td data-head="Last touched">
                    <Time ms={record.updatedMs} />
                  </td>
                  <td data-head="Kept until">
                    <Time ms={expiresMs} />
                  </td>
                  <td>
                    <form method="post" action="/admin/uploads/drop">
                      <CsrfField session={props.session} />
                      <input type="hidden" name="id" value={record.id} />
                      <button
                        type="submit"
                        class="quiet"
                        aria-label={`Drop the upload of ${plainName(record.shownPath)}`}
                      >
                        Drop
                      </button>
                    </form>
                  </td>
                </tr>
              )}
            />
          </tbody>
        </table>
      </div>
    )}
  </AdminFrame>
);

/** Lines of a log. */
export const LogsPage: FC<{
  session: WebSession;
  query: LogQuery;
  lines: readonly string[];
  /** Parameters for the next request of the page. */
  parameters: Record<string, string | undefined>;
}> = ({ session, query, lines, parameters }) => (
  <AdminFrame session={session} tab="/admin/logs" title="Logs">
    <div class="row ends">
      <h1>Logs</h1>
      <label class="choice" data-script hidden>
        <input type="checkbox" checked data-live-switch="log" /> follow
      </label>
    </div>
    <form class="row" method="get" action="/admin/logs" role="search">
      <Choice id="name" label="Log" chosen={query.name} choices={LOG_NAMES} />
      <Choice
        id="level"
        label="From level"
        chosen={query.level ?? "debug"}
        choices={LOG_LEVELS}
      />
      <Choice
        id="lines"
        label="Lines"
        chosen={String(query.lines)}
        choices={["100", "200", "1000", "5000"]}
      />
      <div class="field">
        <label for="account">Account</label>
        <input
          id="account"
          type="search"
          name="account"
          value={query.account ?? ""}
          autocapitalize="none"
        />
      </div>
      <div class="field grow">
        <label for="contains">Containing</label>
        <input id="contains" type="search" name="contains" value={query.contains ?? ""} />
      </div>
      <button type="submit">Show</button>
      <a class="button" href={withQuery("/admin/logs/download", parameters)} download>
        <Icon name="download" /> Download
      </a>
    </form>
    <pre
      id="log"
      class="log"
      tabindex={0}
      role="log"
      aria-label={`The ${query.name} log`}
      data-live={withQuery("/admin/logs", parameters)}
      data-live-ms="2000"
    >{lines.length === 0 ? "No line of it matches.\n" : <Rows each={lines} row={(line) => <>{plainName(shownLine(line)) + "\n"}</>} />}</pre>
  </AdminFrame>
);

const Choice: FC<{ id: string; label: string; chosen: string; choices: readonly string[] }> = (
  { id, label, chosen, choices },
) => (
  <div class="field">
    <label for={id}>{label}</label>
    <select id={id} name={id}>
      {choices.map((choice) => <option value={choice} selected={choice === chosen}>{choice}
      </option>)}
    </select>
  </div>
);
