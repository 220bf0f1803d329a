import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import {
  derivedSecret,
  hashPassword,
  hashSecret,
  isSameSecret,
  newKey,
  newSecret,
  sign,
  verifyPassword,
} from "../../common/secrets.ts";

Deno.test("a password verifies against its own hash and no other", async () => {
  const phc = await hashPassword("correct horse");
  assertMatch(phc, /^\$scrypt\$ln=15,r=8,p=3\$[\w+/]{22}\$[\w+/]{43}$/);
  assertEquals(await verifyPassword("correct horse", phc), true);
  assertEquals(await verifyPassword("correct horsf", phc), false);
});

Deno.test("a hash that cannot be read matches nothing", async () => {
  for (const phc of ["", "$scrypt$ln=99,r=8,p=1$AAAAAAAA$AAAAAAAAAAAAAAAA", "plain"]) {
    assertEquals(await verifyPassword("", phc), false, phc);
  }
});

Deno.test("random secrets have the length and the form of their kind", () => {
  assertMatch(newSecret("token"), /^towpath_[\w-]{43}$/);
  assertMatch(newSecret("session"), /^[\w-]{43}$/);
  assertMatch(newSecret("link"), /^[\w-]{24}$/);
  assertMatch(newKey(), /^[0-9a-f]{64}$/);
  assertNotEquals(newSecret("link"), newSecret("link"));
});

Deno.test("the stored and shown formats stay as they are: catalogs and cookies hold them", () => {
  assertEquals(
    hashSecret("abc"),
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
  // Computed with openssl: dgst -hmac key, and dgst of "csrf abc".
  assertEquals(sign("key", "text"), "avqQRqlXnK0UOjhMG1ZLmiUNJ9b2pj-fIL86dZTJ4sY");
  assertEquals(derivedSecret("abc", "csrf"), "N_ba9HZyO6ambUIkr8fLsWqR7pUHWvVMNz-PUnrS_dk");
  assertEquals(isSameSecret("abc", "abc"), true);
  assertEquals(isSameSecret("abc", "abcd"), false);
});
