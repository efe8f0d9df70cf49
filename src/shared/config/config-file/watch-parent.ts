/**
 * A thread beside the one that evaluates a config file: it ends the process,
 * and all of its group, when the process that wanted the settings is gone.
 */
import { Socket } from "node:net";
import { PARENT_FD } from "./config-channel.ts";

const parent = new Socket({ fd: PARENT_FD, readable: true, writable: false });
parent.on("error", () => {}); // "close" follows
parent.on("close", () => process.kill(-process.pid, "SIGKILL"));
parent.resume();
