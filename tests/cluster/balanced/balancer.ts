/** Two real nodes behind a real HAProxy with the configuration of examples/cluster. */
import { join } from "@std/path";
import { choosePorts, NODES } from "../../../demo/cluster/shared.ts";
import { ROOT } from "../../support/import_graph.ts";
import { is, until } from "../../support/native.ts";
import { RawClient } from "../../support/raw_client.ts";
import type { TestServer } from "../../support/server.ts";
import { ADMIN_PASSWORD, type DoorPorts, type Shared, withNodes } from "../nodes.ts";

/** Where HAProxy listens. */
export const BALANCER = "127.0.0.1";
/** How long a node may take to be up for HAProxy, or an upload to come to a node, ms. */
const PATIENCE_MS = 60_000;

/** An upload that runs. */
export interface Upload {
  /** The node that has it. */
  readonly node: string;
  /** Bytes of it that are safe. */
  readonly offset: number;
}

/** Two nodes and the balancer. */
export class Balanced {
  constructor(
    readonly directory: string,
    readonly ports: DoorPorts,
    readonly nodes: ReadonlyMap<string, TestServer>,
    readonly shared: Shared,
  ) {}

  /** File of the authority that clients trust. */
  get ca(): string {
    return join(this.directory, "ca.pem");
  }
  /** A file in the test's own directory. */
  path(name: string): string {
    return join(this.directory, name);
  }
  /** Logs in over the native protocol, at whichever node HAProxy chooses. */
  login(): Promise<RawClient> {
    const target = { port: this.ports.native, caText: this.shared.caText };
    return RawClient.login(target, "admin", ADMIN_PASSWORD);
  }

  /** Settings of our client. */
  settings(port = this.ports.native): Record<string, string> {
    return {
      TOWPATH_SERVER: `${BALANCER}:${port}`,
      TOWPATH_USER: "admin",
      TOWPATH_PASSWORD: ADMIN_PASSWORD,
      TOWPATH_CA: this.ca,
      XDG_CONFIG_HOME: this.path(".config"),
      INIT_CWD: this.directory,
    };
  }

  /** lftp's command line; it ends with an error at the first action that fails. */
  lftp(...actions: string[]): string[] {
    const script = [
      `set ssl:ca-file ${this.ca}`,
      ...["set ssl:verify-certificate yes", "set ftp:ssl-force yes"],
      ...[
        "set ftp:ssl-protect-data yes",
        "set cmd:fail-exit yes",
        "set net:timeout 20",
        "set net:max-retries 30",
      ],
      ...["set net:reconnect-interval-base 1", "set net:reconnect-interval-multiplier 1"],
      `open -u admin,"${ADMIN_PASSWORD}" ftp://${BALANCER}:${this.ports.ftp}`,
      ...actions,
    ];
    return ["lftp", "--norc", "-d", "-c", script.join("; ")];
  }

  /** curl's command line to a path of the web port. */
  curl(path: string, ...options: string[]): string[] {
    const login = ["-u", `admin:${ADMIN_PASSWORD}`, "--cacert", this.ca];
    const url = `https://${BALANCER}:${this.ports.web}${path}`;
    return ["curl", "-q", "-sS", "-i", ...login, "-H", "Tus-Resumable: 1.0.0", ...options, url];
  }

  /** Waits until the only upload that runs has so many bytes safe, as other nodes know it. */
  async uploading(bytes: number): Promise<Upload> {
    using clients = new DisposableStack();
    const ask = async () => {
      const client = clients.use(await this.login());
      const { session_id } = is(await client.ask("STAT"), "OK");
      return { client, session_id };
    };
    let asking = await ask();
    let found: Upload | undefined;
    await until(`${bytes} bytes are safe`, async () => {
      const { client } = asking;
      const { sessions } = is(await client.ask("WHO"), "OK") as { sessions: Session[] };
      const node = sessions.find(({ transfer }) => transfer?.direction === "upload")?.node;
      if (node === undefined) return false;
      // The upload's own node reports what it has taken, of which less may be safe.
      const own = sessions.find(({ session_id }) => session_id === asking.session_id);
      if (own?.node === node) {
        asking = await ask();
        return false;
      }
      const { parts } = is(await client.ask("PARTS"), "OK") as { parts: { offset: number }[] };
      const offset = parts[0]?.offset ?? 0;
      found = { node, offset };
      return offset >= bytes;
    }, PATIENCE_MS);
    return found!;
  }

  /** Ends a node as a crash does. */
  async kill(name: string): Promise<void> {
    await this.nodes.get(name)!.kill9();
  }

  /** Starts a node that ended, and waits until HAProxy sends clients to it. */
  async startAgain(name: string): Promise<void> {
    await this.nodes.get(name)!.start();
    await this.allUp();
  }

  /** Waits until HAProxy has every door of every node as up. */
  async allUp(): Promise<void> {
    await until("all nodes are up for HAProxy", async () => {
      const states = (await this.#stat()).map(({ status }) => status);
      return states.length === 5 * NODES.length - 2 && states.every((state) => state === "UP");
    }, PATIENCE_MS);
  }

  /** Connections that HAProxy has given to nodes at a door since it started. */
  async connections(door: "native" | "ftp" | "web"): Promise<number> {
    const rows = (await this.#stat()).filter(({ name }) => name === door);
    return rows.reduce((sum, { total }) => sum + total, 0);
  }

  /** What HAProxy says of each server. */
  async #stat(): Promise<{ name: string; status: string; total: number }[]> {
    const path = this.path("haproxy.socket");
    const connecting = Deno.connect({ transport: "unix", path });
    const socket = await connecting.catch(() => undefined);
    if (socket === undefined) return [];
    await socket.write(new TextEncoder().encode("show stat\n"));
    const [head, ...lines] = (await new Response(socket.readable).text()).trim().split("\n");
    const titles = head!.replace("# ", "").split(",");
    const at = (title: string) => titles.indexOf(title);
    return lines.map((line) => line.split(","))
      .filter((cells) => !["FRONTEND", "BACKEND"].includes(cells[at("svname")]!))
      .map((cells) => ({
        name: cells[at("pxname")]!,
        status: cells[at("status")]!,
        total: Number(cells[at("stot")]),
      }));
  }
}

interface Session {
  session_id: string;
  node?: string;
  transfer?: { direction: string };
}

/** Runs a test with two nodes and HAProxy in front of them. */
export async function withBalanced(
  test: (balanced: Balanced) => Promise<void>,
  args: readonly string[] = [],
): Promise<void> {
  await withNodes(async (_, shared) => {
    const directory = await Deno.makeTempDir({ prefix: "towpath-balanced-" });
    await using stack = new AsyncDisposableStack();
    stack.defer(() => Deno.remove(directory, { recursive: true }));
    const { native, web, ftp, passive } = choosePorts();
    const ports = { native, web, ftp };
    const starting = NODES.map(async (host, index) => {
      const name = `node-${index + 1}`;
      const own = [`--host=${host}`, `--ftp-passive-ports=${passive[index]}`];
      const front = [`--trusted-proxy=${BALANCER}`, `--ftp-public-address=${BALANCER}`];
      return [name, await shared.at(ports, name, ...own, ...front, ...args)] as const;
    });
    const balanced = new Balanced(directory, ports, new Map(await Promise.all(starting)), shared);
    await Deno.writeTextFile(balanced.ca, shared.caText);
    const more = balanced.path("more.cfg");
    const socket = balanced.path("haproxy.socket");
    await Deno.writeTextFile(more, `global\n  stats socket ${socket}\n`);
    const haproxy = new Deno.Command("haproxy", {
      args: ["-db", "-f", `${ROOT}/examples/cluster/haproxy.cfg`, "-f", more],
      env: {
        ...{ BALANCER, NODE_1: NODES[0], NODE_2: NODES[1], CA: balanced.ca, NAME: "localhost" },
        ...{ NATIVE_PORT: String(native), WEB_PORT: String(web), FTP_PORT: String(ftp) },
        ...{ PASSIVE_1: passive[0]!, PASSIVE_2: passive[1]! },
      },
      ...{ stdin: "null", stdout: "null", stderr: "null" },
    }).spawn();
    stack.defer(async () => {
      haproxy.kill("SIGKILL");
      await haproxy.status;
    });
    await balanced.allUp();
    await test(balanced);
  });
}
