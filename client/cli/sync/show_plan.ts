/** Output of the plan of `sync`, for people and for scripts. */
import type { Output } from "../terminal/output.ts";
import { printable } from "../../../common/printable.ts";
import { formatSize } from "../../../common/size.ts";
import { counted } from "../../../common/counted.ts";
import type { SyncPlan } from "./plan.ts";

/** One step of a plan. */
export interface PlanStep {
  action: "add" | "change" | "make" | "remove" | "conflict";
  filename: string;
  /** Bytes to transfer. */
  size?: number;
}

/** The steps in the order in which they are done. */
export function planSteps(plan: SyncPlan): PlanStep[] {
  const removal = ({ name, directory }: { name: string; directory: boolean }): PlanStep => ({
    action: "remove",
    filename: directory ? `${name}/` : name,
  });
  return [
    ...plan.conflicts.map(({ name }): PlanStep => ({ action: "conflict", filename: name })),
    ...plan.swaps.flatMap(({ removals }) => removals).map(removal),
    ...plan.directories.map((name): PlanStep => ({ action: "make", filename: `${name}/` })),
    ...plan.files.map(({ source, target, changed }): PlanStep => ({
      action: changed ? "change" : "add",
      filename: target,
      size: source.size,
    })),
    ...plan.extra.map(removal),
  ];
}

/** One line for each step. */
export function planLines(plan: SyncPlan): string[] {
  return planSteps(plan).map(({ action, filename }) =>
    `${action.padEnd(8)}  ${printable(filename)}`
  );
}

/** Summarises the plan on stderr, and emits its begin event in JSON. */
export function notePlan(output: Output, plan: SyncPlan): void {
  const changed = plan.files.filter((file) => file.changed).length;
  const added = plan.files.length - changed;
  const bytes = plan.files.reduce((sum, { source }) => sum + source.size, 0);
  const remove = plan.swaps.flatMap(({ removals }) => removals).length + plan.extra.length;
  const make = plan.directories.length;
  output.note(
    `Plan: ${added} new and ${changed} changed files (${formatSize(bytes)}), ${
      counted(make, "directory", "directories")
    } to make, ${remove} to remove; ${plan.unchanged} unchanged.`,
  );
  output.event("start", { add: added, change: changed, bytes, make, remove });
}
