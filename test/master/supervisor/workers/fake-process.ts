import type {
  ForkProcess,
  ProcessEvents,
  WorkerProcess,
} from "../../../../src/master/supervisor/workers/worker-process.ts";
import type {
  MasterMessage,
  RawHandle,
  WorkerMessage,
} from "../../../../src/shared/ipc-messages.ts";
import type { StackAnswer } from "../../../../src/shared/watchdog-channel.ts";
import { quietReport } from "../../metrics/worker-reports.ts";

/** A worker process that a test plays: it does only what it is told to. */
export class PlayedProcess implements WorkerProcess {
  readonly id: number;
  readonly pid: number;
  /** What the master told it. */
  readonly heard: MasterMessage["type"][] = [];
  readonly handles: RawHandle[] = [];
  readonly signals: NodeJS.Signals[] = [];
  /** What its watchdog answers; undefined where it does not. */
  stacks: string[][] | undefined = [];
  readonly #events: ProcessEvents;
  #isReady = false;

  constructor(id: number, pid: number, events: ProcessEvents) {
    this.id = id;
    this.pid = pid;
    this.#events = events;
  }

  send({ type }: MasterMessage, handle?: RawHandle): void {
    this.heard.push(type);
    if (handle) this.handles.push(handle);
  }

  kill(signal: NodeJS.Signals): void {
    this.signals.push(signal);
  }

  askForStacks(tell: (answer: StackAnswer) => void): void {
    if (this.stacks) tell({ stacks: this.stacks });
  }

  /** Anything but a message of a worker costs it its life. */
  say(message: WorkerMessage): void {
    this.#events.onMessage(message);
  }

  /** It is once; then it goes on. */
  becomeReady(): void {
    if (this.#isReady) return;
    this.#isReady = true;
    this.say({ type: "hello" });
    this.say({ type: "ready", routes: [] });
  }

  beat(eventLoopUtilization = 0): void {
    const quiet = quietReport();
    const gauges = { ...quiet.gauges, eventLoopUtilization };
    this.say({ type: "heartbeat", report: { ...quiet, gauges } });
  }

  fail(message: string, stack?: string): void {
    this.say({ type: "failed", message, stack });
    this.exit(1);
  }

  leave(): void {
    this.say({ type: "leaving", report: quietReport() });
    this.exit(0);
  }

  exit(code: number | null, signal: NodeJS.Signals | null = null): void {
    this.endProcess(code, signal);
    this.closeChannel();
  }

  endProcess(code: number | null, signal: NodeJS.Signals | null = null): void {
    this.#events.onExit({ code, signal });
  }

  closeChannel(): void {
    this.#events.onDisconnect();
  }

  neverStart(error: Error): void {
    this.#events.onForkFailed(error);
  }
}

/** Forks such processes, and what it has forked. */
export function playedFork(firstPid = 1001): {
  readonly fork: ForkProcess;
  readonly processes: PlayedProcess[];
} {
  const processes: PlayedProcess[] = [];
  const fork: ForkProcess = (events) => {
    const count = processes.length;
    const played = new PlayedProcess(count + 1, firstPid + count, events);
    processes.push(played);
    return played;
  };
  return { fork, processes };
}
