/** A node behind HAProxy is killed in an upload: real clients go on at the other one. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { installed, start } from "../../ftp/clients/programs.ts";
import { startClient } from "../../support/client/client.ts";
import { FaultProxy } from "../../support/client/client_proxy.ts";
import { is, MIB, randomBytes, until } from "../../support/native.ts";
import { sha256 } from "../../support/raw_client.ts";
import { withoutPostgres } from "../engines.ts";
import { withoutBrowser } from "../../support/browser.ts";
import { type Balanced, withBalanced } from "./balancer.ts";
import { uploadByBrowser, uploadByTusClient } from "./web_clients.ts";

const PROGRAMS = ["haproxy", "lftp", "curl"];
const missing = PROGRAMS.filter((program) => !installed(program));
const ignore = withoutPostgres || (missing.length > 0 && !Deno.env.has("CI"));
if (missing.length > 0) console.log(`Nodes behind HAProxy: not installed: ${missing.join(", ")}`);

/** What a killed node may cost a client, bytes. */
const MAX_TWICE = 64 * MIB;
/** Address of clients that can choose theirs. */
const CLIENT = "127.0.0.9";

/** Runs a program to its end. @returns its exit code and its output */
async function run(command: string[]): Promise<{ code: number; text: string }> {
  const { code, stdout, stderr } = await start(command).output();
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

async function assertStored(balanced: Balanced, name: string, content: Uint8Array) {
  using client = await balanced.login();
  assertEquals(sha256((await client.download(name)).content), sha256(content), name);
  assertEquals(is(await client.ask("PARTS"), "OK").parts, []);
}

/** Kills the node that has the upload, once a MiB is safe, and starts it again after `goOn`. */
async function killInside(balanced: Balanced, goOn: () => Promise<void>): Promise<void> {
  const { node } = await balanced.uploading(MIB);
  await balanced.kill(node);
  try {
    await goOn();
  } finally {
    await balanced.startAgain(node);
  }
}

Deno.test({
  name: "balanced: uploads whose node is killed go on at the other node, by every door",
  ignore,
  // The driver of the browser keeps timers and pipes of its own.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: (t) =>
    withBalanced(async (balanced) => {
      await t.step("our client goes on by itself", async () => {
        const content = randomBytes(88 * MIB);
        const local = balanced.path("large");
        await Deno.writeFile(local, content);
        using relay = new FaultProxy(balanced.ports.native);
        relay.pauseAfter(80 * MIB);
        const client = startClient(["upload", local, "--to", "/large", "--json"], {
          env: balanced.settings(relay.port),
        });
        await until("it is far", () => relay.sent >= 80 * MIB, 60_000);
        await killInside(balanced, async () => {
          relay.resume();
          const { code, stderr, events } = await client.run;
          assertEquals(code, 0, stderr);
          const done = events.at(-1)!;
          assertEquals([done.event, done.hash], ["done", sha256(content)]);
          assert(events.some(({ event }) => event === "retry"), JSON.stringify(events));
          assert(Number(done.resumed_from) >= 80 * MIB - MAX_TWICE, JSON.stringify(done));
          const twice = relay.sent - content.length;
          assert(twice <= MAX_TWICE, `${twice} bytes`);
          await assertStored(balanced, "large", content);
        });
      });

      const content = randomBytes(12 * MIB);
      const local = balanced.path("local");
      await Deno.writeFile(local, content);

      const bind = `set net:socket-bind-ipv4 ${CLIENT}`;
      const slow = [bind, "set net:limit-rate 0:1500000"];

      await t.step("lftp goes on by itself", async () => {
        const going = run(balanced.lftp(...slow, `put ${local} -o on`));
        await killInside(balanced, async () => {
          const { code, text } = await going;
          assertEquals(code, 0, text);
          assertMatch(text, /---> REST [1-9]\d+/);
          await assertStored(balanced, "on", content);
        });
      });

      await t.step("lftp ends with its node, and another one continues with put -c", async () => {
        const child = start(balanced.lftp(...slow, `put ${local} -o lftp`));
        const ended = child.output();
        await killInside(balanced, async () => {
          child.kill("SIGKILL");
          await ended;
          const { code, text } = await run(balanced.lftp(bind, `put -c ${local} -o lftp`));
          assertEquals(code, 0, text);
          assertMatch(text, /---> REST [1-9]\d+/);
          await assertStored(balanced, "lftp", content);
        });
      });

      await t.step("tus-js-client goes on by itself", async () => {
        await using stack = new AsyncDisposableStack();
        const { finish } = await uploadByTusClient(balanced, "/tus-js", content, stack);
        await killInside(balanced, async () => {
          await finish();
          await assertStored(balanced, "tus-js", content);
        });
      });

      await t.step({
        name: "Chromium's page goes on by itself",
        ignore: withoutBrowser,
        async fn() {
          await using stack = new AsyncDisposableStack();
          const { finish } = await uploadByBrowser(balanced, local, stack);
          await killInside(balanced, async () => {
            await finish();
            await assertStored(balanced, "local", content);
          });
        },
      });

      await t.step(
        "tus goes on, and the client's address is that of the PROXY header",
        async () => {
          const path = btoa("/tus");
          const from = ["--interface", CLIENT];
          const length = ["-H", `Upload-Length: ${content.length}`];
          const created = await run(balanced.curl(
            "/tus/",
            ...from,
            ...["-X", "POST", ...length, "-H", `Upload-Metadata: path ${path}`],
          ));
          const location = /^location: (\S+)/mi.exec(created.text)?.[1];
          assert(location !== undefined, created.text);
          const at = new URL(location, "https://localhost").pathname;
          const patch = (offset: number) => [
            ...["-X", "PATCH", "-H", `Upload-Offset: ${offset}`, ...from],
            ...["-H", "Content-Type: application/offset+octet-stream", "-H", "Expect:"],
          ];
          const slow = ["--limit-rate", "1500000", "--data-binary", `@${local}`];
          const cut = run(balanced.curl(at, ...patch(0), ...slow));
          const { node } = await balanced.uploading(MIB);
          using client = await balanced.login();
          const { sessions } = is(await client.ask("WHO"), "OK") as {
            sessions: { address: string; door?: string }[];
          };
          assert(sessions.some(({ address }) => address === CLIENT), JSON.stringify(sessions));
          await balanced.kill(node);
          assert((await cut).code !== 0);
          const head = await run(balanced.curl(at, "-I", ...from));
          const offset = Number(/^upload-offset: (\d+)/mi.exec(head.text)?.[1]);
          assert(offset >= MIB, head.text);
          const rest = balanced.path("rest");
          await Deno.writeFile(rest, content.subarray(offset));
          const ended = await run(
            balanced.curl(at, ...patch(offset), "--data-binary", `@${rest}`),
          );
          assertMatch(ended.text, /^HTTP\/\S+ 204/m);
          await assertStored(balanced, "tus", content);
        },
      );

      await t.step("the audit logs have the clients' address", async () => {
        const logs = await Promise.all(
          [...balanced.nodes.values()].map(({ data }) =>
            Deno.readTextFile(`${data}/logs/audit.log`)
          ),
        );
        const lines = logs.join("").split("\n").filter((line) => line.includes(CLIENT));
        for (const name of ["/lftp", "/tus"]) {
          assert(lines.some((line) => line.includes(`"${name}"`)), `${name}: ${logs.join("")}`);
        }
      });
    }),
});
