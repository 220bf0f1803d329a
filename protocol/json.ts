/** JSON payloads: one object in UTF-8 without BOM (docs/protocol.md, "Frames"). */

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A JSON object as it came off the wire; no member is trusted yet. */
export type JsonObject = Record<string, unknown>;

/**
 * Decodes a JSON payload.
 *
 * @throws {SyntaxError} with a sentence for the peer, where it is not one JSON object in UTF-8
 */
export function decodeJson(bytes: Uint8Array): JsonObject {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    throw new SyntaxError("The JSON text begins with a byte order mark");
  }
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(bytes));
  } catch (error) {
    throw new SyntaxError(
      error instanceof TypeError ? "The JSON text is not UTF-8" : "The frame is not JSON",
    );
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new SyntaxError("The JSON text is not an object");
  }
  return value as JsonObject;
}
