import { type ChildProcess, fork } from "node:child_process";
import { writeSync } from "node:fs";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import {
  isEnvelope,
  wrap,
} from "../../../src/shared/node-internals/ipc-envelope.ts";

const FILE = fileURLToPath(import.meta.url);
/** The first descriptor after the standard ones. */
const CHANNEL_FD = 3;

/** What the child does when it is asked to. */
const ACTIONS = {
  sayAppMessage: () => process.send?.({ hello: "parent" }),
  sayInternalMessage: () => process.send?.({ cmd: "NODE_OTHER", hello: 1 }),
  sayHalfAMessage: () => writeSync(CHANNEL_FD, '{"half":"'),
  sayNoJson: () => writeSync(CHANNEL_FD, "{no json}\n"),
};

export type ChildAction = keyof typeof ACTIONS;

/** A child that sends envelopes back; it is killed after the test. */
export function channelChild(
  t: TestContext,
  variables: NodeJS.ProcessEnv = {},
): ChildProcess {
  const child = fork(FILE, [], {
    execArgv: ["--import", "tsx"],
    env: { ...process.env, ...variables },
  });
  t.after(() => child.kill("SIGKILL"));
  return child;
}

export function ask(child: ChildProcess, action: ChildAction): void {
  child.send(action);
}

if (process.argv[1] === FILE) {
  process.on("message", (action: ChildAction) => ACTIONS[action]());
  process.on("internalMessage" as "message", (message: unknown) => {
    if (isEnvelope(message)) process.send?.(wrap(message.message));
  });
}
