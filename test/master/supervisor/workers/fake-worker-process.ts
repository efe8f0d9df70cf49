import type {
  ForkProcess,
  ProcessEvents,
  WorkerProcess,
} from "../../../../src/master/supervisor/workers/worker-process.ts";
import type {
  WatchdogAnswer,
  WatchdogQuestion,
} from "../../../../src/shared/inspection/watchdog-channel.ts";
import type {
  MasterMessage,
  RawHandle,
  WorkerMessage,
} from "../../../../src/shared/ipc-messages.ts";
import { quietReport } from "../../metrics/worker-reports.ts";

/** A worker process without a process: the test calls what it does. */
export class FakeWorkerProcess implements WorkerProcess {
  readonly id: number;
  readonly pid: number;
  /** Types of the messages from the master. */
  readonly heard: MasterMessage["type"][] = [];
  readonly handles: RawHandle[] = [];
  readonly signals: NodeJS.Signals[] = [];
  /** Questions to its watchdog. */
  readonly asked: WatchdogQuestion[] = [];
  /** The stacks from its watchdog; undefined if it does not answer. */
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

  askWatchdog(question: WatchdogQuestion): void {
    this.asked.push(question);
    const { type, id } = question;
    if (type === "stacks" && this.stacks) {
      this.answer({ type: "stacks", id, stacks: this.stacks });
    }
  }

  pauseWatchdog(): void {}

  resumeWatchdog(): void {}

  /** Its watchdog answers. */
  answer(answer: WatchdogAnswer, data?: Buffer): void {
    this.#events.onWatchdog(answer, data);
  }

  /** Sends a message to the master. */
  say(message: WorkerMessage): void {
    this.#events.onMessage(message);
  }

  /** Does nothing when called again. */
  becomeReady(): void {
    if (this.#isReady) return;
    this.#isReady = true;
    this.say({ type: "hello" });
    this.say({ type: "ready", routes: [], hasApp: true });
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

/** A fork function, and the processes that it has started. */
export function fakeFork(firstPid = 1001): {
  readonly fork: ForkProcess;
  readonly processes: FakeWorkerProcess[];
} {
  const processes: FakeWorkerProcess[] = [];
  const fork: ForkProcess = (events) => {
    const count = processes.length;
    const fake = new FakeWorkerProcess(count + 1, firstPid + count, events);
    processes.push(fake);
    return fake;
  };
  return { fork, processes };
}
