/** The clients' command lines, with a login and the server's authority verified. */
import type { Mode, Place } from "./place.ts";

/** lftp's command line that does `actions`; it ends with an error at the first that fails. */
export function lftp(place: Place, mode: Mode, ...actions: string[]): string[] {
  return lftpTo(place.url(mode), place, actions);
}

/** The same for a door under another address. */
export function lftpTo(url: string, place: Place, actions: string[]): string[] {
  const script = [
    `set ssl:ca-file ${place.server.ca}`,
    "set ssl:verify-certificate yes",
    "set ftp:ssl-force yes",
    "set ftp:ssl-protect-data yes",
    "set net:max-retries 2",
    "set net:timeout 20",
    "set cmd:fail-exit yes",
    `open -u ${place.user},${place.password} ${url}`,
    ...actions,
  ];
  return ["lftp", "--norc", "-d", "-c", script.join("; ")];
}

/** curl's command line to a path; `-v` puts the control connection into its output. */
export function curl(
  place: Place,
  mode: Mode,
  path: string,
  options: string[],
  host?: string,
): string[] {
  const login = ["-u", `${place.user}:${place.password}`, "--cacert", place.server.ca];
  const url = `${place.url(mode, host)}/${path}`;
  return ["curl", "-q", "-sS", "-v", "--fail", "--ssl-reqd", ...login, ...options, url];
}

const SCRIPTS = new URL("./", import.meta.url).pathname;

/** Runs a script beside this file, which must succeed; what it printed. */
export async function python(
  place: Place,
  script: string,
  mode: Mode,
  options: { host?: string; args?: string[] } = {},
): Promise<string> {
  const { host = "localhost", args = [] } = options;
  const where = [mode, host, String(place.port(mode)), place.server.ca, place.user];
  return await place.ok(["python3", `${SCRIPTS}${script}`, ...where, ...args], {
    env: { TOWPATH_PASSWORD: place.password, PYTHONDONTWRITEBYTECODE: "1" },
  });
}
