/** Connections of proxies count from the moment at which they are accepted. */
import { assertEquals } from "@std/assert";
import { connect, type Socket } from "node:net";
import { NO_LIMITS } from "../../support/in_process.ts";
import { until } from "../../support/certificate.ts";
import { Acceptor, type Peer } from "../../../server/listener/acceptor.ts";
import { PlainSource } from "../../../server/listener/plain_source.ts";
import { textHeader } from "./headers.ts";

Deno.test("a proxy's connection has a place before its header, then one of its client's address", async () => {
  const seen: (string | undefined)[] = [];
  let places = 0;
  const limits = {
    ...NO_LIMITS,
    admit(address: string | undefined) {
      seen.push(address);
      places++;
      return {
        admitted: true,
        release: () => void places--,
        setIdentified() {},
        setAddress(of: string) {
          seen.push(of);
          return of === "203.0.113.9" ? "address" : undefined;
        },
      } as const;
    },
  };
  const served: Peer[] = [];
  const trustsProxy = (address: string) => address === "127.0.0.1";
  const source = new PlainSource({ host: "127.0.0.1", port: 0, trustsProxy });
  const acceptor = new Acceptor<Deno.TcpConn>(source, limits, {
    serve(connection, peer) {
      served.push(peer);
      connection.close();
      return Promise.resolve();
    },
    refuse: (connection) => Promise.resolve(connection.close()),
  });
  const sockets: Socket[] = [];
  const open = () => {
    const socket = connect({ host: "127.0.0.1", port: source.port });
    socket.on("error", () => {});
    sockets.push(socket);
    return socket;
  };

  const first = open();
  await until(() => places === 1, "the place");
  assertEquals([seen, served.length], [[undefined], 0]);
  first.write(textHeader("203.0.113.7"));
  await until(() => places === 0 && served.length === 1, "the end");
  assertEquals(seen, [undefined, "203.0.113.7"]);
  const { address, destination } = served[0]!;
  assertEquals([address, destination], ["203.0.113.7", "192.0.2.1"]);

  open().end(); // a health check
  await until(() => seen.length === 3 && places === 0, "the end without a header");
  const banned = open();
  banned.write(textHeader("203.0.113.9"));
  await until(() => seen.length === 5 && places === 0, "the end of a banned client");
  assertEquals(served.length, 1);

  acceptor.close();
  for (const socket of sockets) socket.destroy();
});
