import type { Debugger, InspectorNotification, Session } from "node:inspector";

/** What a loop does shows when one looks more than once. */
const SAMPLES = 3;
const SAMPLE_INTERVAL_MS = 50;
/** A thread that runs no JavaScript does not stop for us. */
const TIMEOUT_MS = 1_700;
const MAX_FRAMES = 30;

/**
 * What the main thread is at, seen from another thread of the process: its
 * debugger interrupts it for a moment, in the midst of a loop or of a regular
 * expression too. Fewer stacks, or none, where it is in native code, or idle.
 */
export async function sampleStacks(): Promise<string[][]> {
  // Not there in every build of Node.
  const { Session, url } = await import("node:inspector");
  if (url()) return []; // somebody debugs it
  const session = new Session();
  session.connectToMainThread();
  const files = new Map<string, string>();
  session.on("Debugger.scriptParsed", ({ params }) => {
    files.set(params.scriptId, params.url.replace("file://", ""));
  });
  try {
    session.post("Debugger.enable");
    const deadline = performance.now() + TIMEOUT_MS;
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
