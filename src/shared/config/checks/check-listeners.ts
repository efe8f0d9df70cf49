/** What is wrong with listeners that are each as the schema has them. */
import { readTlsFiles, TlsFilesError } from "../../tls-files.ts";
import {
  type ListenEntry,
  type ListenerSettings,
  listenersOf,
} from "../listeners-of.ts";
import type { Settings } from "../settings.ts";
import type { GivenByPath } from "../sources/given-settings.ts";
import type { SettingProblem } from "./setting-problem.ts";

/** One listener, and where it was given. */
interface Given {
  /** Of its settings: `listen[1].`, or "" outside the list. */
  readonly prefix: string;
  readonly entry: ListenEntry;
  readonly listener: ListenerSettings;
}

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
  const ofEntries = settings.listen.length > 0 ? all : [];
  return [
    ...ofEntries.flatMap((each) => {
      const wrong = mismatches(each);
      return wrong.map(([name, value, valid]): SettingProblem => {
        const path = `${each.prefix}${name}`.replace(/\.$/, "");
        return { type: "invalidValue", path, value, origin, valid };
      });
    }),
    ...rivals(ofEntries, origin),
    ...withoutRepeats(all.flatMap((each) => disagreements(each, given))),
    ...unusableTlsFiles(all, given),
  ];
}

type Mismatch = readonly [name: string, value: unknown, valid: string];

/** Settings that make no sense together. */
function mismatches({ entry, listener }: Given): Mismatch[] {
  const { port, socketPath } = entry;
  if (port === undefined && socketPath === undefined) {
    return [["", entry, "an object with port or socketPath"]];
  }
  const other = socketPath === undefined ? "port" : "socketPath";
  const foreign = socketPath === undefined ? OF_PATHS : OF_PORTS;
  const found = foreign.filter((name) => entry[name] !== undefined);
  return [
    ...found.map((name): Mismatch => {
      return [name, entry[name], `left out where ${other} is given`];
    }),
    ...tlsMismatches(entry.tls, listener.tls),
  ];
}

const OF_PORTS = ["host", "port", "ipv6Only"] as const;
const OF_PATHS = ["mode"] as const;

/** Half of a pair would be read as no TLS at all. */
function tlsMismatches(
  given: ListenEntry["tls"],
  { certFile, keyFile }: Settings["tls"],
): Mismatch[] {
  if (!given || (certFile !== undefined && keyFile !== undefined)) return [];
  return [["tls", given, "an object with certFile and keyFile, or false"]];
}

/** Settings that do not go with what is in front of the listener. */
function disagreements(each: Given, given: GivenByPath): SettingProblem[] {
  const { timeouts, forwarding } = each.listener;
  const { loadBalancerIdleMs, proxyProtocol, trustProxy } = forwarding;
  const { keepAliveTimeoutMs } = timeouts;
  const problems: SettingProblem[] = [];
  if (loadBalancerIdleMs > 0 && keepAliveTimeoutMs <= loadBalancerIdleMs) {
    const valid = `longer than loadBalancerIdleMs (${loadBalancerIdleMs})`;
    problems.push(misfit("keepAliveTimeoutMs", valid, { ...each, given }));
  }
  if (proxyProtocol === "required" && trustProxy.length === 0) {
    const valid = "given together with trustProxy: who may write the header";
    problems.push(misfit("proxyProtocol", valid, { ...each, given }));
  }
  return problems;
}

function misfit(
  name: "keepAliveTimeoutMs" | "proxyProtocol",
  valid: string,
  { prefix, entry, listener, given }: Given & { given: GivenByPath },
): SettingProblem {
  const isOwn = entry[name] !== undefined;
  const { timeouts, forwarding } = listener;
  const value = { ...timeouts, ...forwarding }[name];
  const origin = given.get(isOwn ? "listen" : name)?.origin ?? "default";
  const path = isOwn ? prefix + name : name;
  return { type: "invalidValue", path, value, origin, valid };
}

/** Listeners that want one address. */
function rivals(all: readonly Given[], origin: string): SettingProblem[] {
  return all.flatMap(({ listener, prefix }, index) => {
    const before = all.slice(0, index);
    const rival = before.find((other) => {
      return isSamePlace(other.listener.address, listener.address);
    });
    if (!rival) return [];
    const path = prefix.slice(0, -1);
    const value = listener.address;
    const valid = validBeside(rival, listener);
    return [{ type: "invalidValue", path, value, origin, valid }];
  });
}

type Address = ListenerSettings["address"];

function isSamePlace(one: Address, other: Address): boolean {
  if ("socketPath" in one || "socketPath" in other) {
    return (
      "socketPath" in one &&
      "socketPath" in other &&
      one.socketPath === other.socketPath
    );
  }
  // Each of those who want any port gets one of its own.
  if (one.port !== other.port || one.port === 0) return false;
  return (
    one.host === other.host ||
    takesIpv4Of(one, other) ||
    takesIpv4Of(other, one)
  );
}

type PortAddress = Extract<Address, { port: number }>;

/** "::" is all addresses of IPv4 too, if nobody says otherwise. */
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

/** Known at once, and not only when the first worker fails of it. */
function unusableTlsFiles(
  all: readonly Given[],
  given: GivenByPath,
): SettingProblem[] {
  const problems = all.flatMap((each) => tlsFileProblems(each, given));
  return withoutRepeats(problems);
}

/** What is outside the list is of several listeners. */
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
