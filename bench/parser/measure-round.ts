import { BENCH_HEADS, type BenchHead } from "./bench-heads.ts";
import { nodeParser } from "./node-parser.ts";
import { type ParseHead, TASKS, type Task } from "./parser-subject.ts";
import { remudaParser } from "./remuda-parser.ts";

/** How long each parser works on each head for each task. */
export interface ParserEffort {
  readonly warmupMs: number;
  readonly millis: number;
}

/** Nanoseconds of CPU time for a head. */
export interface ParserSample {
  readonly head: string;
  readonly headBytes: number;
  readonly task: Task;
  readonly remuda: number;
  readonly httpParser: number;
}

/** A power of two: the next variant is found by a mask. */
const VARIANTS = 16;
/** Parsers take turns so often that the same disturbances hit them both. */
const TURN_MS = 10;

interface Contender {
  readonly parse: ParseHead;
  headsPerTurn: number;
  cpuMicros: number;
  heads: number;
}

/** All heads and tasks, once. @throws Error where parsers do not agree */
export function measureRound(effort: ParserEffort): ParserSample[] {
  return BENCH_HEADS.flatMap((head) => {
    return TASKS.map((task) => measure(head, task, effort));
  });
}

function measure(
  head: BenchHead,
  task: Task,
  { warmupMs, millis }: ParserEffort,
): ParserSample {
  const wires = Array.from({ length: VARIANTS }, (_, index) => {
    return Buffer.from(head.wire(index), "latin1");
  });
  const remuda = contender(remudaParser.connect(task));
  const httpParser = contender(nodeParser.connect(task));
  checkAgreement(remuda, httpParser, wires);
  for (const one of [remuda, httpParser]) warmUp(one, wires, warmupMs);
  const turns = Math.ceil(millis / TURN_MS);
  for (let turn = 0; turn < turns; turn++) {
    for (const one of [remuda, httpParser]) takeTurn(one, wires);
  }
  return {
    head: head.name,
    headBytes: wires[0]?.length ?? 0,
    task,
    remuda: nanosPerHead(remuda),
    httpParser: nanosPerHead(httpParser),
  };
}

function contender(parse: ParseHead): Contender {
  return { parse, headsPerTurn: 0, cpuMicros: 0, heads: 0 };
}

function checkAgreement(
  one: Contender,
  other: Contender,
  wires: readonly Buffer[],
): void {
  for (const wire of wires) {
    const [got, expected] = [one.parse(wire), other.parse(wire)];
    if (got === expected) continue;
    throw new Error(`${got} characters, not ${expected}, of ${wire}`);
  }
}

/** Also finds out how many heads make a turn. */
function warmUp(
  one: Contender,
  wires: readonly Buffer[],
  warmupMs: number,
): void {
  const startedAt = performance.now();
  let heads = 0;
  let elapsedMs = 0;
  while (elapsedMs < warmupMs) {
    parseHeads(one.parse, wires, VARIANTS);
    heads += VARIANTS;
    elapsedMs = performance.now() - startedAt;
  }
  one.headsPerTurn = Math.ceil((heads * TURN_MS) / elapsedMs);
}

function takeTurn(one: Contender, wires: readonly Buffer[]): void {
  const before = process.cpuUsage();
  parseHeads(one.parse, wires, one.headsPerTurn);
  const { user, system } = process.cpuUsage(before);
  one.cpuMicros += user + system;
  one.heads += one.headsPerTurn;
}

function parseHeads(
  parse: ParseHead,
  wires: readonly Buffer[],
  heads: number,
): void {
  let size = 0;
  for (let index = 0; index < heads; index++) {
    size += parse(wires[index & (VARIANTS - 1)] as Buffer);
  }
  if (size === 0) throw new Error("nothing was got of the heads");
}

function nanosPerHead({ cpuMicros, heads }: Contender): number {
  return (cpuMicros * 1000) / heads;
}
