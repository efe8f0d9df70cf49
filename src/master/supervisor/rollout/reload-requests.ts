/** Reloads that were asked for, and who waits for their end. */
import type { Counters } from "../../../shared/metrics/counters.ts";
import type { ReloadEnd, ReloadOutcome } from "./reload-outcome.ts";

export type ReloadEnding = Pick<ReloadOutcome, "result" | "error">;

interface ReloadRequest {
  readonly number: number;
  /** Once its roll has begun. */
  generation?: number;
  warnings?: readonly string[];
  /** The one that took its place. */
  successor?: ReloadRequest;
  readonly tell: (outcome: ReloadOutcome) => void;
  readonly ended: Promise<ReloadOutcome>;
}

const STOPPED = {
  result: "stopped",
  error: "the server is stopping",
} as const satisfies ReloadEnding;

export class ReloadRequests {
  readonly #counters: Counters;
  readonly #onAllEnded: (outcome: ReloadOutcome) => void;
  /** In the order in which they came; those that have ended are not there. */
  readonly #open: ReloadRequest[] = [];
  /** The next one: it may be waited for before it is asked for. */
  #next = newRequest(1);
  /** The newest whose roll has begun. */
  #begun: ReloadRequest | undefined;
  #last: ReloadOutcome | undefined;

  /** @param onAllEnded none is open any more; not called by `stop()` */
  constructor(
    counters: Counters,
    onAllEnded: (outcome: ReloadOutcome) => void,
  ) {
    this.#counters = counters;
    this.#onAllEnded = onAllEnded;
  }

  /** Whether there are some that have not ended. */
  get areOpen(): boolean {
    return this.#open.length > 0;
  }

  /** How the one went that ended last. */
  get last(): ReloadOutcome | undefined {
    return this.#last;
  }

  /** Of the one that was asked for last; where none is open, of the next. */
  whenEnded(): Promise<ReloadOutcome> {
    return this.#newest.ended;
  }

  /** As `whenEnded()`; of one that is superseded, the end of its successor. */
  async whenDecided(): Promise<ReloadEnd> {
    let request = this.#newest;
    let outcome = await request.ended;
    const isSuperseded = request.successor !== undefined;
    while (request.successor) {
      request = request.successor;
      outcome = await request.ended;
    }
    return { ...outcome, isSuperseded };
  }

  /** @returns its number */
  add(): number {
    const request = this.#next;
    this.#next = newRequest(request.number + 1);
    this.#open.push(request);
    return request.number;
  }

  /** Whether a newer one has begun its roll already. */
  isOvertaken(number: number): boolean {
    return number < (this.#begun?.number ?? 0);
  }

  /** Its roll begins; one whose roll is under way is superseded by it. */
  begin(
    number: number,
    generation: number,
    warnings: readonly string[] = [],
  ): void {
    const request = this.#find(number);
    if (!request) return;
    const rolling = this.#rolling;
    request.generation = generation;
    if (warnings.length > 0) request.warnings = warnings;
    this.#begun = request;
    if (rolling) this.#supersede(rolling, request);
  }

  /** It was overtaken before its roll could begin. */
  dropOvertaken(number: number): void {
    const request = this.#find(number);
    if (request && this.#begun) this.#supersede(request, this.#begun);
  }

  refuse(number: number, error: string): void {
    const request = this.#find(number);
    if (request) this.#end(request, { result: "refused", error });
  }

  /** Ends the one whose roll is under way. */
  endRolling(ending: ReloadEnding): void {
    const rolling = this.#rolling;
    if (rolling) this.#end(rolling, ending);
  }

  /** Ends those that are open, and whatever is asked for from now on. */
  stop(): void {
    for (const request of [...this.#open]) this.#close(request, STOPPED);
    this.#next.tell(outcomeOf(STOPPED));
  }

  get #newest(): ReloadRequest {
    return this.#open.at(-1) ?? this.#next;
  }

  get #rolling(): ReloadRequest | undefined {
    return this.#open.find(({ generation }) => generation !== undefined);
  }

  #find(number: number): ReloadRequest | undefined {
    return this.#open.find((request) => request.number === number);
  }

  #supersede(request: ReloadRequest, successor: ReloadRequest): void {
    request.successor = successor;
    this.#end(request, { result: "superseded" });
  }

  #end(request: ReloadRequest, ending: ReloadEnding): void {
    const outcome = this.#close(request, ending);
    if (this.#open.length === 0) this.#onAllEnded(outcome);
  }

  #close(request: ReloadRequest, ending: ReloadEnding): ReloadOutcome {
    this.#open.splice(this.#open.indexOf(request), 1);
    this.#counters.count("reloads", ending.result);
    const outcome = outcomeOf(ending, request);
    this.#last = outcome;
    request.tell(outcome);
    return outcome;
  }
}

function newRequest(number: number): ReloadRequest {
  let tell: ReloadRequest["tell"] = () => {};
  const ended = new Promise<ReloadOutcome>((resolve) => {
    tell = resolve;
  });
  return { number, tell, ended };
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
