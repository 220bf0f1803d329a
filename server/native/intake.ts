import {
  decodeJson,
  isRequestId,
  type JsonObject,
  makeReply,
  type Reply,
  type RequestId,
} from "../../protocol/mod.ts";
import { jsonBoundsProblem } from "../door/json_bounds.ts";

/** A request as it came in: known to be an object with a command. */
export interface IncomingRequest {
  /** In upper case. */
  command: string;
  data: unknown;
  id: RequestId | undefined;
  /** Interval of the interim replies that it asks for while it is carried out, ms. */
  progressMs?: number;
}

/** Bad frames in a row that end a connection. */
const MAX_BAD_FRAMES = 10;

/** Reads requests out of JSON frames, and counts the ones that are none. */
export class Intake {
  #badInARow = 0;

  /** Whether there were so many bad frames in a row that the connection must be closed. */
  get exhausted(): boolean {
    return this.#badInARow >= MAX_BAD_FRAMES;
  }

  /** The request in a JSON frame, or the reply to a frame that holds none. */
  read(bytes: Uint8Array): { request: IncomingRequest } | { refusal: Reply } {
    const problem = jsonBoundsProblem(bytes);
    if (problem !== undefined) return this.#bad(problem, undefined);
    let frame: JsonObject;
    try {
      frame = decodeJson(bytes);
    } catch (error) {
      return this.#bad((error as SyntaxError).message, undefined);
    }
    const id = isRequestId(frame.id) ? frame.id : undefined;
    if (typeof frame.command !== "string") {
      return this.#bad(`The request has no "command" that is a string`, id);
    }
    this.#badInARow = 0;
    if (frame.id !== undefined && frame.id !== null && id === undefined) {
      const message = `"id" must be an integer or a string of at most 64 characters`;
      return { refusal: makeReply("BAD_REQUEST", { message }, undefined) };
    }
    const request: IncomingRequest = { command: frame.command.toUpperCase(), data: frame.data, id };
    const { progress } = frame;
    if (progress === undefined || progress === null) return { request };
    if (typeof progress !== "number" || !Number.isSafeInteger(progress) || progress < 1) {
      const message = `"progress" must be an integer from 1: an interval in ms`;
      return { refusal: makeReply("BAD_REQUEST", { message }, id) };
    }
    return { request: { ...request, progressMs: progress } };
  }

  #bad(message: string, id: RequestId | undefined): { refusal: Reply } {
    this.#badInARow++;
    return { refusal: makeReply("BAD_REQUEST", { message }, id) };
  }
}
