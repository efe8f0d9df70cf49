import { readTlsFiles, TlsFilesError } from "../../files/tls-files.ts";
import {
  type ListenEntry,
  type ListenerSettings,
  listenersOf,
} from "../listeners-of.ts";
import type { Settings } from "../settings.ts";
import type { GivenByPath } from "../sources/given-settings.ts";
import { STICKY_OFF, stickyText } from "../sticky-field.ts";
import type { SettingProblem } from "./setting-problem.ts";

/** One listener with its place in the settings. */
interface Given {
  /** Of the names of its settings: `listen[1].`, or "" outside the list. */
  readonly prefix: string;
  readonly entry: ListenEntry;
  readonly listener: ListenerSettings;
}

/** Problems of listeners that the schema accepts. */
export function checkListeners(
  settings: Settings,
  given: GivenByPath,
): SettingProblem[] {
  const origin = given.get("listen")?.origin ?? "default";
  const all: Given[] = listenersOf(settings).map((listener, index) => ({
    prefix: settings.listen.length > 0 ? `listen[${index}].` : "",
    entry: settings.listen[index] ?? {},
    listener,
  }));
  const entries = settings.listen.length > 0 ? all : [];
  return [
    ...entries.flatMap((each) => {
      const wrong = mismatches(each);
      return wrong.map(([name, value, valid]): SettingProblem => {
        const path = `${each.prefix}${name}`.replace(/\.$/, "");
        return { type: "invalidValue", path, value, origin, valid };
      });
    }),
    ...rivals(entries, origin),
    ...withoutRepeats(all.flatMap((each) => disagreements(each, given))),
    ...unusableTlsFiles(all, given),
  ];
}

type Mismatch = readonly [name: string, value: unknown, valid: string];

/** Settings of an entry that exclude each other. */
function mismatches({ entry, listener }: Given): Mismatch[] {
  const { port, socketPath } = entry;
  if (port === undefined && socketPath === undefined) {
    return [["", entry, "an object with port or socketPath"]];
  }
  const other = socketPath === undefined ? "port" : "socketPath";
  const foreign = socketPath === undefined ? PATH_SETTINGS : PORT_SETTINGS;
  const found = foreign.filter((name) => entry[name] !== undefined);
  return [
    ...found.map((name): Mismatch => {
      return [name, entry[name], `left out where ${other} is given`];
    }),
    ...tlsMismatches(entry.tls, listener.tls),
  ];
}

const PORT_SETTINGS = ["host", "port", "ipv6Only"] as const;
const PATH_SETTINGS = ["mode"] as const;

/** One file of the pair alone would silently mean no TLS. */
function tlsMismatches(
  given: ListenEntry["tls"],
  { certFile, keyFile }: Settings["tls"],
): Mismatch[] {
  if (!given || (certFile !== undefined && keyFile !== undefined)) return [];
  return [["tls", given, "an object with certFile and keyFile, or false"]];
}

/** Settings that contradict the load balancer of the listener. */
function disagreements(each: Given, given: GivenByPath): SettingProblem[] {
  const { timeouts, forwarding, sticky, tls } = each.listener;
  const { loadBalancerIdleMs, proxyProtocol, trustProxy } = forwarding;
  const { keepAliveTimeoutMs } = timeouts;
  const problems: SettingProblem[] = [];
  if (loadBalancerIdleMs > 0 && keepAliveTimeoutMs <= loadBalancerIdleMs) {
    const valid = `longer than loadBalancerIdleMs (${loadBalancerIdleMs})`;
    problems.push(misfit("keepAliveTimeoutMs", valid, { ...each, given }));
  }
  if (sticky && tls.certFile !== undefined) {
    const valid =
      `${STICKY_OFF} on a listener with TLS, whose connections cannot go to ` +
      "another worker: let the load balancer end TLS";
    problems.push(misfit("sticky", valid, { ...each, given }));
  }
  if (proxyProtocol === "required" && trustProxy.length === 0) {
    const valid = "given together with trustProxy: who may write the header";
    problems.push(misfit("proxyProtocol", valid, { ...each, given }));
  }
  return problems;
}

function misfit(
  name: "keepAliveTimeoutMs" | "proxyProtocol" | "sticky",
  valid: string,
  { prefix, entry, listener, given }: Given & { given: GivenByPath },
): SettingProblem {
  const isOwn = entry[name] !== undefined;
  const { timeouts, forwarding } = listener;
  const sticky = listener.sticky && stickyText(listener.sticky);
  const value = { ...timeouts, ...forwarding, sticky }[name];
  const origin = given.get(isOwn ? "listen" : name)?.origin ?? "default";
  const path = isOwn ? prefix + name : name;
  return { type: "invalidValue", path, value, origin, valid };
}

/** Listeners with the same address. */
function rivals(all: readonly Given[], origin: string): SettingProblem[] {
  return all.flatMap(({ listener, prefix }, index) => {
    const before = all.slice(0, index);
    const rival = before.find((other) => {
      return isSameAddress(other.listener.address, listener.address);
    });
    if (!rival) return [];
    const path = prefix.slice(0, -1);
    const value = listener.address;
    const valid = validBeside(rival, listener);
    return [{ type: "invalidValue", path, value, origin, valid }];
  });
}

type Address = ListenerSettings["address"];

function isSameAddress(one: Address, other: Address): boolean {
  if ("socketPath" in one || "socketPath" in other) {
    return (
      "socketPath" in one &&
      "socketPath" in other &&
      one.socketPath === other.socketPath
    );
  }
  // Port 0 gives each listener another port.
  if (one.port !== other.port || one.port === 0) return false;
  return (
    one.host === other.host ||
    takesIpv4Of(one, other) ||
    takesIpv4Of(other, one)
  );
}

type PortAddress = Extract<Address, { port: number }>;

/** "::" includes all IPv4 addresses, except with ipv6Only. */
function takesIpv4Of(all: PortAddress, other: PortAddress): boolean {
  return all.host === "::" && !all.ipv6Only && other.host === "0.0.0.0";
}

function validBeside(rival: Given, { address }: ListenerSettings): string {
  const name = rival.prefix.slice(0, -1);
  const isDual =
    "host" in address &&
    "host" in rival.listener.address &&
    address.host !== rival.listener.address.host;
  return isDual
    ? `another address than ${name}, unless the one with "::" has ipv6Only`
    : `another address than ${name}`;
}

/** Checked here, so that the start fails and not its first worker. */
function unusableTlsFiles(
  all: readonly Given[],
  given: GivenByPath,
): SettingProblem[] {
  const problems = all.flatMap((each) => tlsFileProblems(each, given));
  return withoutRepeats(problems);
}

/** A setting outside the list applies to several listeners. */
function withoutRepeats(problems: readonly SettingProblem[]) {
  const keys = problems.map((problem) => JSON.stringify(problem));
  return problems.filter(
    (_, index) => keys.indexOf(keys[index] ?? "") === index,
  );
}

function tlsFileProblems(
  { prefix, entry, listener }: Given,
  given: GivenByPath,
): SettingProblem[] {
  try {
    readTlsFiles(listener.tls);
    return [];
  } catch (error) {
    if (!(error instanceof TlsFilesError)) throw error;
    return error.problems.map(({ setting, file, reason }) => {
      const key = setting.replace("tls.", "") as keyof Settings["tls"];
      const isOwn = entry.tls !== false && entry.tls?.[key] !== undefined;
      const path = isOwn ? prefix + setting : setting;
      const source = given.get(isOwn ? "listen" : setting);
      const origin = source?.origin ?? "default";
      return { type: "unusableFile", path, file, origin, reason };
    });
  }
}
