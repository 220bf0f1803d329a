/** Where the login comes from: token, password, kept login, or a question on the terminal. */
import { printable, quoted } from "../../../common/printable.ts";
import { askLine, canAsk } from "../../../common/secret_prompt.ts";
import { Client, type Credentials } from "../../lib/connection/client.ts";
import type { Context } from "./command.ts";
import { env, lackOfEnv, needRead } from "../../lib/common/environment.ts";
import { ClientError, ExitCode, Interrupted, localError } from "../../lib/common/error.ts";
import { localPath } from "../../lib/local/local_path.ts";
import { keptLogin } from "./logins.ts";
import type { Values } from "./options.ts";

/** User name of a session without an account. */
const ANONYMOUS = "anonymous";

/**
 * Finds credentials for the login. A token goes before a password, a password before a kept login;
 * a prompt comes last.
 *
 * @param useKept whether a kept login counts
 * @throws {ClientError} with exit code 3 where there are none
 */
export async function findCredentials(context: Context, useKept: boolean): Promise<Credentials> {
  const token = env("TOWPATH_TOKEN");
  if (token !== undefined) return { token };
  const kept = keptLogin(context.config, context.login);
  const given = context.values.text("user");
  const password = givenPassword(context.values);
  if (password === undefined && useKept && kept?.token !== undefined) {
    if (given === undefined || given === kept.user) return { token: kept.token };
  }
  return await findPassword(context);
}

/**
 * Finds user name and password, ignoring tokens and kept logins.
 *
 * @throws {ClientError} with exit code 3 where there are none, 7 where a prompt is needed and the
 * server cannot be reached or is not trusted
 */
export async function findPassword(
  { values, config, connecting, login, endpoint: { name: server } }: Context,
): Promise<{ username: string; password: string }> {
  const user = values.text("user") ?? keptLogin(config, login)?.user;
  // A session without an account needs no password.
  const given = givenPassword(values) ?? (user === ANONYMOUS ? "" : undefined);
  if (user !== undefined && given !== undefined) return { username: user, password: given };
  // Checked before the prompt: a user must not type a password for a server that is unreachable.
  if (canAsk()) await Client.askWithoutLogin(connecting, "NOOP");
  const username = user ?? await askUser(server);
  return {
    username,
    password: given ?? await askPassword(`Password of ${username} at ${server}: `),
  };
}

/** The password of the environment or `--password-file`. */
export function givenPassword(values: Values): string | undefined {
  const file = values.text("password-file");
  return file === undefined ? env("TOWPATH_PASSWORD") : readSecret(localPath(file));
}

/** The first line of a file. */
export function readSecret(path: string): string {
  needRead(path);
  try {
    const secret = Deno.readTextFileSync(path).split(/\r?\n/)[0]!;
    if (secret !== "") return secret;
  } catch (error) {
    throw localError(error, `Cannot read the password file ${quoted(path)}`, path);
  }
  throw new ClientError(`The password file ${quoted(path)} is empty`, { exitCode: ExitCode.login });
}

/** Asks for the user name on the terminal. */
export function askUser(server: string): Promise<string> {
  if (canAsk()) {
    return ask(`User name at ${server}: `, true);
  }
  throw missing("There is no user name", "TOWPATH_USER", "give --user NAME or set TOWPATH_USER");
}

/** Asks for a password on the terminal. */
export function askPassword(question: string): Promise<string> {
  if (canAsk()) return ask(question, false);
  throw missing(
    "There is no password",
    "TOWPATH_PASSWORD",
    "set TOWPATH_PASSWORD, give --password-file FILE, or use a terminal to be asked",
  );
}

/** Creates the error for missing credentials: Deno's refusal to read them, or other advice. */
function missing(what: string, variable: string, advice: string): ClientError {
  const lack = lackOfEnv(variable);
  if (lack === "") return new ClientError(`${what}: ${advice}`, { exitCode: ExitCode.login });
  return new ClientError(`${what}${lack}`, { exitCode: ExitCode.denied });
}

/** Prompts on the terminal. @param echo whether the input is shown @throws {Interrupted} */
export async function ask(question: string, echo: boolean): Promise<string> {
  const answer = await askLine(printable(question), echo);
  if (answer === undefined) throw new Interrupted();
  return answer;
}
