import { delay } from "@std/async";
import { join } from "@std/path";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { noise, sha256, World } from "./world.ts";
import {
  Client,
  downloadFile,
  Interrupted,
  listRemote,
  uploadFile,
  uploadMany,
} from "../../client/lib/mod.ts";
import { FakeServer } from "../support/client/client_fake_server.ts";

const ROOT = new URL("../../", import.meta.url);

Deno.test("the signal stops connecting, logging in and requests", async () => {
  using fake = await FakeServer.start(() => []);
  const directory = Deno.makeTempDirSync();
  const caFile = join(directory, "ca.pem");
  Deno.writeTextFileSync(caFile, fake.ca);
  const server = `localhost:${fake.port}`;
  const credentials = { username: "u", password: "password" };
  const connect = (signal: AbortSignal) =>
    Client.connect({ server, caFile, credentials, signal, retries: 0 });
  try {
    // A peer that accepts and says nothing: the handshake hangs.
    using mute = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const stopped = new AbortController();
    const hanging = Client.connect({
      server: `localhost:${(mute.addr as Deno.NetAddr).port}`,
      caFile,
      credentials,
      signal: stopped.signal,
    });
    using _peer = await mute.accept();
    stopped.abort();
    await assertRejects(() => hanging, Interrupted);

    fake.silent.add("AUTH");
    const login = new AbortController();
    const loggingIn = connect(login.signal);
    while (fake.requests.length === 0) await delay(5);
    login.abort();
    await assertRejects(() => loggingIn, Interrupted);

    fake.silent.clear();
    fake.silent.add("STAT");
    const working = new AbortController();
    const client = await connect(working.signal);
    const asked = client.request("STAT", { filename: "/a" }, "Cannot look at /a");
    while (!fake.requests.some(({ command }) => command === "STAT")) {
      await delay(5);
    }
    working.abort();
    await assertRejects(() => asked, Interrupted);
    await client.close();
    await assertRejects(() => connect(AbortSignal.abort()), Interrupted);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});

Deno.test("client library", async (t) => {
  await using world = await World.start();
  const { server } = world;

  await t.step("the documented example runs, with read and net permission alone", async () => {
    const text = Deno.readTextFileSync(new URL("client/lib/mod.ts", ROOT));
    const example = /```ts\n([^]*?)```/.exec(text)![1]!
      .replaceAll(/^ \* ?/gm, "")
      .replace("./client/lib/mod.ts", new URL("client/lib/mod.ts", ROOT).href);
    const script = world.write("example.ts", example);
    const path = world.write("may.csv", "may");
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--no-prompt", "--no-lock", "--allow-net", "--allow-read"],
        ...["--config", new URL("deno.json", ROOT).pathname],
        ...[script, `localhost:${server.port}`, server.ca, server.password, path],
      ],
    }).output();
    const decoder = new TextDecoder();
    assertEquals(code, 0, decoder.decode(stderr));
    assertEquals(decoder.decode(stdout), `/reports/may.csv 3 ${sha256("may")}\nmay.csv\n`);
  });

  await t.step("a program of another project imports it by its path", async () => {
    world.write("other/deno.json", "{}");
    const script = world.write(
      "other/program.ts",
      `import { Client, ClientError } from ${
        JSON.stringify(new URL("client/lib/mod.ts", ROOT).href)
      };
       console.log(typeof Client.connect, new ClientError("x").exitCode);`,
    );
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--no-remote", "--no-npm", script],
      cwd: world.path("other"),
    }).output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    assertEquals(new TextDecoder().decode(stdout), "function 1\n");
  });

  await t.step("transfers report their progress, and results are verified", async () => {
    const client = await Client.connect({
      server: `localhost:${server.port}`,
      caFile: server.ca,
      credentials: { username: "admin", password: server.password },
    });
    try {
      assertEquals(client.identity.username, "admin");
      const content = noise(1_000_000);
      const path = world.write("content", content);
      let last = 0;
      const stored = await uploadFile(client, path, "/content", {
        onProgress: (offset) => last = offset,
      });
      assertEquals(
        [stored.filename, stored.hash, last],
        ["/content", sha256(content), content.length],
      );
      const fetched = await downloadFile(client, "/content", world.path("content2"));
      assertEquals(fetched.hash, sha256(content));
      const failed: string[] = [];
      await uploadMany(
        client,
        [path, world.path("missing")].map((path) => ({ path, remote: "many", size: 1 })),
        { makeDirs: true },
        { onError: (item) => failed.push(item.path) },
      );
      assertEquals(failed, [world.path("missing")]);
      const names: string[] = [];
      for await (const page of listRemote(client, "/", false)) {
        names.push(...page.map((entry) => entry.name));
      }
      assert(names.includes("many"));
    } finally {
      await client.close();
    }
  });
});
