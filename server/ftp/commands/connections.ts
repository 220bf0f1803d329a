/** How data travels, and between which addresses (RFC 959 section 4.1.2, RFC 2428). */
import { isIPv4 } from "node:net";
import {
  formatHostPort,
  type HostPort,
  parseExtended,
  parseHostPort,
  sameAddress,
} from "../data/address.ts";
import type { CommandRow, Context } from "../context/context.ts";
import { PassivePort } from "../data/passive.ts";
import { type Reply, reply, ReplyError } from "../context/reply.ts";

/** Ports below belong to system services: a client must not make the server connect to them. */
const MIN_ACTIVE_PORT = 1024;

/** The command `TYPE`. */
export const type: CommandRow = {
  name: "TYPE",
  letters: "",
  syntax: "type",
  summary: "Sends content as it is (I, L 8), or lines of text with CRLF (A).",
  run(context, argument) {
    const wanted = argument.trim().toUpperCase().replaceAll(/\s+/g, " ");
    if (wanted === "I" || wanted === "L 8" || wanted === "L8") {
      context.ascii = false;
      return reply(200, "Content is sent as it is");
    }
    if (wanted === "A" || wanted === "A N") {
      context.ascii = true;
      return reply(200, "Content is sent as lines of text");
    }
    throw new ReplyError(504, "Only TYPE I, A and L 8 are known");
  },
};

/** The command `MODE`. */
export const mode: CommandRow = {
  name: "MODE",
  letters: "",
  syntax: "mode",
  summary: "Sends content as it is (S), or compressed (Z), where the server allows that.",
  features: ({ settings }) => settings.compression ? ["MODE Z"] : [],
  run(context, argument) {
    const wanted = argument.trim().toUpperCase();
    const isCompressed = wanted === "Z" && context.settings.compression === true;
    if (!isCompressed && wanted !== "S") {
      const known = context.settings.compression ? "MODE S and Z are" : "MODE S is";
      throw new ReplyError(504, `Only ${known} known`);
    }
    context.data.compression.on = isCompressed;
    return reply(200, `MODE ${wanted}`);
  },
};

/** The command `STRU`. */
export const structure: CommandRow = {
  name: "STRU",
  letters: "",
  syntax: "structure",
  summary: "Accepts F (file), the only structure there is.",
  run(_context, argument) {
    if (argument.trim().toUpperCase() === "F") return reply(200, "STRU F");
    throw new ReplyError(504, "Only STRU F is known");
  },
};

/** The command `PASV`. */
export const passive: CommandRow = {
  name: "PASV",
  letters: "",
  syntax: "",
  summary: "Waits for a data connection; the reply contains the port (IPv4).",
  features: () => ["PASV"],
  async run(context) {
    notAfterEpsvAll(context);
    const { reachedAddress, settings: { publicAddress } } = context;
    if (!isIPv4(reachedAddress)) throw new ReplyError(425, "PASV is for IPv4: use EPSV");
    const address = publicAddress !== null && isIPv4(publicAddress)
      ? publicAddress
      : reachedAddress;
    return reply(227, `Entering Passive Mode (${formatHostPort(address, await listen(context))}).`);
  },
};

/** The command `EPSV`. */
export const extendedPassive: CommandRow = {
  name: "EPSV",
  letters: "",
  syntax: "[protocol or ALL]",
  summary: "Waits for a data connection; the reply contains the port (IPv4 and IPv6).",
  features: () => ["EPSV"],
  async run(context, argument) {
    const wanted = argument.trim().toUpperCase();
    if (wanted === "ALL") {
      context.onlyEpsv = true;
      return reply(200, "From now on only EPSV sets data connections up");
    }
    const own = isIPv4(context.reachedAddress) ? "1" : "2";
    if (wanted !== "" && wanted !== own) {
      throw new ReplyError(522, `Network protocol not supported here, use (${own})`);
    }
    return reply(229, `Entering Extended Passive Mode (|||${await listen(context)}|)`);
  },
};

/** The command `PORT`. */
export const active: CommandRow = {
  name: "PORT",
  letters: "",
  syntax: "h1,h2,h3,h4,p1,p2",
  summary: "Names the client's own port for the next data connection (IPv4).",
  run(context, argument) {
    notAfterEpsvAll(context);
    const place = parseHostPort(argument);
    if (place === undefined) throw new ReplyError(501, "Usage: PORT h1,h2,h3,h4,p1,p2");
    return connectTo(context, place);
  },
};

/** The command `EPRT`. */
export const extendedActive: CommandRow = {
  name: "EPRT",
  letters: "",
  syntax: "|protocol|address|port|",
  summary: "Names the client's own port for the next data connection (IPv4 and IPv6).",
  features: () => ["EPRT"],
  run(context, argument) {
    notAfterEpsvAll(context);
    const place = parseExtended(argument);
    if (place === "protocol") {
      throw new ReplyError(522, "Network protocol not supported, use (1,2)");
    }
    if (place === undefined) throw new ReplyError(501, "Usage: EPRT |protocol|address|port|");
    return connectTo(context, place);
  },
};

function notAfterEpsvAll({ onlyEpsv }: Context): void {
  if (onlyEpsv) throw new ReplyError(503, "After EPSV ALL only EPSV sets data connections up");
}

/** @returns the port */
async function listen(context: Context): Promise<number> {
  const { data, localAddress, address, settings: { passivePorts }, trustsProxy } = context;
  const wanted = { address, trustsProxy };
  return await data.listen(() => PassivePort.open(localAddress, wanted, passivePorts));
}

/** Only the client itself is connected to: a server that connects anywhere is a tool for attacks. */
function connectTo(context: Context, place: HostPort): Reply {
  if (!sameAddress(place.host, context.address)) {
    throw new ReplyError(501, "Data connections go to the client's own address only");
  }
  if (place.port < MIN_ACTIVE_PORT) {
    throw new ReplyError(501, `Data connections go to ports from ${MIN_ACTIVE_PORT} on only`);
  }
  context.data.connectTo({ host: context.address, port: place.port });
  return reply(200, "The next transfer connects there");
}
