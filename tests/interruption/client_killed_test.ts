import { interruptionTests } from "./interruption.ts";

interruptionTests("client killed");
