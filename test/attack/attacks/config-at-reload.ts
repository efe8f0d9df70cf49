import type { Attack } from "../attack.ts";

/** Config files that do harm when they are evaluated. */
const HARMFUL: Readonly<Record<string, string>> = {
  "an unhandled rejection": `
    Promise.reject(new Error("nobody waits"));
    export default {};`,
  "a timer that throws": `
    setTimeout(() => { throw new Error("late"); }, 5);
    await new Promise((resolve) => setTimeout(resolve, 50));
    export default {};`,
  "process.exit()": `process.exit(0);`,
  "process.exit() in a timer": `
    setTimeout(() => process.exit(3), 5);
    await new Promise((resolve) => setTimeout(resolve, 50));
    export default {};`,
  "a signal to itself": `process.kill(process.pid, "SIGKILL");`,
  "process.abort()": `process.abort();`,
  "a syntax error": `export default {`,
  "a throw": `throw Object.freeze(new Error("frozen"));`,
  "a function as a setting": `export default { workers: () => 2 };`,
  "a getter that throws": `
    export default { get workers() { throw new Error("no"); } };`,
  "a cycle": `const a = {}; a.a = a; export default { drain: a };`,
  "much output": `
    console.log("x".repeat(2 ** 20));
    console.error("y".repeat(2 ** 20));
    throw new Error("after all that");`,
};

const NAMES = Object.keys(HARMFUL);
/** Interval, in rounds, at which a working config is rolled out. */
const RELOAD_EVERY = 6;

export const configAtReload: Attack = {
  name: "config-at-reload",
  summary: `HUP with a config file that has ${NAMES.join(", ")}`,
  mayLose: false,
  async strike(target, round) {
    const name = NAMES[round % NAMES.length] as string;
    const { pid } = await target.status();
    target.configure(HARMFUL[name]);
    try {
      const end = await target.reload();
      if (!end.startsWith("reload refused")) throw new Error(`${name}: ${end}`);
    } finally {
      target.configure();
    }
    if ((await target.status()).pid !== pid) {
      throw new Error(`${name}: the master is another one`);
    }
    if (round % RELOAD_EVERY !== 0) return;
    const end = await target.reload();
    if (end !== "reloaded") throw new Error(`a good one: ${end}`);
  },
};
