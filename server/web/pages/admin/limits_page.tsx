/** The page of limits and bans. */
import type { FC } from "hono/jsx";
import { limitsInShort } from "../../../../common/admin/limits_text.ts";
import { networkText } from "../../../../common/network.ts";
import { exactSize } from "../../../../common/size.ts";
import type {
  AccountLimits,
  Ban,
  LimitedNetwork,
  Network,
} from "../../../../storage/contract/books/policy_book.ts";
import { limitsInfo } from "../../../door/restriction_info.ts";
import { LIMIT_MEMBERS, type LimitName } from "../../../options/limit_kinds.ts";
import type { WebSession } from "../../request/web_session.ts";
import { Entry, type Refusal } from "../../ui/entry.ts";
import { FormMessage, TextField } from "../../ui/form.tsx";
import { withQuery } from "../../ui/href.ts";
import { CsrfField } from "../../ui/layout.tsx";
import { Rows } from "../../ui/rows.ts";
import { TableHead } from "../../ui/table_head.tsx";
import { Time, TimeOr } from "../../ui/text.tsx";
import { AdminFrame } from "./frame.tsx";

const RATE = "Such as 2M; none: no limit; empty: the server's";
/** The fields of the form, in order. */
const FIELDS: readonly (readonly [name: LimitName, label: string, hint: string])[] = [
  ["rate", "Bytes per second, both ways together", RATE],
  ["rate-up", "Bytes per second to the server", RATE],
  ["rate-down", "Bytes per second from the server", RATE],
  ["connections", "Connections at once", "A number; none: no limit; empty: the server's"],
  ["requests", "Requests per minute", "A number; none: no limit; empty: the server's"],
  ["doors", "Doors", "Of native, ftp, web, api, tus; or all, or none; empty: all"],
  ["allow-ip", "Logs in from", "Networks with commas between them; accounts only"],
  ["deny-ip", "Does not log in from", "Networks with commas between them; accounts only"],
];

/** Limits of accounts and addresses, and bans. */
export const LimitsPage: FC<{
  session: WebSession;
  accounts: ReadonlyMap<string, AccountLimits>;
  networks: readonly LimitedNetwork[];
  bans: readonly Ban[];
  /** The account or network whose limits the form shows; empty: none. */
  of: string;
  shown: AccountLimits;
  toast: string | undefined;
  /** A form of the page that was refused. */
  refusal: Refusal | undefined;
}> = ({ session, accounts, networks, bans, of, shown, toast, refusal }) => {
  const limited: (readonly [of: string, limits: AccountLimits])[] = [
    ...accounts,
    ...networks.map((network) => [networkText(network), network.limits] as const),
  ].filter(([, limits]) => Object.keys(limits).length > 0);
  const entry = (form: string) => new Entry(form, refusal);
  return (
    <AdminFrame
      session={session}
      tab="/admin/limits"
      title="Limits"
      toast={toast}
      address={refusal && "/admin/limits"}
    >
      <h1>Limits</h1>
      {limited.length === 0
        ? <p class="muted">No account and no network has limits of its own.</p>
        : (
          <div class="card flush">
            <table class="cards">
              <TableHead of={["Account or network", "Limits"]} />
              <tbody>
                <Rows
                  each={limited}
                  row={([name, limits]) => (
                    <tr>
                      <th scope="row" data-head="Account or network">
                        <a href={withQuery("/admin/limits", { of: name })}>{name}</a>
                      </th>
                      <td data-head="Limits" class="small">{limitsInShort(limitsInfo(limits))}</td>
                    </tr>
                  )}
                />
              </tbody>
            </table>
          </div>
        )}
      <div class="columns">
        <form class="card fields" method="post" action="/admin/limits">
          <h2>Set limits</h2>
          <CsrfField session={session} />
          <FormMessage entry={entry("/admin/limits")} />
          <TextField
            entry={entry("/admin/limits")}
            id="of"
            name="of"
            label="Account, network or any"
            hint="The limits of a network hold for each of its addresses; any: of every address"
            value={of}
            required
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
          />
          {FIELDS.map(([name, label, hint]) => (
            <TextField
              entry={entry("/admin/limits")}
              id={name}
              name={name}
              label={label}
              hint={hint}
              value={written(name, shown)}
              autocomplete="off"
              autocapitalize="none"
              spellcheck={false}
            />
          ))}
          <button type="submit">Set the limits</button>
        </form>
        <section class="card" aria-labelledby="bans">
          <h2 id="bans">Bans</h2>
          {bans.length === 0 && <p class="muted">Nothing is banned.</p>}
          <FormMessage entry={entry("/admin/limits/unban")} />
          <Rows each={bans} row={(ban) => <BanLine session={session} ban={ban} />} />
          <form class="fields" method="post" action="/admin/limits/ban">
            <CsrfField session={session} />
            <FormMessage entry={entry("/admin/limits/ban")} />
            <TextField
              entry={entry("/admin/limits/ban")}
              id="network"
              name="network"
              label="Address or network"
              hint="Its connections end. A ban of your own address ends this session too"
              required
              autocomplete="off"
              spellcheck={false}
            />
            <TextField
              entry={entry("/admin/limits/ban")}
              id="for"
              name="for"
              label="For"
              hint="Such as 12h or 7d; empty: until it is lifted"
              autocomplete="off"
            />
            <TextField
              entry={entry("/admin/limits/ban")}
              id="reason"
              name="reason"
              label="Reason"
              autocomplete="off"
            />
            <button type="submit" class="danger">Ban</button>
          </form>
        </section>
      </div>
    </AdminFrame>
  );
};

const BanLine: FC<{ session: WebSession; ban: Ban }> = ({ session, ban }) => (
  <div class="row ends line">
    <span>
      {networkText(ban)}
      <span class="muted small">
        {" "}
        {ban.reason !== "" && `${ban.reason}, `}since <Time ms={ban.createdMs} />, until{" "}
        <TimeOr ms={ban.expiresMs} none="it is lifted" />
      </span>
    </span>
    <form method="post" action="/admin/limits/unban">
      <CsrfField session={session} />
      <input type="hidden" name="network" value={networkText(ban)} />
      <button type="submit" class="quiet" aria-label={`Lift the ban of ${networkText(ban)}`}>
        Lift
      </button>
    </form>
  </div>
);

/** A limit as it is typed; empty where there is none of its own. */
function written(name: LimitName, limits: AccountLimits): string {
  const value = limits[LIMIT_MEMBERS[name]];
  if (value === undefined) return "";
  if (value === null) return "none";
  if (typeof value === "number") return name.startsWith("rate") ? exactSize(value) : String(value);
  if (value.length === 0) return name === "doors" ? "none" : "";
  return value.map((one: string | Network) => typeof one === "string" ? one : networkText(one))
    .join(",");
}
