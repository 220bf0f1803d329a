import type { DoorContext, Trouble } from "./door.ts";

/** All troubles of the server, each part once: first those because of which it cannot serve. */
export async function allTroubles(
  { vault, troubles = () => [] }: Pick<DoorContext, "vault" | "troubles">,
): Promise<Trouble[]> {
  const fatal = (await vault.faults()).map((fault) => ({ ...fault, isFatal: true }));
  const parts = new Set(fatal.map(({ part }) => part));
  return [...fatal, ...troubles().filter(({ part }) => !parts.has(part))];
}
