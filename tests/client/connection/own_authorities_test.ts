/** When the client trusts the authority in the data directory that it runs in. */
import { isLeftOut } from "../../support/engine.ts";
import { assertEquals, assertMatch } from "@std/assert";
import { createHash } from "node:crypto";
import { startServer } from "../../support/server.ts";
import { World } from "../world.ts";

const FOREIGN_UID = 12_345;

Deno.test("./data/tls/ca.pem is trusted for servers on this machine, unless it may be another's", async (t) => {
  await using world = await World.start();
  await using other = await startServer({});
  const pem = world.write("data/tls/ca.pem", world.server.caText);
  Deno.chmodSync(pem, 0o600);
  const server = `localhost:${world.server.port}`;
  const whoami = async (env: Record<string, string> = {}) => {
    const { code, stderr } = await world.run(["whoami"], { env: { TOWPATH_CA: "", ...env } });
    return { code, stderr };
  };
  const refused = async (env?: Record<string, string>) => {
    const { code, stderr } = await whoami(env);
    assertEquals(code, 7, stderr);
    assertMatch(stderr, /Cannot trust/);
  };

  await t.step("it is the user's own", async () => {
    const { code, stderr } = await whoami();
    assertEquals(code, 0, stderr);
  });

  await t.step("not where everybody may write to it", async () => {
    Deno.chmodSync(pem, 0o666);
    await refused();
    Deno.chmodSync(pem, 0o600);
  });

  await t.step({
    name: "not beside --ca",
    ignore: isLeftOut("a certificate that the server made"),
    fn: () => refused({ TOWPATH_CA: other.ca }),
  });

  await t.step("not where it is a pipe, and nothing waits for its other end", async () => {
    Deno.renameSync(pem, `${pem}.file`);
    await new Deno.Command("mkfifo", { args: [pem] }).output();
    await refused();
    Deno.renameSync(`${pem}.file`, pem);
  });

  await t.step({
    name: "not where another user owns it",
    ignore: Deno.uid() !== 0,
    async fn() {
      Deno.chownSync(pem, FOREIGN_UID, null);
      await refused();
      Deno.chownSync(pem, 0, null);
    },
  });

  await t.step({
    name: "not where trust kept an authority for the server",
    ignore: isLeftOut("a certificate that the server made"),
    async fn() {
      const key = createHash("sha256").update(server).digest("hex").slice(0, 32);
      world.write(`.config/towpath/trust/${key}.pem`, other.caText);
      await refused();
      assertMatch((await whoami()).stderr, /the authority of \S+ changed/);
    },
  });
});
