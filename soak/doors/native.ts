/** The client library, and the client program that is killed on the way. */
import { delay } from "@std/async";
import { Client, ClientError, downloadFile, uploadFile } from "../../client/lib/mod.ts";
import { killAfter, programEnvironment, taskCommand } from "../../demo/programs.ts";
import { bytesOf, type Content } from "../common/content.ts";
import { type ClientContext, type DoorClient, Refused } from "../common/door_client.ts";

/** Statuses that say that nothing was changed, and belong to the load. */
const EXPECTED = ["QUOTA_EXCEEDED", "FILE_NOT_FOUND", "TRANSFER_NOT_FOUND", "ALREADY_EXISTS"];

/** Connects with the token of the account. */
export async function connect(
  { place, login }: ClientContext,
  signal?: AbortSignal,
): Promise<Client> {
  const { native } = await place.ports();
  return await Client.connect({
    server: `localhost:${native}`,
    caFile: place.ca,
    credentials: { token: login.token },
    retries: 0,
    timeoutMs: 60_000,
    ...(signal ? { signal } : {}),
  });
}

/** The error as one of a door's. */
function refusedBy(error: unknown): unknown {
  const status = (error as { status?: string }).status;
  if (!(error instanceof ClientError) || status === undefined) return error;
  if (["ERROR", "SHUTTING_DOWN", "ABORTED"].includes(status)) return error;
  return new Refused(`${status}: ${error.message}`, EXPECTED.includes(status));
}

let counter = 0;

function localFile(context: ClientContext, content?: Content): string {
  const path = `${context.local}/local-${++counter}`;
  if (content !== undefined) Deno.writeFileSync(path, bytesOf(content));
  return path;
}

/** The library. */
export function libraryDoor(context: ClientContext): DoorClient {
  const using = async <T>(work: (client: Client) => Promise<T>): Promise<T> => {
    let client: Client | undefined;
    try {
      client = await connect(context);
      return await work(client);
    } catch (error) {
      throw refusedBy(error);
    } finally {
      await client?.close().catch(() => {});
    }
  };
  return {
    name: "library",
    versions: true,
    async put(path, content, how) {
      const file = localFile(context, content);
      try {
        return await using(async (client) =>
          (await uploadFile(client, file, path, { ifExists: how })).filename
        );
      } finally {
        Deno.removeSync(file);
      }
    },
    async get(path) {
      const file = localFile(context);
      await using((client) => downloadFile(client, path, file));
      const bytes = Deno.readFileSync(file);
      Deno.removeSync(file);
      return bytes;
    },
  };
}

/** The program. */
export function programDoor(context: ClientContext): DoorClient {
  const run = async (args: string[], killAfterMs?: number): Promise<number> => {
    const { place, login, local } = context;
    const { native } = await place.ports();
    const at = ["--server", `localhost:${native}`, "--ca", place.ca, "--quiet", "--retries", "0"];
    const [program, ...first] = taskCommand("client");
    const child = new Deno.Command(program!, {
      args: [...first, ...args, ...at],
      cwd: new URL("../../", import.meta.url),
      env: programEnvironment({ TOWPATH_TOKEN: login.token, XDG_CONFIG_HOME: `${local}/config` }),
      clearEnv: true,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const spare = killAfter(child, killAfterMs ?? 120_000);
    const { code, stderr } = await child.output();
    spare();
    const text = new TextDecoder().decode(stderr).trim();
    if (killAfterMs === undefined && [4, 8, 9].includes(code)) throw new Refused(text, true);
    if (killAfterMs === undefined && code !== 0) {
      throw new Error(`client ${args[0]}: ${code} ${text}`);
    }
    return code;
  };
  return {
    name: "program",
    versions: false,
    async put(path, content, _how, cut) {
      const file = localFile(context, content);
      try {
        const upload = ["upload", file, "--to", path, "--overwrite"];
        if (cut !== undefined && await run(upload, 600 + cut * 900) !== 0) {
          await delay(50);
          try {
            await run(["resume", file]);
            return path;
          } catch (error) {
            if (!(error instanceof Refused)) throw error; // never begun, or done: sent whole below
          }
        }
        await run(upload);
        return path;
      } finally {
        Deno.removeSync(file);
      }
    },
    async get(path) {
      const file = localFile(context);
      await run(["download", path, "--to", file]);
      const bytes = Deno.readFileSync(file);
      Deno.removeSync(file);
      return bytes;
    },
  };
}
