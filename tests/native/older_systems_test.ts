/**
 * The accounts of the older systems: admin rwcdt, user1 rwd, user2 rc, user3 wcd. Each tries
 * everything, and again after TRANS changed its letters while it was connected.
 */
import { assertStrictEquals } from "@std/assert";
import type { Reply } from "../../protocol/mod.ts";
import { PASSWORD } from "../support/in_process.ts";
import { addAccount } from "../support/in_process.ts";
import { holds, is, login } from "../support/native.ts";
import type { RawClient } from "../support/raw_client.ts";

/** One thing that people do: the letters it needs, and how it is done. */
interface Deed {
  name: string;
  needs: string;
  done: string;
  run(client: RawClient): Promise<Reply>;
}

const ask = (
  name: string,
  needs: string,
  data: Record<string, unknown> = {},
  done = "OK",
): Deed => ({
  name: `${name} ${JSON.stringify(data)}`,
  needs,
  done,
  run: (client) => client.ask(name, data),
});

let serial = 0;
const DEEDS: Deed[] = [
  ask("LIST", "r"),
  ask("NLST", "r"),
  ask("PWD", "r"),
  ask("CWD", "r", { path: "/dir" }),
  ask("CWD", "r", { path: "/" }),
  ask("VIEW", "r", { filename: "kept" }),
  ask("SIZE", "r", { filename: "kept" }),
  ask("MDTM", "r", { filename: "kept" }),
  ask("HASH", "r", { filename: "kept" }),
  ask("STAT", "r", { filename: "kept" }),
  ask("VERSIONS", "r", { filename: "kept" }),
  ask("VERIFY", "r"),
  ask("PARTS", "w"),
  ask("MFMT", "w", { filename: "kept", mtime: 1 }),
  ask("COPY", "rw", { from: "kept", to: "copies" }),
  { name: "MKD", needs: "c", done: "OK", run: (c) => c.ask("MKD", { path: `made${serial++}` }) },
  { name: "UPLOAD", needs: "w", done: "OK", run: (c) => c.upload(`up${serial++}`, "content") },
  {
    name: "UPLOAD into a new directory",
    needs: "wc",
    done: "OK",
    run: (c) => c.upload(`new${serial++}/up`, "content", { make_dirs: true }),
  },
  {
    name: "DOWNLOAD",
    needs: "r",
    done: "OK",
    run: async (c) => (await c.download("kept")).final,
  },
  ask("DELE", "d", { filename: "none" }, "FILE_NOT_FOUND"),
  ask("RMD", "d", { path: "none" }, "FILE_NOT_FOUND"),
  ask("RENAME", "dw", { from: "none", to: "other" }, "FILE_NOT_FOUND"),
  ask("RNFR", "dw", { filename: "none" }, "FILE_NOT_FOUND"),
  ask("USERS", "t"),
  ask("WHO", "t"),
  ask("TRANS", "t", { username: "nobody", permissions: "r" }, "FILE_NOT_FOUND"),
  ask("DELU", "t", { username: "nobody" }, "FILE_NOT_FOUND"),
  ask("QUOTA", "t", { username: "nobody", bytes: 1 }, "FILE_NOT_FOUND"),
  ask("RESETPW", "t", { username: "nobody", password: PASSWORD }, "FILE_NOT_FOUND"),
  ask("ADDU", "t", { username: "admin", password: PASSWORD }, "ALREADY_EXISTS"),
  ask("KICK", "t", { session_id: "none" }, "FILE_NOT_FOUND"),
  ask("LOGS", "t", { name: "audit" }),
];

async function triesEverything(client: RawClient, who: string, letters: string): Promise<void> {
  for (const { name, needs, done, run } of DEEDS) {
    const allowed = [...needs].every((letter) => letters.includes(letter));
    const { status } = await run(client);
    assertStrictEquals(
      status,
      allowed ? done : "PERMISSION_DENIED",
      `${who} (${letters}): ${name}`,
    );
  }
}

holds("each of the older systems' accounts can do just what its letters say", async (bench) => {
  const { server } = bench;
  const accounts = [["admin", "rwcdt"], ["user1", "rwd"], ["user2", "rc"], ["user3", "wcd"]];
  const clients = new Map<string, RawClient>();
  for (const [name, letters] of accounts) {
    await addAccount(server.vault, name!, "rwcd");
    const client = await login(server, name!);
    is(await client.ask("MKD", { path: "/dir" }), "OK");
    is(await client.upload("kept", "content"), "OK");
    await server.catalog.setLetters(name!, letters!);
    clients.set(name!, client);
  }
  const admin = clients.get("admin")!;
  for (const [name, letters] of accounts) {
    await triesEverything(clients.get(name!)!, name!, letters!);
  }

  const changes = [["user1", "c"], ["user2", "rwcd"], ["user3", ""], ["user1", "rt"], [
    "user3",
    "w",
  ]];
  for (const [username, permissions] of changes) {
    is(await admin.ask("TRANS", { username, permissions }), "OK");
    await triesEverything(clients.get(username!)!, username!, permissions!);
  }
  // user1 is an administrator now, and may take it from the one who made it so.
  is(await clients.get("user1")!.ask("TRANS", { username: "admin", permissions: "rwcd" }), "OK");
  await triesEverything(admin, "admin", "rwcd");
  for (const client of clients.values()) client.close();
});
