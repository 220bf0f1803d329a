/** How nodes reach the store: past proxies of the environment, and with the bucket where it belongs. */
import { assertEquals } from "@std/assert";
import { clusterAccess } from "../../server/data/cluster_access.ts";
import { readOptions } from "../../server/options/read.ts";
import { is, MIB, randomBytes } from "../support/native.ts";
import { sha256 } from "../support/raw_client.ts";
import { startServer } from "../support/server.ts";
import { withoutPostgres } from "./engines.ts";
import { login, withNodes } from "./nodes.ts";

Deno.test({
  name: "nodes: no request to the store goes through a proxy of the environment",
  ignore: withoutPostgres,
  fn: () =>
    withNodes(async (_, shared) => {
      const requested: string[] = [];
      const listen = { hostname: "127.0.0.1", port: 0, onListen() {} };
      await using proxy = Deno.serve(listen, ({ method, url }) => {
        requested.push(`${method} ${url}`);
        return new Response(null, { status: 502 });
      });
      const address = `http://127.0.0.1:${proxy.addr.port}`;
      const proxies = { HTTP_PROXY: address, HTTPS_PROXY: address, no_proxy: "other.example" };
      const env = { ...shared.env, ...proxies };
      await using server = await startServer({ args: [...shared.args, "--node=one"], env });
      using client = await login(server, shared);
      const content = randomBytes(MIB);
      is(await client.upload("f", content), "OK", 226);
      assertEquals(sha256((await client.download("f")).content), sha256(content));
      // Deno itself asks for its newest version.
      assertEquals(requested.filter((line) => line.includes(shared.s3.endpoint)), []);
    }),
});

Deno.test("the bucket is in the path of an own endpoint, and in the host's name at Amazon", () => {
  const style = (...args: string[]) => {
    const cluster = ["--catalog=postgres://u@localhost/d", "--store=s3://bucket"];
    const all = [...cluster, "--cert=c", "--key=k", ...args];
    const { options } = readOptions({ args: all, variable: () => undefined, directory: "/" });
    Deno.env.set("TOWPATH_STORE_ACCESS_KEY_ID", "key");
    Deno.env.set("TOWPATH_STORE_SECRET_ACCESS_KEY", "secret");
    return clusterAccess(options)!.store.address.pathStyle;
  };
  assertEquals(style(), false);
  assertEquals(style("--store-path-style"), true);
  assertEquals(style("--store-endpoint=https://s3.example.org"), true);
  assertEquals(style("--store-endpoint=https://s3.example.org", "--store-path-style=false"), false);
});
