/** The content store over a real radosgw. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { parseS3Address } from "../../../storage/cluster/content/s3/address.ts";
import { fixedCredentials } from "../../../storage/cluster/content/s3/credentials.ts";
import { RETRIES, type RetryOptions } from "../../../storage/cluster/content/s3/retry.ts";
import { S3ContentStore } from "../../../storage/cluster/content/s3/s3_content_store.ts";
import { StoreError } from "../../../storage/contract/error.ts";
import { type Rgw, startRgw, withoutRgw } from "../rgw.ts";
import { bytesOf, contentStoreContract, sample } from "../suites/content_store_contract.ts";

function open(
  rgw: Rgw,
  address: string,
  secretAccessKey = rgw.secretAccessKey,
  retries: Partial<RetryOptions> = {},
): S3ContentStore {
  const { endpoint, accessKeyId } = rgw;
  return new S3ContentStore({
    retries: { ...RETRIES, ...retries },
    address: parseS3Address(address, { endpoint }),
    credentials: fixedCredentials({ accessKeyId, secretAccessKey }),
  });
}

async function reasonOf(work: Promise<unknown>): Promise<string> {
  return (await assertRejects(() => work, StoreError)).reason();
}

Deno.test({
  name: "radosgw holds the contract of content stores",
  ignore: withoutRgw !== undefined,
  fn: async (test) => {
    await using rgw = await startRgw();
    await rgw.createBucket("towpath");
    let count = 0;
    const pending: (() => Promise<boolean>)[] = [];
    contentStoreContract((sentence, holds) =>
      pending.push(() =>
        test.step(sentence, async () => {
          const store = open(rgw, `s3://towpath/test/${++count}`);
          await holds(store);
          await store.close();
        })
      )
    );
    for (const step of pending) await step();

    await test.step("16 MiB are stored, and read in the middle", async () => {
      const store = open(rgw, "s3://towpath/large");
      const bytes = sample(16 * 1024 * 1024);
      await store.put("a", [bytes], { ifAbsent: true });
      const read = await bytesOf(await store.get("a", { from: 5_000_001, length: 6_000_000 }));
      assertEquals(read?.length, 6_000_000);
      assert(read!.every((byte, index) => byte === bytes[5_000_001 + index]));
      await store.close();
    });

    await test.step("content that its hash does not describe is refused by the store", async () => {
      const store = open(rgw, "s3://towpath/hash", rgw.secretAccessKey, { tries: 1 });
      const wrong = "0".repeat(64);
      assertMatch(await reasonOf(store.put("a", [sample(9)], { sha256: wrong })), /SHA256Mismatch/);
      assertEquals(await store.head("a"), undefined);
      await store.close();
    });

    await test.step("a wrong secret and a missing bucket are named, each with its remedy", async () => {
      const wrong = open(rgw, "s3://towpath", "wrong");
      const secret = await reasonOf(wrong.put("a", [sample(3)]));
      assertMatch(secret, /storing "a" in the store s3:\/\/towpath\/ at http:/);
      assertMatch(secret, /check the secret key of the credentials/);
      const none = open(rgw, "s3://nobucket");
      assertMatch(await reasonOf(none.put("a", [sample(3)])), /create the bucket/);
      assertMatch(await reasonOf(none.list("")), /create the bucket/);
      assertMatch(await reasonOf(none.get("a")), /create the bucket/);
      await wrong.close();
      await none.close();
    });

    await test.step("a gateway that is killed and started again is only waited for", async () => {
      const store = open(rgw, "s3://towpath/restart");
      await store.put("a", [sample(5)]);
      await rgw.killGateway();
      const waiting = Promise.all([store.put("b", [sample(7)]), store.get("a").then(bytesOf)]);
      await rgw.startGateway();
      assertEquals((await waiting)[1], sample(5));
      assertEquals((await store.head("b"))?.size, 7);
      await store.close();
    });
  },
});
