/**
 * What two masters say to each other while the new one takes over. They may be
 * of different versions: what cannot be understood ends the upgrade, never the
 * old master.
 *
 *     new                          old
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

/** To be raised where a master of before would misunderstand. */
export const UPGRADE_PROTOCOL = 1;

/** Settings that the incoming master must not drop silently. */
const inForce = z.object({
  /** Absolute. */
  configFile: z.string().optional(),
  app: z.string().optional(),
  /** The names of the listeners that have TLS. */
  tls: z.array(z.string()),
});

/** The answer to "hello". */
const welcome = z.object({
  type: z.literal("welcome"),
  /** The newest generation until now. */
  generation: z.int().min(1),
  /** How many workers it wants now. */
  workers: z.int().min(1),
  /** Of TLS: 48 secret bytes, as base64. */
  ticketKeys: z.string(),
  /** Masters of before do not say it. */
  inForce: inForce.optional(),
});

/** The answer to "ready". From here on only one of the two answers scrapes. */
const takeOver = z.object({
  type: z.literal("takeOver"),
  totals: handoverTotalsSchema,
});

/** The answer to "taken": the new one is the master now, whatever happens. */
const released = z.object({
  type: z.literal("released"),
  totals: handoverTotalsSchema,
});

/** What there is by now, as the old one's workers drain. */
const counted = z.object({
  type: z.literal("counted"),
  totals: handoverTotalsSchema,
});

/** With the handle of one that none of the old one's workers has taken. */
const connection = z.object({
  type: z.literal("connection"),
  /** The name of the listener that accepted it. */
  listener: z.string(),
});

/** The upgrade has failed: leave. */
const abort = z.object({ type: z.literal("abort") });

/** From the old master. */
export const toSuccessorSchema = z.discriminatedUnion("type", [
  welcome,
  takeOver,
  released,
  counted,
  connection,
  abort,
]);

const hello = z.object({ type: z.literal("hello"), protocol: z.int() });

/** Its workers by now: they must not outlive it where the upgrade fails. */
const workers = z.object({
  type: z.literal("workers"),
  pids: z.array(z.int().min(1)),
});

/** It cannot become the master, and leaves. */
const failed = z.object({ type: z.literal("failed"), message: z.string() });

/** All workers are ready, and clients are accepted. */
const ready = z.object({
  type: z.literal("ready"),
  /** By their names, the sockets of the old one that it goes on with. */
  sockets: z.array(z.string()),
});

/** What was counted is booked, and the admin port is listened on. */
const taken = z.object({ type: z.literal("taken") });

/** The world knows the new master: the old one may leave. */
const settled = z.object({ type: z.literal("settled") });

/** From the new master. */
export const fromSuccessorSchema = z.discriminatedUnion("type", [
  hello,
  workers,
  failed,
  ready,
  taken,
  settled,
]);

export type InForce = z.infer<typeof inForce>;
export type ToSuccessor = z.infer<typeof toSuccessorSchema>;
export type FromSuccessor = z.infer<typeof fromSuccessorSchema>;
