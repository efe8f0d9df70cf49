import type { Debugger, InspectorNotification, Session } from "node:inspector";

const SAMPLE_INTERVAL_MS = 50;
const MAX_FRAMES = 30;

export interface SampleOptions {
  readonly samples: number;
  /** The debugger cannot pause a thread that runs no JavaScript. */
  readonly timeoutMs: number;
}

/**
 * Samples the stacks of the main thread from another thread. The debugger
 * pauses the main thread briefly, even inside a loop or a regular expression.
 * Returns fewer stacks, or none, if it runs native code or is idle.
 */
export async function sampleStacks({
  samples,
  timeoutMs,
}: SampleOptions): Promise<string[][]> {
  // Some builds of Node.js lack the inspector.
  const { Session, url } = await import("node:inspector");
  if (url()) return []; // a debugger is attached
  const session = new Session();
  session.connectToMainThread();
  const files = new Map<string, string>();
  session.on("Debugger.scriptParsed", ({ params }) => {
    files.set(params.scriptId, params.url.replace("file://", ""));
  });
  try {
    session.post("Debugger.enable");
    const deadline = performance.now() + timeoutMs;
    const stacks: string[][] = [];
    while (stacks.length < samples) {
      const frames = await pause(session, deadline - performance.now());
      if (!frames) break;
      stacks.push(frames.map((frame) => textOf(frame, files)));
      session.post("Debugger.resume");
      if (stacks.length === samples) break;
      await new Promise((resolve) => setTimeout(resolve, SAMPLE_INTERVAL_MS));
    }
    return stacks;
  } finally {
    session.disconnect();
  }
}

function pause(
  session: Session,
  timeoutMs: number,
): Promise<Debugger.CallFrame[] | undefined> {
  return new Promise((resolve) => {
    type Paused = InspectorNotification<Debugger.PausedEventDataType>;
    const giveUp = setTimeout(() => resolve(undefined), timeoutMs);
    session.once("Debugger.paused", ({ params }: Paused) => {
      clearTimeout(giveUp);
      resolve(params.callFrames.slice(0, MAX_FRAMES));
    });
    session.post("Debugger.pause");
  });
}

function textOf(
  { functionName, location }: Debugger.CallFrame,
  files: ReadonlyMap<string, string>,
): string {
  const { scriptId, lineNumber, columnNumber = 0 } = location;
  const file = files.get(scriptId) || "?";
  const name = functionName || "<anonymous>";
  return `${name} (${file}:${lineNumber + 1}:${columnNumber + 1})`;
}
