/** Command lines, however the bytes of them arrive. */
import { assert, assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { type Line, LineBuffer } from "../../server/ftp/context/line_buffer.ts";

const encoder = new TextEncoder();

/** The lines of a stream that comes in pieces. */
function lines(...pieces: Uint8Array[]): Line[] {
  const buffer = new LineBuffer();
  const taken: Line[] = [];
  for (const piece of pieces) {
    buffer.push(piece);
    piece.fill(0); // the memory is read into again
    for (let line = buffer.take(); line !== undefined; line = buffer.take()) taken.push(line);
  }
  return taken;
}

Deno.test("lines are the same wherever the stream is cut, telnet commands or not", () => {
  const stream = new Uint8Array([
    ...encoder.encode("USER ä\r\n\r\nNOOP\n"),
    ...[255, 244, 255, 242],
    ...encoder.encode("ABOR\r\nST"),
    ...[255, 253, 1], // DO ECHO
    ...encoder.encode("OR a\rb\r\n"),
  ]);
  const expected = ["USER ä", "NOOP", "ABOR", "STOR a\rb"].map((text) => ({ text }));
  assertEquals(lines(stream.slice()), expected);
  for (let at = 1; at < stream.length; at++) {
    assertEquals(lines(stream.slice(0, at), stream.slice(at)), expected, `cut at ${at}`);
  }
  assertEquals(lines(...Array.from(stream, (byte) => Uint8Array.of(byte))), expected);
  // A Buffer's `slice` is no copy.
  const parts = (at: number) => [stream.slice(0, at), stream.slice(at)];
  for (let at = 1; at < stream.length; at++) {
    assertEquals(lines(...parts(at).map((part) => Buffer.from(part.buffer))), expected);
  }
});

Deno.test("a line that is too long is a fault, and the next one is read", () => {
  const fault = { fault: "The command line is too long" };
  const long = encoder.encode("x".repeat(8193));
  const next = encoder.encode("\r\nNOOP\r\n");
  const expected = [fault, { text: "NOOP" }];
  assertEquals(lines(new Uint8Array([...long, ...next])), expected);
  assertEquals(lines(long.slice(), next.slice()), expected);
  assertEquals(lines(long.slice(0, 5000), long.slice(5000), next.slice()), expected);
  const buffer = new LineBuffer();
  buffer.push(long);
  assert(buffer.pending);
});

Deno.test("a line that is no UTF-8 is a fault, and an ABOR without its LF is a line", () => {
  const [bad] = lines(Uint8Array.of(0x52, 0xff, 0xff, 0xc3, 10));
  assertEquals(bad, { fault: "The command line is not valid UTF-8" });
  assertEquals(lines(encoder.encode("abor\r")), [{ text: "abor" }]);
  assertEquals(lines(encoder.encode("ab"), encoder.encode("or\r"), encoder.encode("\n")), [
    { text: "abor" },
  ]);
});
