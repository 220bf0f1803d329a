/** Session commands (docs/protocol.md, "Session"). */
import {
  CHUNK_BYTES,
  MAX_DATA_BYTES,
  MAX_JSON_BYTES,
  PIPELINE_LIMIT,
  PROTOCOL_VERSION,
} from "../../../protocol/mod.ts";
import type { Account } from "../../../storage/contract/catalog.ts";
import type { Narrowed } from "../../../storage/contract/principal.ts";
import { type Answer, command, type Context } from "../context/context.ts";
import { RequestError } from "../context/failure.ts";

/** The command `AUTH`. */
export const auth = command({
  name: "AUTH",
  needsLogin: false,
  letters: "",
  summary: "Logs in with a user name and password, or with a token.",
  reply: "AUTH_SUCCESS 230 {username, permissions, role, progress}",
  async run(context, { data }) {
    const { origin, services: { authenticator } } = context;
    if (data.token !== undefined) {
      const { account, token } = await authenticator.loginWithToken(data.token, origin);
      return await enter(context, account, { token });
    }
    if (data.username !== undefined && await authenticator.anonymous.is(data.username, "native")) {
      return await enterAnonymous(context);
    }
    if (data.username === undefined || data.password === undefined) {
      const name = data.username === undefined ? "username" : "password";
      throw new RequestError("BAD_REQUEST", `AUTH: "${name}" is missing`);
    }
    return await enter(context, await authenticator.login(data.username, data.password, origin));
  },
});

/** Logs an account in, and returns its permissions. */
async function enter(
  context: Context,
  account: Account,
  narrowed?: Narrowed,
): Promise<Answer> {
  await context.enter(account, narrowed);
  const permissions = await context.view.permissions.letters();
  const role = permissions.includes("t") ? "admin" : "user";
  const name = account.name;
  const data = { message: "Logged in", username: name, permissions, role, progress: true };
  return { status: "AUTH_SUCCESS", data };
}

/** Begins a session without an account. */
async function enterAnonymous(context: Context): Promise<Answer> {
  const { origin, services: { authenticator } } = context;
  const { account, published } = await authenticator.anonymous.enter(origin);
  return await enter(context, account, { published });
}

/** The command `USER`. */
export const user = command({
  name: "USER",
  needsLogin: false,
  letters: "",
  summary: "Names the user to log in as; PASS follows.",
  reply: "NEED_PASSWORD 331",
  run(context, { data }) {
    context.userName = data.username;
    return { status: "NEED_PASSWORD", data: { message: "Send the password with PASS" } };
  },
});

/** The command `PASS`. */
export const pass = command({
  name: "PASS",
  needsLogin: false,
  letters: "",
  summary: "Logs in as the user that USER named.",
  reply: "as AUTH",
  async run(context, { data }) {
    const name = context.userName;
    context.userName = undefined;
    if (name === undefined) throw new RequestError("BAD_SEQUENCE", "PASS comes after USER");
    const { origin, services: { authenticator } } = context;
    if (await authenticator.anonymous.is(name, "native")) return await enterAnonymous(context);
    return await enter(context, await authenticator.login(name, data.password, origin));
  },
});

/** The command `FEAT`. */
export const feat = command({
  name: "FEAT",
  needsLogin: false,
  letters: "",
  summary: "Returns version, features and limits of the server.",
  reply: "OK 211 {server, version, protocol, features, limits}",
  run(context) {
    return {
      code: 211,
      data: {
        server: context.serverInfo.name,
        version: context.serverInfo.version,
        protocol: PROTOCOL_VERSION,
        features: [
          "administration",
          "append",
          "if_exists",
          "pipelining",
          "progress",
          "ranges",
          ...(context.services.accounts.rules.allowRegister ? ["registration"] : []),
          "resume",
          "sha256",
          "sharing",
          "takeover",
          "tokens",
          "versions",
        ],
        limits: {
          json: MAX_JSON_BYTES,
          data: MAX_DATA_BYTES,
          chunk_size: CHUNK_BYTES,
          pipeline: PIPELINE_LIMIT,
        },
      },
    };
  },
});

/** The command `SYST`. */
export const syst = command({
  name: "SYST",
  needsLogin: false,
  letters: "",
  summary: "Returns the type of the system, as in FTP.",
  reply: "OK 215 {system}",
  run: () => ({ code: 215, data: { system: "UNIX Type: L8" } }),
});

/** The command `NOOP`. */
export const noop = command({
  name: "NOOP",
  needsLogin: false,
  letters: "",
  summary: "Does nothing, and keeps the connection from being idle.",
  reply: "OK 200",
  run: () => ({ data: {} }),
});

/** The command `QUIT`. */
export const quit = command({
  name: "QUIT",
  needsLogin: false,
  letters: "",
  summary: "Closes the connection after the reply.",
  reply: "OK 221",
  run(context) {
    context.closeAfterReply();
    return { code: 221, data: { message: "Goodbye" } };
  },
});

/** The command `TYPE`. */
export const type = command({
  name: "TYPE",
  letters: "",
  summary: "Accepts I (binary), the only type there is here.",
  reply: "OK 200",
  run(_context, { data }) {
    const name = data.type.toUpperCase();
    if (name === "I" || name === "L 8") return { data: { type: "I" } };
    if (name === "A" || name.startsWith("A ") || name === "E") {
      throw new RequestError("UNSUPPORTED", "Content is sent as it is: only TYPE I is supported");
    }
    throw new RequestError("BAD_REQUEST", `TYPE: "type" must be I`);
  },
});
