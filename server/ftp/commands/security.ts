/** TLS (RFC 2228, RFC 4217). */
import type { CommandRow } from "../context/context.ts";
import { reply, ReplyError } from "../context/reply.ts";

/** Mechanisms that `AUTH` accepts; older clients send SSL and mean TLS. */
const MECHANISMS = ["TLS", "TLS-C", "TLS-P", "SSL"];

/** The command `AUTH`. */
export const auth: CommandRow = {
  name: "AUTH",
  needsLogin: false,
  letters: "",
  syntax: "mechanism",
  summary: "Begins TLS on the control connection: AUTH TLS, or AUTH SSL, which is the same.",
  features: () => ["AUTH TLS"],
  run(context, mechanism) {
    if (!MECHANISMS.includes(mechanism.trim().toUpperCase())) {
      throw new ReplyError(504, "Only AUTH TLS is known");
    }
    if (context.control.secure) throw new ReplyError(503, "The connection is within TLS already");
    context.leave();
    context.startTlsAfterReply();
    return reply(234, "Begin TLS now");
  },
};

/** The command `PBSZ`. */
export const bufferSize: CommandRow = {
  name: "PBSZ",
  needsLogin: false,
  letters: "",
  syntax: "size",
  summary: "Accepted for TLS, where the only buffer size is 0.",
  features: () => ["PBSZ"],
  run(context, size) {
    if (!context.control.secure) throw new ReplyError(503, "PBSZ comes after AUTH TLS");
    if (!/^\s*[0-9]{1,10}\s*$/.test(size)) throw new ReplyError(501, "PBSZ takes a number");
    return reply(200, "PBSZ=0");
  },
};

/** The command `PROT`. */
export const protection: CommandRow = {
  name: "PROT",
  needsLogin: false,
  letters: "",
  syntax: "level",
  summary: "Protects data connections with TLS (P), or not (C) where the server allows that.",
  features: () => ["PROT"],
  run(context, level) {
    if (!context.control.secure) throw new ReplyError(503, "PROT comes after AUTH TLS");
    switch (level.trim().toUpperCase()) {
      case "P":
        context.protectedData = true;
        return reply(200, "Data goes over TLS");
      case "C":
        if (!context.settings.allowPlain) {
          throw new ReplyError(534, "Data goes over TLS here: only PROT P is allowed");
        }
        context.protectedData = false;
        return reply(200, "Data goes in plain text");
      case "S":
      case "E":
        throw new ReplyError(536, "Only PROT P and PROT C are known");
      default:
        throw new ReplyError(504, "Only PROT P and PROT C are known");
    }
  },
};

/** The command `CCC`. */
export const clearCommands: CommandRow = {
  name: "CCC",
  letters: "",
  syntax: "",
  summary: "Refused: the control connection stays within TLS.",
  run: () => reply(533, "The control connection stays within TLS"),
};
