import { setTimeout as delay } from "node:timers/promises";
import { ConnectionFlood } from "../support/connection-flood.ts";
import { DONE, type Operation } from "./operation.ts";

/** Silent connections: from below to above the capacity of all workers. */
const COUNTS = { min: 200, max: 1_200 };
const MAX_HELD_MS = 2_500;
/** Far above the connections of a load, far below those of any flood. */
const MAX_LEFT = 80;

/**
 * Opens more connections than there are descriptors, or nearly as many. The
 * flood explains clients that are closed unserved in this time. Afterwards no
 * worker may keep a connection of the flood.
 */
export const flood: Operation = {
  name: "flood of connections",
  async run(subject, random) {
    const count = Math.round(COUNTS.min + random() * (COUNTS.max - COUNTS.min));
    const end = subject.failureCauses.beginFlood();
    const connections = await ConnectionFlood.open(
      subject.daemon.address,
      count,
    );
    await delay(random() * MAX_HELD_MS);
    await connections.leave();
    await subject.untilConnectionsAtMost(MAX_LEFT);
    end();
    return DONE;
  },
};
