import { assertEquals } from "@std/assert";
import { OpenConnections } from "../../../server/listener/open_connections.ts";

class Fake {
  readonly served = Promise.withResolvers<void>();
  readonly reported: string[] = [];
  busy = false;
}

function opened(dropsLate: boolean) {
  const connections = new OpenConnections<Fake>({
    check: () => {},
    isBusy: ({ busy }) => busy,
    stop: (fake) => {
      fake.reported.push("stop");
      if (!dropsLate) fake.served.resolve();
      return Promise.resolve();
    },
    drop: (fake) => {
      fake.reported.push("drop");
      fake.served.resolve();
    },
    dropsLate,
  });
  const add = (busy: boolean) => {
    const fake = Object.assign(new Fake(), { busy });
    connections.add(fake, fake.served.promise);
    return fake;
  };
  return { connections, add };
}

Deno.test("a closing door stops idle connections at once, busy ones when they have finished", async () => {
  const { connections, add } = opened(false);
  const [idle, busy] = [add(false), add(true)];
  const closed = connections.close(600_000);
  await idle.served.promise;
  assertEquals([idle.reported, busy.reported], [["stop"], []]);
  busy.busy = false;
  await closed;
  assertEquals([busy.reported, connections.size], [["stop"], 0]);
});

Deno.test("a second close with a shorter grace ends the first; no connection is stopped twice", async () => {
  const { connections, add } = opened(false);
  const busy = add(true);
  const closed = connections.close(600_000);
  await connections.close(0);
  await closed;
  assertEquals(busy.reported, ["stop"]);
});

Deno.test("connections that are left after the grace are dropped where a door says so", async () => {
  const { connections, add } = opened(true);
  const slow = add(false);
  await connections.close(0);
  assertEquals([slow.reported, connections.size], [["stop", "drop"], 0]);
});
