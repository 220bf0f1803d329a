/**
 * Questions of `admin` to the server that runs on the same data directory: who is logged in, end a
 * session. A question is a file in `control/`, and so is its answer. Only the owner of the data
 * directory may read and write there, and neither side needs a permission for it that it lacks.
 */
import { join } from "@std/path";
import type { Questions } from "../../storage/monitor/bus.ts";
import { PLACES } from "./data_directory.ts";

/** Questions that may be asked from outside. */
export const CONTROL_QUESTIONS = ["who", "end", "takeOver"] as const satisfies (keyof Questions)[];
/** Asks the server itself to follow the mounts that the catalog has now. */
export const FOLLOW_MOUNTS = "mounts";
/** One of them. */
export type ControlQuestion = (typeof CONTROL_QUESTIONS)[number] | typeof FOLLOW_MOUNTS;

/** Content of a file with a question. */
export interface ControlRequest {
  name: ControlQuestion;
  question: unknown;
}

/** Content of a file with an answer. */
export type ControlAnswer = { answers: unknown[] } | { failed: string };

/** The directory of questions and answers. */
export function controlDirectory(data: string): string {
  return join(data, PLACES.control);
}

/** Ends of the names of the files. */
export const CONTROL_ENDS = { question: ".question", answer: ".answer", draft: ".new" } as const;
