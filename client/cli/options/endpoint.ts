import { clientCommand } from "../../../common/program_name.ts";
import { quoted } from "../../../common/printable.ts";
import { ClientError, ExitCode, usageError } from "../../lib/common/error.ts";
import type { ConfigDirectory } from "../../lib/connection/config.ts";
import { type Endpoint, parseEndpoint } from "../../lib/connection/endpoint.ts";
import { defaultLogin, type LoginName, profileLogin, profileNames } from "./logins.ts";
import type { Values } from "./options.ts";

/** The server of a command line, and which kept login counts there. */
export interface Destination {
  endpoint: Endpoint;
  login: LoginName;
}

/**
 * The server that a command line names, whose host and port `--host` and `--port` replace. A flag
 * goes before the environment, `--server` before `--profile`, and the server of the last login
 * comes last.
 *
 * @throws {ClientError} with exit code 2; 3 where no login is kept under the name
 */
export function destinationOf(
  values: Values,
  config: ConfigDirectory | undefined,
): Destination {
  const { server, profile } = namedIn(values, config);
  const { hostname, port } = parseEndpoint(server);
  const host = values.text("host")?.replace(/^\[(.*)\]$/, "$1") ?? hostname;
  const bracketed = host.includes(":") ? `[${host}]` : host;
  const endpoint = parseEndpoint(`${bracketed}:${values.number("port") ?? port}`);
  const name = endpoint.name;
  // Another host or port than the profile's is another server, which the profile says nothing of.
  const same = parseEndpoint(server).name === name;
  const login = profile !== undefined && same ? { server: name, profile } : { server: name };
  return { endpoint, login };
}

function namedIn(values: Values, config: ConfigDirectory | undefined): LoginName {
  const server = values.text("server");
  const profile = values.text("profile");
  const [serverGiven, profileGiven] = [values.given("server"), values.given("profile")];
  if (serverGiven && profileGiven) {
    throw usageError(
      `--server and --profile contradict each other: give one; ${
        clientCommand("login --server HOST:PORT --as NAME")
      } keeps a login under a name`,
    );
  }
  if (server !== undefined && (serverGiven || !profileGiven)) return { server };
  if (profile === undefined) return defaultLogin(config) ?? { server: "localhost:9000" };
  const login = profileLogin(config, profile);
  if (login !== undefined) return login;
  const names = profileNames(config);
  const there = names.length === 0 ? "" : ` (there are: ${names.map(quoted).join(", ")})`;
  throw new ClientError(
    `No login is kept under the name ${quoted(profile)}${there}: make one with ${
      clientCommand("login --server HOST:PORT --as NAME")
    }`,
    { exitCode: ExitCode.login },
  );
}
