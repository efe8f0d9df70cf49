/**
 * The environment variable in which the outgoing master lists the descriptors
 * that the incoming master inherits.
 */
import * as z from "zod";
import { UPGRADE_PROTOCOL } from "./upgrade-messages.ts";

export const INHERITANCE_VARIABLE = "REMUDA_INHERITED";

/** A socket that another process has bound. */
export interface InheritedSocket {
  readonly fd: number;
  /** Whether neither master may remove the file of the Unix socket. */
  readonly keepsFile: boolean;
}

/** Inherited sockets, by listener name. */
export type Inheritance = ReadonlyMap<string, InheritedSocket>;

const version = z.object({ protocol: z.int() });
const schema = z.object({
  sockets: z.record(
    z.string(),
    z.object({ fd: z.int().min(3), keepsFile: z.boolean() }),
  ),
});

export function writeInheritance(sockets: Inheritance): string {
  return JSON.stringify({
    protocol: UPGRADE_PROTOCOL,
    sockets: Object.fromEntries(sockets),
  });
}

/** @throws Error if the text has another protocol version */
export function readInheritance(text: string): Inheritance {
  const value: unknown = JSON.parse(text);
  const { protocol } = version.parse(value);
  if (protocol !== UPGRADE_PROTOCOL) {
    throw new Error(
      `the running master hands over by protocol ${protocol}, and this ` +
        `version knows ${UPGRADE_PROTOCOL} only: stop it and start anew`,
    );
  }
  return new Map(Object.entries(schema.parse(value).sockets));
}
