import { account } from "../../storage/suites/catalog_samples.ts";
import { from, kindOf } from "./logins.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { assertErrorWhere } from "../../support/errors.ts";
import { scryptSync } from "node:crypto";
import { MemoryCatalog } from "../../support/simulated/memory_catalog.ts";
import { Authenticator, AuthError } from "../../../server/auth/authenticator.ts";
import { HashQueue } from "../../../server/auth/hash_queue.ts";
import { nameFault, passwordFault } from "../../../common/account_names.ts";
import {
  generatePassword,
  hashPassword,
  type PasswordScheme,
  SCRYPT,
} from "../../../common/secrets.ts";

/** A hash that costs next to nothing, for tests that are not about the cost. */
function cheapHash(password: string): string {
  const salt = new Uint8Array(16).fill(7);
  const hash = scryptSync(password, salt, 32, { N: 16, r: 8, p: 1 });
  const base64 = (bytes: Uint8Array) => bytes.toBase64({ omitPadding: true });
  return `$scrypt$ln=4,r=8,p=1$${base64(salt)}$${base64(hash)}`;
}

async function catalogWith(name: string, passwordHash: string): Promise<MemoryCatalog> {
  const catalog = new MemoryCatalog();
  await catalog.addAccount(account(name, { passwordHash }));
  return catalog;
}

Deno.test("user names and passwords have their bounds", () => {
  for (const name of ["a", "0", "a.b_c-d", "x".repeat(64)]) {
    assertEquals(nameFault(name), undefined);
  }
  for (
    const name of ["", "A", ".a", "-a", "x".repeat(65), "shared", "*", "ä", "a/b", "a\n", "a b"]
  ) {
    assert(nameFault(name), JSON.stringify(name));
  }
  for (const password of ["12345678", "ä".repeat(4), "x".repeat(1024)]) {
    assertEquals(passwordFault(password), undefined);
  }
  for (const password of ["", "1234567", "x".repeat(1025), "ä".repeat(513), "abcdefgh\ud800"]) {
    assert(passwordFault(password), password.slice(0, 10));
  }
  assertEquals(passwordFault(generatePassword()), undefined);
});

Deno.test("login lets the right password in, notes it, and refuses the rest alike", async () => {
  const catalog = await catalogWith("alice", cheapHash("correct horse"));
  const authenticator = new Authenticator({ catalog });
  assertEquals((await authenticator.login("alice", "correct horse", from("::1"))).name, "alice");
  assert((await catalog.account("alice"))!.lastLoginMs! > 0);
  const messages = new Set<string>();
  for (const [name, password] of [["alice", "wrong horse"], ["bob", "wrong horse"], ["", ""]]) {
    assertErrorWhere(
      await assertRejects(() => authenticator.login(name!, password!, from("::1"))),
      (error: AuthError) => {
        messages.add(error.message);
        return error.kind === "failed";
      },
    );
  }
  assertEquals(messages.size, 1);
});

Deno.test("an unknown user costs what a wrong password costs", async () => {
  const catalog = await catalogWith("alice", await hashPassword("correct horse"));
  const costs: string[] = [];
  const scheme: PasswordScheme = {
    ...SCRYPT,
    verify(password, hash) {
      costs.push(hash.split("$", 3).join("$"));
      return SCRYPT.verify(password, hash);
    },
  };
  const authenticator = new Authenticator({ catalog, scheme });
  for (const name of ["alice", "bob"]) {
    await kindOf(authenticator.login(name, "wrong horse", from("::1")));
  }
  assertEquals(costs, ["$scrypt$ln=15,r=8,p=3", "$scrypt$ln=15,r=8,p=3"]);
});

Deno.test("a password once verified is not hashed again until it changes", async () => {
  const catalog = await catalogWith("alice", await hashPassword("correct horse"));
  const authenticator = new Authenticator({ catalog, hashing: { running: 1, waiting: 1 } });
  // Ten at once are one hashing: with room for two, none is refused.
  const logins = Array.from(
    { length: 10 },
    () => authenticator.login("alice", "correct horse", from("")),
  );
  await Promise.all(logins);
  const start = performance.now();
  for (let i = 0; i < 50; i++) await authenticator.login("alice", "correct horse", from(""));
  assert(performance.now() - start < 1000, "fifty logins took as long as hashings");

  await catalog.updateAccount("alice", { passwordHash: cheapHash("another one"), generation: 2 });
  assertEquals(await kindOf(authenticator.login("alice", "correct horse", from(""))), "failed");
  await catalog.removeAccount("alice");
  assertEquals(await kindOf(authenticator.login("alice", "another one", from(""))), "failed");
});

Deno.test("a crowd of guesses sent at once gets no further than one after the other", async () => {
  const catalog = await catalogWith("alice", cheapHash("correct horse"));
  const authenticator = new Authenticator({ catalog });
  const guesses = Array.from(
    { length: 40 },
    (_, i) => authenticator.login("alice", `guess ${i}x`, from("")),
  );
  const kinds = await Promise.all(guesses.map(kindOf));
  assert(kinds.filter((kind) => kind === "failed").length <= 12, kinds.join());
});

Deno.test("hashing is bounded, and addresses take turns", async () => {
  const queue = new HashQueue({ running: 1, waiting: 5, waitingPerAddress: 3 });
  const order: string[] = [];
  let open = () => {};
  const gate = new Promise<void>((resolve) => open = resolve);
  const job = (address: string, name: string) =>
    queue.run(address, async () => {
      await gate;
      order.push(name);
    });
  const jobs = [job("a", "a0"), job("a", "a1"), job("a", "a2"), job("a", "a3"), job("b", "b1")];
  assert(queue.retryAfterMs("a") > 0, "an address has its share");
  assertEquals(queue.retryAfterMs("b"), 0);
  jobs.push(job("b", "b2"));
  assert(queue.retryAfterMs("c") > 0, "the whole is bounded");
  open();
  await Promise.all(jobs);
  assertEquals(order, ["a0", "a1", "b1", "a2", "b2", "a3"]);
  assertEquals(queue.retryAfterMs("a"), 0);
});
