/** FTP by curl, over TLS, killed on the way and continued. */
import { killAfter, programEnvironment } from "../../demo/programs.ts";
import { bytesOf, type Content } from "../common/content.ts";
import { type ClientContext, type DoorClient, Refused } from "../common/door_client.ts";

/** Whether curl is installed. */
export async function hasCurl(): Promise<boolean> {
  try {
    return (await new Deno.Command("curl", { args: ["--version"], stdout: "null" }).output())
      .success;
  } catch {
    return false;
  }
}

/**
 * Exit codes of curl after a refusal: denied, not stored, no REST, nothing to continue with, a full
 * quota, no such file.
 */
const REFUSED = [9, 25, 31, 36, 70, 78];

let counter = 0;

/** Files by `curl` over FTP. */
export function ftpDoor(context: ClientContext): DoorClient {
  const run = async (path: string, args: string[], killAfterMs?: number): Promise<number> => {
    const { place, login } = context;
    const { ftp } = await place.ports();
    const child = new Deno.Command("curl", {
      args: [
        ...["--silent", "--show-error", "--ssl-reqd", "--cacert", place.ca, "--max-time", "120"],
        ...["--user", `${login.username}:${login.password}`, ...args],
        `ftp://localhost:${ftp}/${path.slice(1)}`,
      ],
      env: programEnvironment({}),
      clearEnv: true,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const spare = killAfter(child, killAfterMs ?? 150_000);
    const { code, stderr } = await child.output();
    spare();
    const text = `curl ${code}: ${new TextDecoder().decode(stderr).trim()}`;
    if (killAfterMs === undefined && REFUSED.includes(code)) throw new Refused(text, true);
    if (killAfterMs === undefined && code !== 0) throw new Error(text);
    return code;
  };
  const withFile = async <T>(content: Content, work: (file: string) => Promise<T>): Promise<T> => {
    const file = `${context.local}/ftp-${++counter}`;
    Deno.writeFileSync(file, bytesOf(content));
    try {
      return await work(file);
    } finally {
      Deno.removeSync(file);
    }
  };
  return {
    name: "ftp",
    versions: false,
    async put(path, content) {
      await withFile(content, (file) => run(path, ["-T", file]));
      return path;
    },
    blind: {
      async begin(path, content, cut) {
        const slow = ["--limit-rate", String(Math.max(20_000, content.size))];
        const code = await withFile(content, (file) => {
          return run(path, [...slow, "-T", file], 300 + cut * 1200);
        });
        return code === 0;
      },
      async goOn(path, content) {
        await withFile(content, (file) => run(path, ["-C", "-", "-T", file]));
      },
    },
    async get(path) {
      const file = `${context.local}/ftp-${++counter}`;
      await run(path, ["-o", file]);
      const bytes = await Deno.readFile(file).catch(() => new Uint8Array()); // none of an empty file
      await Deno.remove(file).catch(() => {});
      return bytes;
    },
  };
}
