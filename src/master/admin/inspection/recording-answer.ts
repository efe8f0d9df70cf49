import type {
  InspectionAction,
  InspectionLine,
  InspectionProgress,
} from "../../../shared/control/control-answer.ts";
import { dataFrames, frameOf } from "../../../shared/inspection/frames.ts";
import type { InspectionTask } from "../../../shared/inspection/watchdog-channel.ts";
import type { WorkerHandle } from "../../supervisor/workers/worker-handle.ts";
import type { AdminStream, StreamClient } from "../admin-server.ts";
import type { InspectionCalls, InspectionReport } from "./inspection-calls.ts";
import { outcomeOf } from "./outcome-of.ts";
import type { InspectionQuery } from "./read-inspection.ts";

export interface Recording {
  readonly calls: InspectionCalls;
  readonly action: InspectionAction;
  readonly query: InspectionQuery;
  readonly what: InspectionTask;
}

/** Frames: steps, parts of the file, and the outcome. */
export function recordingAnswer(recording: Recording): AdminStream {
  const body = (write: Write, client: StreamClient) => {
    return new Promise<void>((resolve) => {
      let worker: WorkerHandle | undefined;
      const { calls, query, what } = recording;
      const cancel = calls.begin({ what, ...query }, (report) => {
        worker = report.worker;
        tell(write, report, recording.action);
        if (report.event.type !== "ended") return;
        // No "drain" follows if the last data has paused it.
        worker?.resumeWatchdog();
        resolve();
      });
      client.onDrain(() => worker?.resumeWatchdog());
      client.signal.addEventListener("abort", () => {
        cancel();
        worker?.resumeWatchdog();
        resolve();
      });
    });
  };
  return { status: 200, contentType: "application/octet-stream", body };
}

type Write = (piece: Uint8Array) => boolean;

function tell(
  write: Write,
  { worker, event }: InspectionReport,
  action: InspectionAction,
): void {
  const send = (line: InspectionLine) => write(frameOf(line));
  const step = (inspection: InspectionProgress) => send({ inspection });
  switch (event.type) {
    case "chosen": {
      if (!worker) break;
      const { slot, pid, memoryBytes } = worker;
      step({ step: "chosen", slot, pid, memoryBytes });
      break;
    }
    case "begun":
      step({ step: "begun" });
      break;
    case "progress":
      step({ step: "reading", done: event.done, total: event.total });
      break;
    case "data": {
      let keepsUp = true;
      for (const frame of dataFrames({}, event.data)) {
        keepsUp = write(frame);
      }
      if (!keepsUp) worker?.pauseWatchdog();
      break;
    }
    case "taken":
      step({ step: "taken", seconds: event.seconds });
      break;
    case "ended":
      send({ outcome: outcomeOf(action, event) });
      break;
    case "opened":
    case "stacks":
      break; // of other calls
    default:
      event satisfies never;
  }
}
