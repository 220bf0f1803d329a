/** A worker of another node, in a process of its own: `member.ts NODE`, the database in standard input. */
import { PostgresBus } from "../../../storage/cluster/bus/postgres_bus.ts";
import { Database } from "../../../storage/cluster/postgres/database.ts";

const options = JSON.parse(await new Response(Deno.stdin.readable).text());
const node = Deno.args[0]!;
const bus = new PostgresBus(new Database(options), { node, onError: console.error });
bus.listen({
  who: () =>
    Array.from({ length: 200 }, (_, index) => ({
      sessionId: `${node} ${index}`,
      account: "ä".repeat(100),
      door: "native" as const,
      address: "::1",
      sinceMs: 1,
    })),
  counts: () => Promise.reject(new Error("no counts")),
  end: ({ which }) => "account" in which && which.account === "alice" ? 2 : 0,
  recheck: () => null,
  takeOver: ({ uploadId }) => uploadId === node,
});
await bus.join();
console.log("joined");
