/** Limits of accounts and addresses, and bans (docs/protocol.md, "Administration"). */
import {
  banInfo,
  limitChanges,
  limitsInfo,
  networkInfo,
  readNetwork,
  readNetworkOrAny,
} from "../../door/restriction_info.ts";
import { networkText } from "../../../common/network.ts";
import { command } from "../context/context.ts";
import { fitting } from "../context/fitting.ts";

/** The command `LIMITS`. */
export const limits = command({
  name: "LIMITS",
  letters: "t",
  summary: "Shows the limits of an account, or changes those that are named.",
  reply: "OK {username, limits: {rate?, rate_up?, rate_down?, connections?, requests?, " +
    "doors?, allow_ip?, deny_ip?}}",
  async run({ view: { restrictions } }, { data: { username, ...request } }) {
    const changes = limitChanges(request);
    const found = Object.keys(changes).length === 0
      ? await restrictions.limits(username)
      : await restrictions.changeLimits(username, changes);
    return { data: { username, limits: limitsInfo(found) } };
  },
});

/** The command `NETLIMIT`. */
export const networkLimit = command({
  name: "NETLIMIT",
  letters: "t",
  summary: "Shows the limits of each address of a network, or changes those that are named.",
  reply: "OK {network, limits: {rate?, rate_up?, rate_down?, connections?, requests?, doors?}}",
  async run({ view: { restrictions } }, { data: { network: text, ...request } }) {
    const network = readNetworkOrAny(text);
    const changes = limitChanges(request);
    const limits = Object.keys(changes).length === 0
      ? await restrictions.networkLimits(network)
      : await restrictions.changeNetwork(network, networkText(network), changes);
    return { data: networkInfo({ ...network, limits }) };
  },
});

/** The command `NETLIMITS`. */
export const networkLimits = command({
  name: "NETLIMITS",
  letters: "t",
  summary: "Lists the networks whose addresses have limits.",
  reply: "OK {networks: [{network, limits}], truncated?}",
  async run({ view }) {
    const listed = await fitting(await view.restrictions.networks(), networkInfo);
    return { data: { networks: listed.items, ...(listed.more ? { truncated: true } : {}) } };
  },
});

/** The command `BAN`. */
export const ban = command({
  name: "BAN",
  letters: "t",
  summary: "Refuses connections from an address or network, and ends the sessions from there.",
  reply: "OK {network, reason, created, expires}",
  async run({ view }, { data: { network: text, for_ms: forMs, reason } }) {
    const network = readNetwork(text);
    const made = await view.restrictions.ban({ ...network, reason, forMs }, networkText(network));
    return { data: banInfo(made) };
  },
});

/** The command `UNBAN`. */
export const unban = command({
  name: "UNBAN",
  letters: "t",
  summary: "Lifts a ban.",
  reply: "OK {network}",
  async run({ view }, { data }) {
    const network = readNetwork(data.network);
    await view.restrictions.unban(network, networkText(network));
    return { data: { network: networkText(network) } };
  },
});

/** The command `BANS`. */
export const bans = command({
  name: "BANS",
  letters: "t",
  summary: "Lists the bans, oldest first.",
  reply: "OK {bans: [{network, reason, created, expires}], truncated?}",
  async run({ view }) {
    const { items: bans, more } = await fitting(await view.restrictions.bans(), banInfo);
    return { data: { bans, ...(more ? { truncated: true } : {}) } };
  },
});
