/** The accounts of a load, what works in them, and the report. */
import { Client } from "../client/lib/mod.ts";
import { Actor } from "./actor.ts";
import type { ClientContext, Home, Login } from "./common/door_client.ts";
import { Random } from "./common/random.ts";
import type { Site } from "./common/site.ts";
import { formDoor } from "./doors/form.ts";
import { ftpDoor, hasCurl } from "./doors/ftp.ts";
import { httpDoor, tusDoor } from "./doors/http.ts";
import { libraryDoor, programDoor } from "./doors/native.ts";
import { rawFtpDoor } from "./doors/raw_ftp.ts";
import { Model } from "./model.ts";
import type { Log } from "./user.ts";

/** Password of all accounts. */
export const PASSWORD = "correct horse battery";
/** Quotas of the accounts: the first has room, the others are full now and then. */
const QUOTAS = [null, 60 * 1024 * 1024, 24 * 1024 * 1024];
const ACTORS_EACH = 2;
/** Accounts that let another one write into a directory of theirs. */
const SHARING = 2;

/** Collects what happened. */
export class Report implements Log {
  readonly counts = new Map<string, number>();
  readonly differences: string[] = [];
  readonly surprises: string[] = [];

  count(operation: string): void {
    this.counts.set(operation, (this.counts.get(operation) ?? 0) + 1);
  }
  difference(text: string): void {
    this.differences.push(text);
    console.log(`DIFFERENCE ${text}`);
  }
  surprise(text: string): void {
    this.surprises.push(text);
    console.log(`unexpected: ${text}`);
  }
}

async function makeLogin(admin: Client, place: Site, index: number): Promise<Login> {
  const username = `soak${index}`;
  const quota = QUOTAS[index];
  await admin.request("ADDU", {
    username,
    password: PASSWORD,
    ...(quota === null ? {} : { quota }),
  }, "Cannot add an account");
  const { native } = await place.ports();
  const client = await Client.connect({
    server: `localhost:${native}`,
    caFile: place.ca,
    credentials: { username, password: PASSWORD },
  });
  const { token } = await client.request("TOKEN", { label: "soak" }, "Cannot make a token");
  await client.close();
  return { username, password: PASSWORD, token: String(token) };
}

/** Kind of an actor. */
interface Role {
  login: Login;
  /** Its directory as the account sees it. */
  directory: string;
  home: Home;
}

/** Makes the accounts, their directories and their shares. */
async function makeRoles(place: Site): Promise<Role[]> {
  const { native } = await place.ports();
  const connect = (username: string) =>
    Client.connect({
      server: `localhost:${native}`,
      caFile: place.ca,
      credentials: { username, password: PASSWORD },
    });
  const admin = await connect("admin");
  const logins: Login[] = [];
  for (let index = 0; index < QUOTAS.length; index++) {
    logins.push(await makeLogin(admin, place, index));
  }
  await admin.close();
  const roles: Role[] = [];
  for (const [index, login] of logins.entries()) {
    const account = login.username;
    const client = await connect(account);
    const makeDirectory = (path: string) =>
      client.request("MKD", { path }, "Cannot make a directory");
    for (let i = 0; i < ACTORS_EACH; i++) {
      const directory = `/d${i}`;
      await makeDirectory(directory);
      roles.push({ login, directory, home: { account, directory } });
    }
    if (index < SHARING) {
      const directory = "/guest";
      const guest = logins[(index + 1) % logins.length]!;
      const share = { filename: directory, username: guest.username, permissions: "rwcd" };
      await makeDirectory(directory);
      await client.request("SHAR", share, "Cannot share");
      const shared = `/shared/${account}${directory}`;
      roles.push({ login: guest, directory: shared, home: { account, directory } });
    }
    await client.close();
  }
  return roles;
}

/** Makes accounts with shares, and what works in each of their directories. */
export async function makeActors(
  place: Site,
  root: string,
  random: Random,
  log: Log,
): Promise<Actor[]> {
  const curl = await hasCurl();
  if (!curl) console.log("FTP by curl is left out: it is not installed");
  const actors: Actor[] = [];
  for (const { login, directory, home } of await makeRoles(place)) {
    const local = `${root}/local-${actors.length}`;
    await Deno.mkdir(local);
    const context: ClientContext = { place, login, local, home };
    const http = httpDoor(context);
    const doors = [
      ...[libraryDoor(context), http, tusDoor(context), formDoor(context)],
      ...[libraryDoor(context), http, programDoor(context)],
      rawFtpDoor(context, http.get),
      ...curl ? [ftpDoor(context)] : [],
    ];
    const own = new Random(random.below(2 ** 32));
    const id = `${login.username} in ${home.account}${home.directory}`;
    actors.push(new Actor(id, directory, context, doors, new Model(), own, log));
  }
  return actors;
}
