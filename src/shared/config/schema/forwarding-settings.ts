/**
 * The load balancer in front of a listener: which proxies it trusts to name the
 * client, and how long the balancer keeps idle connections.
 */
import * as z from "zod";
import { addressList } from "../../addresses/address-list.ts";
import {
  choice,
  documented,
  durationMs,
  integer,
  type SettingDoc,
} from "./setting-kinds.ts";

/** RFC 7239, or the older fields; a server reads one of the two. */
const FORWARDED = "Forwarded";
const X_FORWARDED = [
  "X-Forwarded-For",
  "X-Forwarded-Proto",
  "X-Forwarded-Host",
] as const;

export type ForwardedFieldName =
  | typeof FORWARDED
  | (typeof X_FORWARDED)[number];

const forwardedFieldNames = z
  .array(z.enum([FORWARDED, ...X_FORWARDED]))
  .refine((names) => !names.includes(FORWARDED) || names.length === 1);

const trustedPeers = z.array(z.string()).refine((entries) => {
  try {
    addressList("trustProxy", entries);
    return true;
  } catch {
    return false;
  }
});

/** Length of a version 2 header with the paths of two Unix sockets. */
const MIN_PROXY_HEADER_BYTES = 232;
const MAX_PROXY_HEADER_BYTES = 16 + 65_535;

export const forwardingSettings = {
  trustProxy: documented(
    trustedPeers.default([]),
    "Proxies trusted to name the client, separated by commas",
    'a list of addresses, networks as "10.0.0.0/8", and "unix"',
  ),
  forwardedFields: documented(
    forwardedFieldNames.default(["X-Forwarded-For", "X-Forwarded-Proto"]),
    "Fields that those proxies set; no others are trusted",
    `a list of ${X_FORWARDED.join(", ")}; or ${FORWARDED} alone`,
  ),
  proxyProtocol: choice(
    ["refused", "required"],
    "refused",
    "Whether connections begin with a header of the PROXY protocol",
  ),
  maxProxyHeaderBytes: integer(
    4_096,
    "Connections with a longer PROXY header are closed",
    MIN_PROXY_HEADER_BYTES,
    MAX_PROXY_HEADER_BYTES,
  ),
  proxyHeaderTimeoutMs: durationMs(
    5_000,
    "Time limit of a PROXY header; then the connection is closed",
  ),
  loadBalancerIdleMs: durationMs(
    0,
    "How long the balancer keeps an idle connection; 0: unknown",
    0,
  ),
  readinessPath: z
    .string()
    .regex(/^\/[^?#\s]*$/)
    .optional()
    .meta({
      help: "Path on which a worker reports whether the server is ready",
      valid: "a path from / on, without a query",
    } satisfies SettingDoc),
};
