// Towpath, through its own command lines.

import { clientCommand, jsonLines, startServer } from "../../demo/programs.ts";
import type { Bed, Contender, Entry } from "../measuring/contender.ts";
import { LARGE_NAME, TREE_NAME, verifyLarge, verifyTree } from "../measuring/material.ts";
import type { Transfer } from "../measuring/measure.ts";

const PASSWORD = "bench-password";

/** Towpath with its own client. */
export const towpath: Entry = {
  name: "towpath",
  about: "this project: TLS 1.3, SHA-256 verified on both sides, durability full, one worker",
  programs: [],
  start,
};

async function start(bed: Bed): Promise<Contender> {
  const { dir, material } = bed;
  const server = await startServer(`${dir}/data`, PASSWORD);
  const files = `${dir}/data/users/a/admin/files`;
  const command = (args: string[], password?: string) =>
    clientCommand(server, password, `${dir}/config`, [...args, "--no-progress"]);
  const client = (...args: string[]) => command(args);
  // Once, as a user would: the commands then show the token that it keeps, as sftp shows its key.
  await run(command(["login"], PASSWORD));
  const transfer = (args: string[], verify: Transfer["verify"]): Transfer => ({
    ...client(...args),
    verify,
  });
  return {
    serverPid: server.pid,
    upload: () => ({
      ...transfer(
        ["upload", material.large.path, "--to", `/${LARGE_NAME}`, "--json"],
        () => verifyLarge(material, `${files}/${LARGE_NAME}`),
      ),
      ownSeconds: secondsOf,
    }),
    download: (to) => ({
      ...transfer(
        ["download", `/${LARGE_NAME}`, "--to", `${to}/${LARGE_NAME}`, "--json"],
        () => verifyLarge(material, `${to}/${LARGE_NAME}`),
      ),
      ownSeconds: secondsOf,
    }),
    uploadTree: () =>
      transfer(
        ["upload", "-r", material.tree.path, "--to", `/${TREE_NAME}`, "--quiet"],
        () => verifyTree(material, `${files}/${TREE_NAME}`),
      ),
    downloadTree: (to) =>
      transfer(
        ["download", "-r", `/${TREE_NAME}`, "--to", `${to}/${TREE_NAME}`, "--quiet"],
        () => verifyTree(material, `${to}/${TREE_NAME}`),
      ),
    async clear() {
      for (const [command, name] of [["rm", LARGE_NAME], ["rmdir -r", TREE_NAME]] as const) {
        if (await Deno.lstat(`${files}/${name}`).catch(() => undefined)) {
          await run(client(...command.split(" "), `/${name}`));
        }
      }
    },
    stop: () => server.end("SIGTERM"),
  };
}

function secondsOf(stdout: string): number | undefined {
  return jsonLines(stdout).find((line) => line.event === "done")?.seconds;
}

async function run(line: ReturnType<typeof clientCommand>): Promise<void> {
  const [program, ...args] = line.command;
  const { code, stderr } = await new Deno.Command(program!, {
    args,
    env: line.env,
    clearEnv: true,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (code !== 0) {
    throw new Error(
      `${line.command.join(" ")}: ${new TextDecoder().decode(stderr).trim().slice(-500)}`,
    );
  }
}
