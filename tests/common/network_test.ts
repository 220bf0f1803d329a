/** Networks of bans and limits: each text of one network is the same network. */
import { assert, assertEquals } from "@std/assert";
import { networkText, parseNetwork } from "../../common/network.ts";
import { networkSet } from "../../server/admission/networks.ts";

Deno.test("each text of a network is read to one form", () => {
  const read = (text: string) => {
    const network = parseNetwork(text);
    return network && networkText(network);
  };
  for (
    const [text, form] of [
      ["127.0.0.1/8", "127.0.0.0/8"],
      ["255.255.255.255/1", "128.0.0.0/1"],
      ["::ffff:127.0.0.1", "127.0.0.1"],
      ["::FFFF:7f00:1/104", "127.0.0.0/8"],
      ["::ffff:1.2.3.4/90", "::ffc0:0:0/90"],
      ["2001:0DB8:0:0:0:0:0:1", "2001:db8::1"],
      ["2001:db8::1/33", "2001:db8::/33"],
      ["1:2:3:4:5:6:7:8/127", "1:2:3:4:5:6:7:8/127"],
      ["fe80::1%eth0", "fe80::1"],
      ["::/0", "::/0"],
      ["1.2.3.4/33", undefined],
      ["%eth0", undefined],
    ] as const
  ) assertEquals(read(text), form, text);
});

Deno.test("a network with a zone, noted by an earlier version, is looked up too", () => {
  const includes = networkSet([{ address: "fe80::1%eth0", prefixLength: 128 }]);
  assert(includes("fe80::1%eth1"));
  assert(!includes("fe80::2"));
});
