import type { Session } from "node:inspector";

type Send = (
  method: string,
  parameters: object,
  callback: (error: Error | null, result: unknown) => void,
) => void;

/** Together they take as long as an answer may. */
const CONNECT_TIMEOUT_MS = 1_600;
const MAX_ATTEMPTS = 5;

/** Longest time until the main thread answers; it may be collecting garbage. */
const RESPONSE_TIMEOUT_MS = 8_000;

/**
 * The inspector of the main thread, for another thread. V8 handles its commands
 * at the next check for interrupts, so a loop does not delay them; native code
 * does.
 */
export class MainThread {
  readonly #session: Session;

  private constructor(session: Session) {
    this.#session = session;
  }

  /**
   * Connects, and waits until the main thread answers. On Node 26 the commands
   * of a session sometimes do not wake an idle main thread; a new session does.
   *
   * @throws Error if it does not answer, or Node.js has no inspector
   */
  static async connect(): Promise<MainThread> {
    const { Session } = await import("node:inspector");
    for (let attempt = 1; ; attempt++) {
      const session = new Session();
      session.connectToMainThread();
      const main = new MainThread(session);
      try {
        await main.call("Profiler.enable", {}, CONNECT_TIMEOUT_MS);
        return main;
      } catch (error) {
        main.disconnect();
        if (attempt === MAX_ATTEMPTS) throw error;
      }
    }
  }

  /**
   * Calls a method of the DevTools protocol.
   *
   * @param timeoutMs Infinity: no limit
   * @throws Error with the refusal, or if no answer comes in time
   */
  call<Result>(
    method: string,
    parameters: object = {},
    timeoutMs = RESPONSE_TIMEOUT_MS,
  ): Promise<Result> {
    const post = this.#session.post.bind(this.#session) as Send;
    return new Promise((resolve, reject) => {
      const timer =
        timeoutMs === Number.POSITIVE_INFINITY
          ? undefined
          : setTimeout(() => reject(new Error(SILENT)), timeoutMs);
      post(method, parameters, (error, result) => {
        clearTimeout(timer);
        if (error) reject(error);
        else resolve(result as Result);
      });
    });
  }

  on<Params>(event: string, listener: (params: Params) => void): void {
    this.#session.on(event, (message: { params: Params }) => {
      listener(message.params);
    });
  }

  /** Ends what the calls have begun; the main thread goes on if it pauses. */
  disconnect(): void {
    this.#session.disconnect();
  }
}

const SILENT =
  "the main thread does not answer: it runs native code or is stopped";
