import type { Debugger, InspectorNotification, Session } from "node:inspector";

/** Several samples show what a loop does. */
const SAMPLES = 3;
const SAMPLE_INTERVAL_MS = 50;
/** The debugger cannot pause a thread that runs no JavaScript. */
const TIMEOUT_MS = 1_700;
const MAX_FRAMES = 30;

/**
 * Samples the stacks of the main thread from another thread. The debugger
 * pauses the main thread briefly, even inside a loop or a regular expression.
 * Returns fewer stacks, or none, if it runs native code or is idle.
 */
export async function sampleStacks(
  timeoutMs = TIMEOUT_MS,
): Promise<string[][]> {
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
    while (stacks.length < SAMPLES) {
      const frames = await pause(session, deadline - performance.now());
      if (!frames) break;
      stacks.push(frames.map((frame) => textOf(frame, files)));
      session.post("Debugger.resume");
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
