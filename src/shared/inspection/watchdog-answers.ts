/**
 * Validates answers of a watchdog on arrival, because an app can write to its
 * channel too. Only the master imports this module, so a worker does not load
 * zod.
 */
import * as z from "zod";
import type { WatchdogAnswer } from "./watchdog-channel.ts";

const MAX_TEXT_CHARS = 10_000;

const id = z.int().min(0);
const text = z.string().max(MAX_TEXT_CHARS);
const figure = z.number().min(0);

const schema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("stacks"),
    id,
    stacks: z.array(z.array(text)),
  }),
  z.object({ type: z.literal("begun"), id }),
  z.object({ type: z.literal("opened"), id, url: text }),
  z.object({
    type: z.literal("progress"),
    id,
    done: figure,
    total: figure,
  }),
  z.object({ type: z.literal("data"), id }),
  z.object({ type: z.literal("taken"), id, seconds: figure }),
  z.object({ type: z.literal("done"), id }),
  z.object({ type: z.literal("failed"), id, error: text }),
]);

/** @throws Error if the value is not an answer */
export function parseWatchdogAnswer(value: unknown): WatchdogAnswer {
  return schema.parse(value);
}
