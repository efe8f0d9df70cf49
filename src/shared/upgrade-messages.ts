/**
 * Messages between the outgoing and the incoming master. Their versions may
 * differ. An unknown message ends the upgrade, and the outgoing master
 * continues.
 *
 *     incoming                     outgoing
 *     hello, workers … ──────────► (starting)
 *                      ◄────────── welcome
 *     ready            ──────────►
 *                      ◄────────── takeOver     (handing over)
 *     taken            ──────────►
 *                      ◄────────── released     (its workers drain)
 *     settled          ──────────►
 *                      ◄────────── counted, connection …
 */
import * as z from "zod";
import { handoverTotalsSchema } from "./metrics/handover-totals.ts";

/** Increment for a change that older versions would misinterpret. */
export const UPGRADE_PROTOCOL = 1;

/** Settings that the incoming master must not drop silently. */
const inForce = z.object({
  /** An absolute path. */
  configFile: z.string().optional(),
  app: z.string().optional(),
  /** Names of the listeners that have TLS. */
  tls: z.array(z.string()),
});

/** Ids of a span of OpenTelemetry. */
const spanIds = z.object({
  traceId: z.string(),
  spanId: z.string(),
  traceFlags: z.int(),
});

/** The answer to "hello". */
const welcome = z.object({
  type: z.literal("welcome"),
  /** The newest generation so far. */
  generation: z.int().min(1),
  /** Target number of workers. */
  workers: z.int().min(1),
  /** Keys of TLS session tickets: 48 secret bytes, as base64. */
  ticketKeys: z.string(),
  /** Older versions do not send it. */
  inForce: inForce.optional(),
  /** The span of the upgrade, if it is traced. */
  span: spanIds.optional(),
});

/** The answer to "ready". From here on neither master answers scrapes. */
const takeOver = z.object({
  type: z.literal("takeOver"),
  totals: handoverTotalsSchema,
});

/** The answer to "taken": the incoming master is the master from here on. */
const released = z.object({
  type: z.literal("released"),
  totals: handoverTotalsSchema,
});

/** The totals so far; sent repeatedly while the outgoing master drains. */
const counted = z.object({
  type: z.literal("counted"),
  totals: handoverTotalsSchema,
});

/** Carries the handle of a connection that no outgoing worker has taken. */
const connection = z.object({
  type: z.literal("connection"),
  /** Name of the listener that accepted it. */
  listener: z.string(),
});

/** The upgrade has failed: the incoming master must exit. */
const abort = z.object({ type: z.literal("abort") });

/** From the outgoing master. */
export const toIncomingSchema = z.discriminatedUnion("type", [
  welcome,
  takeOver,
  released,
  counted,
  connection,
  abort,
]);

const hello = z.object({ type: z.literal("hello"), protocol: z.int() });

/** Workers of the incoming master, to kill if the upgrade fails. */
const workers = z.object({
  type: z.literal("workers"),
  pids: z.array(z.int().min(1)),
});

/** The incoming master cannot start, and exits. */
const failed = z.object({ type: z.literal("failed"), message: z.string() });

/** All workers are ready and accept clients. */
const ready = z.object({
  type: z.literal("ready"),
  /** Names of the inherited sockets that it continues to use. */
  sockets: z.array(z.string()),
});

/** The totals are recorded, and the admin port is open. */
const taken = z.object({ type: z.literal("taken") });

/** The incoming master is announced, so the outgoing master may exit. */
const settled = z.object({ type: z.literal("settled") });

/** From the incoming master. */
export const fromIncomingSchema = z.discriminatedUnion("type", [
  hello,
  workers,
  failed,
  ready,
  taken,
  settled,
]);

export type SpanIds = z.infer<typeof spanIds>;
export type InForce = z.infer<typeof inForce>;
export type ToIncoming = z.infer<typeof toIncomingSchema>;
export type FromIncoming = z.infer<typeof fromIncomingSchema>;
