/** examples/cluster/: HAProxy accepts the configuration, the compose file fits the server, the scripts run. */
import { join } from "@std/path";
import { parse } from "@std/yaml";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { missingPackages } from "../demo/cluster/packages.ts";
import { freePorts } from "../demo/cluster/ports.ts";
import { OPTIONS } from "../server/options/definitions.ts";
import { ROOT } from "./support/import_graph.ts";
import { until } from "./support/native.ts";
import { RawClient } from "./support/raw_client.ts";

const PLACE = join(ROOT, "examples/cluster");
const ignore = missingPackages().length > 0 && !Deno.env.has("CI");

/** A service of the compose file. */
interface Service {
  image: string;
  environment?: Record<string, string>;
  secrets?: string[];
  volumes?: string[];
  networks: string[] | { inside: { ipv4_address: string } };
}

const compose = parse(Deno.readTextFileSync(join(PLACE, "compose.yaml"))) as {
  services: Record<string, Service>;
  secrets: Record<string, { file: string }>;
  volumes: Record<string, null>;
};

/** Runs a command to its end. */
async function run(command: string[], env: Record<string, string> = {}) {
  const [program, ...args] = command as [string, ...string[]];
  const { code, stdout, stderr } = await new Deno.Command(program, { args, env }).output();
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** Secrets in a directory that PostgreSQL's own user may enter. */
async function withDirectory(test: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  await Deno.chmod(directory, 0o755);
  try {
    await test(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("the compose file pins its images, and names secrets and volumes that there are", async () => {
  await withDirectory(async (directory) => {
    const secrets = join(directory, "secrets");
    assertEquals((await run([join(PLACE, "secrets.sh"), secrets, "files.example.org"])).text, "");
    const made = new Set(Array.from(Deno.readDirSync(secrets), ({ name }) => name));
    for (const [name, { file }] of Object.entries(compose.secrets)) {
      assertEquals(file, `./secrets/${name}`);
      assert(made.has(name), name);
    }
    for (const [name, service] of Object.entries(compose.services)) {
      const own = service.image === "towpath:cluster";
      if (!own) {
        assertMatch(service.image, /^docker\.io\/[a-z]+\/[a-z]+:[A-Z.]*[0-9]+[.-][0-9]+/);
      }
      for (const secret of service.secrets ?? []) assert(secret in compose.secrets, secret);
      for (const volume of service.volumes ?? []) {
        const [from] = volume.split(":") as [string];
        assert(from.startsWith("./") || from in compose.volumes, `${name}: ${volume}`);
      }
    }
  });
});

Deno.test("the compose file's variables are options of the server, with values of their kinds", async () => {
  const nodes = Object.entries(compose.services).filter(([, { image }]) => /^towpath/.test(image));
  assertEquals(nodes.map(([name]) => name), ["node-1", "node-2"]);
  const own = new Set(["TOWPATH_ADMIN_PASSWORD"]);
  for (const [name, { environment = {} }] of nodes) {
    assertEquals(environment["TOWPATH_NODE"], name);
    const options = Object.keys(environment).filter((variable) => !own.has(variable))
      .map((variable) => variable.slice("TOWPATH_".length).toLowerCase().replaceAll("_", "-"));
    assertEquals(options.filter((option) => !(option in OPTIONS)), []);
    // Wrong values are refused before the files of the secrets are looked for.
    const { code, text } = await run(
      [Deno.execPath(), "run", "--quiet", "-A", join(ROOT, "main.ts"), "--data", "/nowhere"],
      { ...environment, TOWPATH_FTP_PUBLIC_ADDRESS: "127.0.0.1" },
    );
    assertEquals(code === 0, false);
    assertMatch(text, /\/run\/secrets\//);
  }
});

Deno.test({
  name: "HAProxy accepts the configuration, as compose, the scripts and the demo use it",
  ignore,
  async fn() {
    await withDirectory(async (directory) => {
      await run([join(PLACE, "secrets.sh"), directory]);
      const { environment = {} } = compose.services["haproxy"]!;
      const env = { ...environment, CA: join(directory, "ca.pem") };
      const check = ["/usr/sbin/haproxy", "-c", "-f", join(PLACE, "haproxy.cfg")];
      const { code, text } = await run(check, env);
      assertEquals([code, text.trim()], [0, "Configuration file is valid"]);
      // Passive ports are a node's own, and the nodes' addresses are those of the compose file.
      for (const [index, name] of ["node-1", "node-2"].entries()) {
        const node = compose.services[name]!;
        const { inside } = node.networks as { inside: { ipv4_address: string } };
        assertEquals(environment[`NODE_${index + 1}`], inside.ipv4_address);
        const passive = environment[`PASSIVE_${index + 1}`];
        assertEquals(passive, node.environment!["TOWPATH_FTP_PASSIVE_PORTS"]);
      }
      assert(environment["PASSIVE_1"] !== environment["PASSIVE_2"]);
    });
  },
});

Deno.test({
  name: "the scripts start two nodes behind HAProxy, and stop all that they started",
  ignore,
  fn: () =>
    withDirectory(async (directory) => {
      const place = join(directory, "cluster");
      const first = freePorts(14);
      const port = (offset: number) => String(first + offset);
      const child = new Deno.Command(join(PLACE, "start.sh"), {
        args: [place],
        env: {
          DENO: Deno.execPath(),
          OSD: "memstore",
          NATIVE_PORT: port(0),
          WEB_PORT: port(1),
          FTP_PORT: port(2),
          POSTGRES_PORT: port(3),
          STORE_PORT: port(4),
          MONITOR_PORT: port(5),
          PASSIVE_1: `${port(6)}-${port(9)}`,
          PASSIVE_2: `${port(10)}-${port(13)}`,
        },
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      let printed = "";
      const reading = [child.stdout, child.stderr].map(async (stream) => {
        for await (const part of stream.pipeThrough(new TextDecoderStream() as never)) {
          printed += part;
        }
      });
      let ended = false;
      const status = child.status.finally(() => ended = true);
      try {
        await until("all is started", () => ended || /Ctrl-C stops/.test(printed), 240_000);
        assert(!ended, printed);
        const password = await Deno.readTextFile(join(place, "admin.password"));
        const caText = await Deno.readTextFile(join(place, "ca.pem"));
        // Each connection goes to the node that has fewer.
        const clients = [];
        for (const _ of [1, 2]) {
          clients.push(await RawClient.login({ port: first, caText }, "admin", password));
        }
        const [one, other] = clients as [RawClient, RawClient];
        await one.upload("greeting", "text");
        const { content } = await other.download("greeting");
        assertEquals(new TextDecoder().decode(content), "text");
        const { data } = await one.ask("WHO");
        const { sessions } = data as unknown as { sessions: { node: string; address: string }[] };
        assertEquals(sessions.map(({ node }) => node).sort(), ["node-1", "node-2"]);
        assertEquals(new Set(sessions.map(({ address }) => address)), new Set(["127.0.0.1"]));
        for (const client of clients) client.connection.close();
      } finally {
        if (!ended) child.kill("SIGTERM");
        await status;
        await Promise.all(reading);
      }
      const { text } = await run(["pgrep", "-f", place]);
      assertEquals(text, "");
    }),
});
