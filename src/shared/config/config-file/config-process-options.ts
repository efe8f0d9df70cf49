/** Flags and variables of the process that evaluates a config file. */
import { CHANNEL_VARIABLES } from "../../node-internals/channel-variables.ts";
import { SERVICE_VARIABLES } from "../../service-variables.ts";

/** Flags that are not inherited; some have their value in the next argument. */
const NOT_FOR_CHILD =
  /^(?:--(?:inspect|debug|eval|print|check|test|watch|interactive|input-type)\b.*|-[epci]|-pe)$/;
const HAS_VALUE = /^(?:--(?:inspect-port|debug-port|eval|print)|-[ep]|-pe)$/;

/** Limits a file that allocates until its time is over. */
const MEMORY_LIMIT = "--max-old-space-size=256";

/** Variables meant only for the master, its workers or an incoming master. */
const NOT_INHERITED: readonly string[] = [
  ...CHANNEL_VARIABLES,
  ...SERVICE_VARIABLES,
];

/**
 * Node's flags of this process, so that the same modules are preloaded. A
 * second inspector could not use the same port.
 */
export function childFlags(execArgv: readonly string[]): string[] {
  const kept = execArgv.filter((flag, index) => {
    const isValue = HAS_VALUE.test(execArgv[index - 1] ?? "");
    return !isValue && !NOT_FOR_CHILD.test(flag);
  });
  return [MEMORY_LIMIT, ...kept];
}

export function childEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => {
    return !NOT_INHERITED.includes(name);
  });
  const { NODE_OPTIONS: options, ...others } = Object.fromEntries(kept);
  if (options === undefined) return others;
  return { ...others, NODE_OPTIONS: withoutInspector(options) };
}

function withoutInspector(options: string): string {
  return options.replaceAll(
    /(?<!\S)--(?:inspect|debug)(?:-port[= ]\S+|\S*)/g,
    "",
  );
}
