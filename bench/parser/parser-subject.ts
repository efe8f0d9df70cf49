/** What is wanted of a head: the parsers spend their time at different times. */
export type Task = (typeof TASKS)[number];

export const TASKS = ["head", "two fields", "all fields"] as const;

/** Of the two that "two fields" asks for, in the order of asking. */
export const WANTED_FIELDS = ["host", "accept"] as const;

/**
 * Parses heads that come whole, as those of one keep-alive connection do. The
 * number says what was got of the head, in characters: of its target, and of
 * what the task is about. So nothing that is asked for can be left out, and
 * parsers can be seen to have done the same.
 */
export type ParseHead = (head: Buffer) => number;

export interface ParserSubject {
  readonly name: "remuda" | "HTTPParser";
  readonly connect: (task: Task) => ParseHead;
}
