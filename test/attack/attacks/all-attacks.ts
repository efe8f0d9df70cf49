import type { Attack } from "../attack.ts";
import { configAtReload } from "./config-at-reload.ts";
import { connectionFloods } from "./connection-flood.ts";
import { stoppedLogReader } from "./stopped-log-reader.ts";
import { thrownValues } from "./thrown-values.ts";
import { workerMessages } from "./worker-messages.ts";

export const ATTACKS: readonly Attack[] = [
  ...connectionFloods,
  configAtReload,
  workerMessages,
  thrownValues,
  stoppedLogReader,
];
