/** Limits of accounts and addresses, and bans: the vault checks the permission `t`. */
import { parseDuration } from "../../../../common/duration.ts";
import { ANY_NETWORK, networkText, parseNetworkOrAny } from "../../../../common/network.ts";
import type { AccountLimits, Network } from "../../../../storage/contract/books/policy_book.ts";
import { StoreError } from "../../../../storage/contract/error.ts";
import { readNetwork } from "../../../door/restriction_info.ts";
import {
  LIMIT_KINDS,
  LIMIT_MEMBERS,
  type LimitName,
  NETWORK_LIMIT_KINDS,
} from "../../../options/limit_kinds.ts";
import type { Register, WebContext } from "../../request/env.ts";
import { formOf } from "../../request/form_body.ts";
import { signedIn } from "../../session/session_cookie.ts";
import type { Refusal } from "../../ui/entry.ts";
import { page } from "../../ui/layout.tsx";
import { attempt, inField } from "../attempt.ts";
import { doneAt, toastOf } from "../done.ts";
import { textIn } from "../forms.ts";
import { LimitsPage } from "./limits_page.tsx";

/** Registers the routes of the administration of limits and bans. */
export const registerLimits: Register = (app) => {
  app.get("/admin/limits", (c) => limitsPage(c, c.req.query("of") ?? ""));

  app.post("/admin/limits", async (c) => {
    const { view: { restrictions } } = signedIn(c);
    const form = await formOf(c);
    const of = textIn(form, "of").trim();
    return await attempt(c, {
      form,
      fields: { "not-found": "of" },
      async run() {
        const network = parseNetworkOrAny(of);
        const changes = await changesIn(form, network !== undefined);
        if (network === undefined) await restrictions.changeLimits(of, changes);
        else await restrictions.changeNetwork(network, networkText(network), changes);
        return doneAt(c, "/admin/limits", "limited");
      },
      again: (refusal) => limitsPage(c, of, refusal),
    });
  });

  app.post("/admin/limits/ban", async (c) => {
    const { view: { restrictions } } = signedIn(c);
    const form = await formOf(c);
    return await attempt(c, {
      form,
      async run() {
        const network = await inField("network", () => readNetwork(textIn(form, "network")));
        const forMs = await inField("for", () => durationIn(textIn(form, "for").trim()));
        const reason = textIn(form, "reason").trim();
        await restrictions.ban({ ...network, reason, forMs }, networkText(network));
        return doneAt(c, "/admin/limits", "banned");
      },
      again: (refusal) => limitsPage(c, "", refusal),
    });
  });

  app.post("/admin/limits/unban", async (c) => {
    const { view: { restrictions } } = signedIn(c);
    const form = await formOf(c);
    return await attempt(c, {
      form,
      async run() {
        const network = readNetwork(textIn(form, "network"));
        await restrictions.unban(network, networkText(network));
        return doneAt(c, "/admin/limits", "unbanned");
      },
      again: (refusal) => limitsPage(c, "", refusal),
    });
  });
};

/** All limits of the form: an empty field is the server's own value. */
async function changesIn(form: FormData, isNetwork: boolean): Promise<Record<string, unknown>> {
  const changes: Record<string, unknown> = {};
  for (const name of Object.keys(LIMIT_KINDS) as LimitName[]) {
    const text = textIn(form, name).trim();
    await inField(name, () => {
      if (text === "") {
        changes[LIMIT_MEMBERS[name]] = "default";
      } else if (isNetwork && !Object.hasOwn(NETWORK_LIMIT_KINDS, name)) {
        throw new StoreError("bad-request", "Only an account has this limit: leave it empty");
      } else changes[LIMIT_MEMBERS[name]] = readLimit(name, text);
    });
  }
  return changes;
}

function readLimit(name: LimitName, text: string): unknown {
  try {
    return LIMIT_KINDS[name].read(text);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new StoreError("bad-request", `It must be ${error.message}`);
  }
}

/** How long a ban holds, ms; undefined for an empty text. */
function durationIn(text: string): number | undefined {
  if (text === "") return undefined;
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0) return ms;
  throw new StoreError("bad-request", "A time is a number with m, h or d behind it, such as 12h");
}

/**
 * The page, also as the reply to a form of it that was refused.
 *
 * @param of the account or network whose limits the form shows
 */
async function limitsPage(c: WebContext, of: string, refusal?: Refusal): Promise<Response> {
  const session = signedIn(c);
  const { restrictions } = session.view;
  const accounts = await restrictions.allLimits();
  const networks = await restrictions.networks();
  const bans = await restrictions.bans();
  const isSame = (network: Network) => networkText(network) === of;
  const shown: AccountLimits = accounts.get(of === ANY_NETWORK.address ? "" : of) ??
    networks.find(isSame)?.limits ?? {};
  const toast = toastOf(c);
  return await page(
    c,
    <LimitsPage {...{ session, accounts, networks, bans, of, shown, toast, refusal }} />,
  );
}
