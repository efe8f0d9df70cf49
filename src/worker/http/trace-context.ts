/** Runs per request with a trace context. */

import { trimBlanks } from "./fields/trim-blanks.ts";

/** version, trace-id, parent-id, trace-flags: W3C Trace Context §3.2. */
const TRACEPARENT =
  /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const ALL_ZEROS = /^0+$/;

/** §3.3.1.3: the key of a vendor, or of a vendor's tenant, and its value. */
const MEMBER =
  /^(?:[a-z][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13})=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;
const MAX_MEMBERS = 32;

/**
 * The trace that a request belongs to, by https://www.w3.org/TR/trace-context/.
 * Calls made on behalf of the request propagate `fields()`.
 */
export class TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** Id of the caller's span: 16 hexadecimal digits. */
  readonly parentId: string;
  /** Whether the caller may have recorded it. */
  readonly isSampled: boolean;
  /** Vendor-specific data: the value of `tracestate`. */
  readonly state: string | undefined;

  private constructor(init: Omit<TraceContext, "fields">) {
    this.traceId = init.traceId;
    this.parentId = init.parentId;
    this.isSampled = init.isSampled;
    this.state = init.state;
  }

  /**
   * Parses the fields of a request. An invalid state is ignored (§3.3.1);
   * undefined without a valid `traceparent` (§3.2.1).
   */
  static parse(
    traceparent: string | undefined,
    tracestate?: string,
  ): TraceContext | undefined {
    const found = TRACEPARENT.exec(traceparent ?? "");
    if (!found) return undefined;
    const [, version, traceId = "", parentId = "", flags = "", more] = found;
    // §3.2.2.2: only later versions may have more parts.
    if (version === "ff" || (version === "00" && more)) return undefined;
    if (ALL_ZEROS.test(traceId) || ALL_ZEROS.test(parentId)) return undefined;
    const isSampled = (Number.parseInt(flags, 16) & 1) === 1;
    const state = isState(tracestate) ? tracestate : undefined;
    return new TraceContext({ traceId, parentId, isSampled, state });
  }

  /** A new trace, which is not sampled. */
  static create(): TraceContext {
    // A version 4 UUID is never zero, and its last seven octets, which samplers
    // use, are random.
    return new TraceContext({
      traceId: crypto.randomUUID().replaceAll("-", ""),
      parentId: crypto.randomUUID().replaceAll("-", "").slice(16),
      isSampled: false,
      state: undefined,
    });
  }

  /** The fields for calls that are made on behalf of the request. */
  fields(): { traceparent: string; tracestate?: string } {
    const flags = this.isSampled ? "01" : "00"; // §3.2.2.5: no other flags
    const traceparent = `00-${this.traceId}-${this.parentId}-${flags}`;
    const { state } = this;
    return state === undefined
      ? { traceparent }
      : { traceparent, tracestate: state };
  }
}

/** Several lines may have been joined with commas (§3.3.1). */
function isState(text: string | undefined): text is string {
  if (text === undefined) return false;
  const keys = new Set<string>();
  for (const each of text.split(",")) {
    const member = trimBlanks(each, 0, each.length);
    if (member === "") continue; // §3.3.1.1
    if (!MEMBER.test(member)) return false;
    const key = member.slice(0, member.indexOf("="));
    if (keys.has(key) || keys.size === MAX_MEMBERS) return false;
    keys.add(key);
  }
  return keys.size > 0;
}
