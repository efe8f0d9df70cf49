/** The open reloads, and the promises of their outcomes. */

import type { DecisionParts } from "../supervisor-parts.ts";
import type { ReloadEnd, ReloadOutcome } from "./reload-outcome.ts";

export type ReloadEnding = Pick<ReloadOutcome, "result" | "error">;

interface ReloadRequest {
  readonly number: number;
  /** Set when the rollout begins. */
  generation?: number;
  warnings?: readonly string[];
  supersededBy?: ReloadRequest;
  readonly resolve: (outcome: ReloadOutcome) => void;
  readonly ended: Promise<ReloadOutcome>;
}

const STOPPED = {
  result: "stopped",
  error: "the server is stopping",
} as const satisfies ReloadEnding;

export class ReloadRequests {
  readonly #parts: Pick<DecisionParts, "counters" | "effects">;
  /** The open requests, oldest first. */
  readonly #open: ReloadRequest[] = [];
  /** The next request: callers may wait for it before it exists. */
  #next = newRequest(1);
  /** The newest request whose rollout has begun. */
  #begun: ReloadRequest | undefined;
  #last: ReloadOutcome | undefined;

  constructor(parts: Pick<DecisionParts, "counters" | "effects">) {
    this.#parts = parts;
  }

  /** Whether any reload is open. */
  get areOpen(): boolean {
    return this.#open.length > 0;
  }

  /** Outcome of the last ended reload. */
  get last(): ReloadOutcome | undefined {
    return this.#last;
  }

  /** Outcome of the newest open reload; if none is open, of the next one. */
  whenEnded(): Promise<ReloadOutcome> {
    return this.#newest.ended;
  }

  /** Like `whenEnded()`, but follows the reload that supersedes it. */
  async whenDecided(): Promise<ReloadEnd> {
    let request = this.#newest;
    let outcome = await request.ended;
    const isSuperseded = request.supersededBy !== undefined;
    while (request.supersededBy) {
      request = request.supersededBy;
      outcome = await request.ended;
    }
    return { ...outcome, isSuperseded };
  }

  /** @returns the number of the new request */
  add(): number {
    const request = this.#next;
    this.#next = newRequest(request.number + 1);
    this.#open.push(request);
    return request.number;
  }

  /** Whether the rollout of a newer request has begun. */
  isOvertaken(number: number): boolean {
    return number < (this.#begun?.number ?? 0);
  }

  /** Begins the rollout of the request, which supersedes one in progress. */
  begin(
    number: number,
    generation: number,
    warnings: readonly string[] = [],
  ): void {
    const request = this.#find(number);
    if (!request) return;
    const rolledOut = this.#rolledOut;
    request.generation = generation;
    if (warnings.length > 0) request.warnings = warnings;
    this.#begun = request;
    if (rolledOut) this.#supersede(rolledOut, request);
  }

  /** Ends a request that was superseded before its rollout could begin. */
  dropOvertaken(number: number): void {
    const request = this.#find(number);
    if (request && this.#begun) this.#supersede(request, this.#begun);
  }

  refuse(number: number, error: string): void {
    const request = this.#find(number);
    if (request) this.#end(request, { result: "refused", error });
  }

  /** Ends the reload whose rollout is in progress. */
  endRollout(ending: ReloadEnding): void {
    const rolledOut = this.#rolledOut;
    if (rolledOut) this.#end(rolledOut, ending);
  }

  /** Ends all open requests, and the next one. */
  stop(): void {
    for (const request of [...this.#open]) this.#close(request, STOPPED);
    this.#next.resolve(outcomeOf(STOPPED));
  }

  get #newest(): ReloadRequest {
    return this.#open.at(-1) ?? this.#next;
  }

  get #rolledOut(): ReloadRequest | undefined {
    return this.#open.find(({ generation }) => generation !== undefined);
  }

  #find(number: number): ReloadRequest | undefined {
    return this.#open.find((request) => request.number === number);
  }

  #supersede(request: ReloadRequest, by: ReloadRequest): void {
    request.supersededBy = by;
    this.#end(request, { result: "superseded" });
  }

  #end(request: ReloadRequest, ending: ReloadEnding): void {
    const outcome = this.#close(request, ending);
    if (this.#open.length > 0) return;
    this.#parts.effects.push({ type: "reloadEnded", outcome });
  }

  #close(request: ReloadRequest, ending: ReloadEnding): ReloadOutcome {
    this.#open.splice(this.#open.indexOf(request), 1);
    this.#parts.counters.count("reloads", ending.result);
    const outcome = outcomeOf(ending, request);
    this.#last = outcome;
    request.resolve(outcome);
    return outcome;
  }
}

function newRequest(number: number): ReloadRequest {
  let resolve: ReloadRequest["resolve"] = () => {};
  const ended = new Promise<ReloadOutcome>((resolveEnded) => {
    resolve = resolveEnded;
  });
  return { number, resolve, ended };
}

function outcomeOf(
  ending: ReloadEnding,
  { generation, warnings }: Partial<ReloadRequest> = {},
): ReloadOutcome {
  return {
    ...ending,
    ...(generation !== undefined && { generation }),
    ...(warnings && { warnings }),
    at: new Date().toISOString(),
  };
}
