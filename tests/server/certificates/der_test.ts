import { assertEquals, assertThrows } from "@std/assert";
import { X509Certificate } from "node:crypto";
import {
  bits,
  elements,
  integer,
  octets,
  oid,
  sequence,
  tagged,
  time,
  yes,
} from "../../../server/certificates/der.ts";
import { makeAuthority, makeLeaf } from "../../../server/certificates/make_certificates.ts";
import { EARLIER_AUTHORITY } from "./earlier_authority.ts";

Deno.test("values are in DER as X.690 has them", () => {
  const of = (...bytes: number[]) => Uint8Array.from(bytes);
  const rows: [Uint8Array, string][] = [
    [integer(of(0)), "020100"],
    [integer(of(0x7f)), "02017f"],
    [integer(of(0x80)), "02020080"],
    [integer(of(0, 0, 1, 2)), "02020102"],
    [integer(of(0, 0x80)), "02020080"],
    [yes(), "0101ff"],
    [bits(of(0x80), 7), "03020780"],
    [oid("2.5.29.17"), "0603551d11"],
    [oid("1.2.840.10045.4.3.2"), "06082a8648ce3d040302"],
    [sequence(), "3000"],
    [tagged(3, octets(of(1))), "a303040101"],
    [time(new Date("2049-12-31T23:59:59.999Z")), "170d3439313233313233353935395a"],
    [time(new Date("2050-01-01T00:00:00Z")), "180f32303530303130313030303030305a"],
  ];
  for (const [bytes, hex] of rows) assertEquals(bytes.toHex(), hex);
  for (const [length, head] of [[127, "047f"], [128, "048180"], [300, "0482012c"]] as const) {
    const value = octets(new Uint8Array(length).fill(7));
    assertEquals(value.toHex().slice(0, head.length), head);
    const [read, ...others] = elements(value);
    assertEquals([read!.content.length, read!.whole.length, others.length], [
      length,
      value.length,
      0,
    ]);
    assertThrows(() => elements(value.slice(0, -1)), Error, "no DER");
  }
});

Deno.test("an authority that an earlier version made still signs", async () => {
  const names = [
    "files.example.org",
    "*.example.org",
    "192.0.2.7",
    "2001:db8::7",
    "::ffff:192.0.2.8",
  ];
  for (const authority of [EARLIER_AUTHORITY, await makeAuthority()]) {
    const leaf = new X509Certificate((await makeLeaf(authority, names)).cert);
    const issuer = new X509Certificate(authority.cert);
    assertEquals(leaf.issuer, issuer.subject);
    assertEquals(leaf.checkIssued(issuer), true, "name and identifier of the key are the issuer's");
    assertEquals(leaf.verify(issuer.publicKey), true);
    for (const name of names.slice(0, 2)) {
      assertEquals(leaf.checkHost(name) === undefined, false, name);
    }
    for (const address of names.slice(2)) {
      assertEquals(leaf.checkIP(address) === undefined, false, address);
    }
  }
});
