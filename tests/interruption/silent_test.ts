import { costTest, interruptionTests } from "./interruption.ts";

interruptionTests("silent");
costTest("silent");
