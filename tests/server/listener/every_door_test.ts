/**
 * Rules of connections that hold at every door: places count from the accept, the handshake has a
 * limit, a new certificate is for new connections, and a stop lets transfers finish. Silent
 * connections beyond the maximum are in tests/server/admission/places_test.ts.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { once } from "node:events";
import net from "node:net";
import tls from "node:tls";
import type { Admission } from "../../../server/admission/door_limits.ts";
import { openFtpDoor } from "../../../server/ftp/door.ts";
import { openWebDoor } from "../../../server/web/door.ts";
import { ON_DISK } from "../../support/engine.ts";
import { FtpClient } from "../../support/ftp_client.ts";
import { openInProcess } from "../../support/in_process.ts";
import { until } from "../../support/native.ts";
import { RawClient } from "../../support/raw_client.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { HOST, RawWeb } from "../../support/web_raw.ts";

/** Below the limit of a handshake, with room for imprecise timers. */
const EARLY_MS = 9_000;

/** The ports, by the listener's name. */
type PortName = "native" | "ftp" | "ftps" | "web";

/** An open connection in the middle of an upload. */
interface Busy {
  /** Sends the rest, and asserts that the upload is acknowledged. */
  finish(): Promise<void>;
  close(): void;
}

/** An open connection without a transfer. */
interface Idle {
  /** Resolves when the server has ended it. */
  ended(): Promise<void>;
  close(): void;
}

interface DoorCase {
  begin(server: TestServer): Promise<Busy>;
  idle(server: TestServer): Promise<Idle>;
}

function ftpCase(name: "ftp" | "ftps"): DoorCase {
  const login = (server: TestServer) => {
    const target = { port: server.info[name]!.port, caText: server.caText };
    return FtpClient.login(target, "admin", server.password, name === "ftps");
  };
  return {
    async begin(server) {
      const client = await login(server);
      const data = await client.begin(`STOR ${name}`);
      await data.write("first");
      return {
        async finish() {
          await data.write("after");
          await data.end();
          await client.reply(226);
        },
        close: () => client.close(),
      };
    },
    async idle(server) {
      const client = await login(server);
      return {
        async ended() {
          while (await client.replyOrEnd() !== null);
        },
        close: () => client.close(),
      };
    },
  };
}

const DOORS: Readonly<Record<PortName, DoorCase>> = {
  native: {
    async begin(server) {
      const client = await RawClient.login(server, "admin", server.password);
      assertEquals((await client.ask("UPLOAD", { filename: "native" })).code, 150);
      await client.data("first");
      return {
        async finish() {
          await client.data("after");
          await client.send("END", {});
          assertEquals((await client.reply())?.code, 226);
        },
        close: () => client.close(),
      };
    },
    async idle(server) {
      const client = await RawClient.login(server, "admin", server.password);
      return {
        async ended() {
          while (await client.reply() !== null);
        },
        close: () => client.close(),
      };
    },
  },
  ftp: ftpCase("ftp"),
  ftps: ftpCase("ftps"),
  web: {
    async begin(server) {
      const client = await RawWeb.open({ server, web: server.info.web! });
      const login = `Authorization: Basic ${btoa(`admin:${server.password}`)}\r\n`;
      await client.send(
        `PUT /api/v1/files/web HTTP/1.1\r\n${HOST}${login}Content-Length: 10\r\n\r\nfirst`,
      );
      return {
        async finish() {
          await client.send("after");
          assertMatch(await client.read(/\r\n\r\n/), /^HTTP\/1\.1 201 /);
        },
        close: () => client[Symbol.dispose](),
      };
    },
    async idle(server) {
      const client = await RawWeb.open({ server, web: server.info.web! });
      return {
        ended: async () => assertEquals(await client.read(), ""),
        close: () => client[Symbol.dispose](),
      };
    },
  },
};

const NAMES = Object.keys(DOORS) as PortName[];

/** Connects; over explicit TLS the next bytes are those of the handshake. */
async function connect(name: PortName, port: number): Promise<net.Socket> {
  const socket = net.connect({ host: "127.0.0.1", port });
  socket.on("error", () => {}); // it may be reset at the end
  await once(socket, "connect");
  if (name === "ftp") {
    await once(socket, "data");
    socket.write("AUTH TLS\r\n");
    await once(socket, "data");
  }
  return socket;
}

/** The serial number of the certificate that a new connection is shown. */
async function serial(name: PortName, server: TestServer): Promise<string> {
  const plain = await connect(name, server.info[name]!.port);
  const socket = tls.connect({ socket: plain, rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const { serialNumber } = socket.getPeerCertificate();
  socket.destroy();
  plain.destroy();
  return serialNumber;
}

Deno.test("a place counts from the accept, and is free after the limit of the handshake", async () => {
  const taken = new Map<PortName, number>();
  const freed = new Map<PortName, number>();
  const admitAt = (name: PortName) => (): Admission => {
    taken.set(name, performance.now());
    const release = () => void freed.set(name, performance.now());
    return { admitted: true, release, setIdentified() {}, setAddress: () => undefined };
  };
  const limitsOf = (name: PortName) => ({ admit: admitAt(name) });
  await using server = await openInProcess({ limits: limitsOf("native") });
  const { doorOptions } = server;
  const optionsOf = (name: PortName) => ({
    ...doorOptions,
    limits: { ...doorOptions.limits, ...limitsOf(name) },
  });
  const ftp = {
    allowPlain: false,
    overwrite: "replace",
    passivePorts: null,
    publicAddress: null,
  } as const;
  const doors = {
    native: server.door,
    ftp: await openFtpDoor(optionsOf("ftp"), { ...ftp, implicitTls: false }),
    ftps: await openFtpDoor(optionsOf("ftps"), { ...ftp, implicitTls: true }),
    web: await openWebDoor(optionsOf("web")),
  };
  const silent: net.Socket[] = [];
  try {
    for (const name of NAMES) silent.push(await connect(name, doors[name].port));
    await until("each has a place", () => taken.size === NAMES.length);
    assertEquals(freed.size, 0);
    await until("the places are free", () => freed.size === NAMES.length, 60_000);
    for (const name of NAMES) {
      const ms = freed.get(name)! - taken.get(name)!;
      assert(ms >= EARLY_MS, `${name}: after ${Math.round(ms)} ms`);
    }
  } finally {
    for (const socket of silent) socket.destroy();
    for (const name of NAMES) await doors[name].close(0);
  }
});

Deno.test("SIGHUP renews the certificate, SIGTERM lets transfers finish, at every door", async (t) => {
  await using server = await startServer({
    web: true,
    ftp: true,
    args: ["--durability", "relaxed"],
  });
  const open: { close(): void }[] = [];
  const each = async <T extends { close(): void }>(make: (one: DoorCase) => Promise<T>) => {
    const made: [PortName, T][] = [];
    for (const name of NAMES) {
      const one = await make(DOORS[name]);
      open.push(one);
      made.push([name, one]);
    }
    return made;
  };
  try {
    const before = await each((door) => door.begin(server));
    const old = new Map<PortName, string>();
    for (const name of NAMES) old.set(name, await serial(name, server));

    // A server of several nodes makes no certificate.
    for (const name of ON_DISK ? ["server.pem", "server.key"] : []) {
      Deno.removeSync(`${server.data}/tls/${name}`);
    }
    server.kill("SIGHUP");
    for (const name of ON_DISK ? NAMES : []) {
      await t.step(
        `${name}: a new connection is shown another certificate`,
        () => until("it is another", async () => await serial(name, server) !== old.get(name)),
      );
    }

    const idle = await each((door) => door.idle(server));
    server.kill("SIGTERM");
    for (const [name, connection] of idle) {
      await t.step(`${name}: an idle connection ends, and no new one begins`, async () => {
        await connection.ended();
        await until(
          "the port is closed",
          () =>
            connect("native", server.info[name]!.port).then((socket) => {
              socket.destroy();
              return false;
            }, () => true),
        );
      });
    }
    for (const [name, upload] of before) {
      await t.step(
        `${name}: an upload from before both signals is acknowledged`,
        () => upload.finish(),
      );
    }
  } finally {
    for (const one of open) one.close();
  }
  assertEquals(await server.ended(), 0);
});
