/** Addresses of S3-compatible stores, and files of credentials. */
import { assertEquals, assertThrows } from "@std/assert";
import { parseS3Address, urlOf } from "../../../storage/cluster/content/s3/address.ts";
import { parseCredentials } from "../../../storage/cluster/content/s3/credentials.ts";

Deno.test("an address names bucket and prefix; without an endpoint it is Amazon's, by host name", () => {
  const address = parseS3Address("s3://my-bucket/a/b", { region: "eu-central-1" });
  assertEquals([address.prefix, address.pathStyle], ["a/b/", false]);
  const url = "https://my-bucket.s3.eu-central-1.amazonaws.com/a/b/c";
  assertEquals(urlOf(address, "a/b/c").href, url);
});

Deno.test("an endpoint is used with the path style, unless the other one is chosen", () => {
  const endpoint = "https://s3.example.org:9000";
  const byPath = parseS3Address("s3://bucket", { endpoint });
  assertEquals(urlOf(byPath, "k", { prefix: "a/b" }).href, `${endpoint}/bucket/k?prefix=a%2Fb`);
  assertEquals(urlOf(byPath, "").href, `${endpoint}/bucket`);
  const byHost = parseS3Address("s3://bucket/", { endpoint, pathStyle: false });
  assertEquals(urlOf(byHost, "k").href, "https://bucket.s3.example.org:9000/k");
});

Deno.test("addresses that name no bucket, or lead elsewhere, are refused", () => {
  const wrong = [
    "",
    "s3://",
    "s3://a",
    "http://bucket",
    "s3://Bucket",
    "s3://a..b",
    "s3://abc/../d",
  ];
  for (const text of [...wrong, "s3://abc/d?x", "s3://abc/d e", "s3://user:pw@abc/d"]) {
    assertThrows(() => parseS3Address(text), TypeError);
  }
  for (const endpoint of ["s3.example.org", "ftp://h", "https://h/path", "https://u:p@h"]) {
    assertThrows(() => parseS3Address("s3://abc", { endpoint }), TypeError);
  }
  const byName = { endpoint: "http://127.0.0.1:9000", pathStyle: false };
  assertThrows(() => parseS3Address("s3://abc", byName), TypeError);
});

Deno.test("a file of credentials is read by sections; a session token is optional", () => {
  const text = `# comment
    [default]
    aws_access_key_id = AK
    aws_secret_access_key=a/b+c==
    [profile other]
    aws_access_key_id = B
    aws_secret_access_key = C
    aws_session_token = T`;
  assertEquals(parseCredentials(text, "default"), {
    accessKeyId: "AK",
    secretAccessKey: "a/b+c==",
  });
  assertEquals(parseCredentials(text, "other").sessionToken, "T");
  assertThrows(() => parseCredentials(text, "none"), Error);
});
