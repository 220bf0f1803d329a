/** Names a moment between two steps, so that tests can end the process there. */
export type StepHook = (step: string) => Promise<void>;
