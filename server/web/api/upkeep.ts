/** Unfinished uploads of all accounts, limits of addresses, bans: for administrators (permission t). */
import * as v from "valibot";
import { COMMON_LIMITS } from "../../../common/limit_schemas.ts";
import { networkText } from "../../../common/network.ts";
import {
  banInfo,
  limitChanges,
  networkInfo,
  readNetwork,
  readNetworkOrAny,
} from "../../door/restriction_info.ts";
import { SET_ASIDE_INFO, setAsideInfo, UPLOAD_INFO, uploadInfo } from "../../door/upload_info.ts";
import { MAX_LISTED } from "../request/first_of.ts";
import { route } from "./route.ts";
import { text, whole } from "./schemas.ts";

const duration = (summary: string) => v.pipe(whole(summary), v.minValue(1, "must be at least 1"));

/** The operation `GET /admin/uploads`. */
export const listAllUploads = route({
  name: "listAllUploads",
  method: "get",
  at: "/admin/uploads",
  letters: "t",
  summary: "Lists the unfinished uploads of all accounts, latest first.",
  replies: {
    200: `{uploads: [${UPLOAD_INFO}], setAside: [${SET_ASIDE_INFO}], more?}`,
  },
  async run({ c, services: { vault }, session: { view } }) {
    const found = await view.administration.uploads(MAX_LISTED + 1);
    const aside = await view.administration.setAside();
    const more = found.length > MAX_LISTED || aside.length > MAX_LISTED;
    return c.json({
      uploads: found.slice(0, MAX_LISTED).map(uploadInfo),
      setAside: aside.slice(0, MAX_LISTED).map((one) => setAsideInfo(one, vault.partTtlMs)),
      ...(more && { more }),
    });
  },
});

/** The operation `DELETE /admin/uploads/{path}`. */
export const dropAnyUpload = route({
  name: "dropAnyUpload",
  method: "delete",
  at: "/admin/uploads/{path}",
  letters: "t",
  summary: "Drops an unfinished upload of any account, by its id.",
  replies: { 204: "It is removed." },
  async run({ c, session: { view }, path }) {
    await view.administration.dropUpload(path.slice(1));
    return c.body(null, 204);
  },
});

/** The operation `POST /admin/expire`. */
export const expireUploads = route({
  name: "expireUploads",
  method: "post",
  at: "/admin/expire",
  letters: "t",
  summary: "Removes unfinished uploads past their time.",
  body: v.strictObject({
    ttlMs: v.exactOptional(duration("How long they are kept, ms (default: the server's own)")),
  }),
  replies: { 200: "{removed: [...]}" },
  async run({ c, session: { view }, body: { ttlMs } }) {
    return c.json({ removed: await view.administration.expireUploads(ttlMs) });
  },
});

/** The operation `GET /admin/networks`. */
export const listNetworks = route({
  name: "listNetworks",
  method: "get",
  at: "/admin/networks",
  letters: "t",
  summary: "Lists the networks whose addresses have limits.",
  replies: { 200: "{networks: [{network, limits}]}" },
  async run({ c, session: { view } }) {
    return c.json({ networks: (await view.restrictions.networks()).map(networkInfo) });
  },
});

/** The operation `PUT /admin/networks/{path}`. */
export const limitNetwork = route({
  name: "limitNetwork",
  method: "put",
  at: "/admin/networks/{path}",
  letters: "t",
  summary: 'Changes the named limits of each address of a network, or of "any" address.',
  body: v.strictObject(COMMON_LIMITS),
  replies: { 200: "{network, limits}" },
  async run({ c, session: { view }, path, body }) {
    const network = readNetworkOrAny(path.slice(1));
    const changes = limitChanges(body);
    const shown = networkText(network);
    const limits = await view.restrictions.changeNetwork(network, shown, changes);
    return c.json(networkInfo({ ...network, limits }));
  },
});

/** The operation `GET /admin/bans`. */
export const listBans = route({
  name: "listBans",
  method: "get",
  at: "/admin/bans",
  letters: "t",
  summary: "Lists the bans, oldest first.",
  replies: { 200: "{bans: [{network, reason, created, expires}]}" },
  async run({ c, session: { view } }) {
    return c.json({ bans: (await view.restrictions.bans()).map(banInfo) });
  },
});

/** The operation `POST /admin/bans`. */
export const ban = route({
  name: "ban",
  method: "post",
  at: "/admin/bans",
  letters: "t",
  summary: "Refuses connections from an address or network, and ends the sessions from there.",
  body: v.strictObject({
    network: text("An address, or a network in CIDR notation"),
    reason: v.exactOptional(text("For the list of bans")),
    forMs: v.exactOptional(duration("How long it holds, ms (default: until it is lifted)")),
  }),
  replies: { 201: "{network, reason, created, expires}" },
  async run({ c, session: { view }, body: { network: written, reason, forMs } }) {
    const network = readNetwork(written);
    const made = await view.restrictions.ban({ ...network, reason, forMs }, networkText(network));
    return c.json(banInfo(made), 201);
  },
});

/** The operation `DELETE /admin/bans/{path}`. */
export const unban = route({
  name: "unban",
  method: "delete",
  at: "/admin/bans/{path}",
  letters: "t",
  summary: "Lifts the ban of an address or network.",
  replies: { 204: "It is no longer banned." },
  async run({ c, session: { view }, path }) {
    const network = readNetwork(path.slice(1));
    await view.restrictions.unban(network, networkText(network));
    return c.body(null, 204);
  },
});
