/**
 * A thread in the process that evaluates a config file. It kills the process
 * group when the parent process has ended.
 */
import { Socket } from "node:net";
import { PARENT_FD } from "./config-channel.ts";

const parent = new Socket({ fd: PARENT_FD, readable: true, writable: false });
parent.on("error", () => {}); // "close" follows
parent.on("close", () => process.kill(-process.pid, "SIGKILL"));
parent.resume();
