/** Has a daemon record something in a worker, and writes it into a file. */
import type {
  ControlOutcome,
  InspectionLine,
  InspectionProgress,
} from "../../shared/control/control-answer.ts";
import type { DaemonTarget } from "../command-line/daemon-flags.ts";
import { askDaemon } from "../daemon/ask-daemon.ts";
import type { ControlClient } from "../daemon/control-client.ts";
import { outcomeIn } from "../daemon/outcome-in.ts";
import { bytesText } from "../display/format.ts";
import type { Output } from "../display/visible-output.ts";
import { exitCode } from "../exit-code.ts";
import { OutputFile } from "./output-file.ts";

export interface FileRecording {
  /** Begins the message of a failure. */
  readonly name: string;
  /** After `/control/`, with the query. */
  readonly path: string;
  /** Of the file, without a dot. */
  readonly extension: string;
  /** Undefined: a name with the slot and the time, in the working folder. */
  readonly output: string | undefined;
  /** The line for a step; undefined: none. */
  readonly text: (progress: InspectionProgress) => string | undefined;
}

type Chosen = Extract<InspectionProgress, { readonly step: "chosen" }>;

const GONE = "the daemon went away before the end";
const END_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * @returns the exit code
 * @throws Error if the file cannot be written, or the daemon goes away
 */
export function recordFile(
  target: DaemonTarget,
  recording: FileRecording,
): Promise<number> {
  if (recording.output !== undefined) OutputFile.checkFree(recording.output);
  return askDaemon(target, async ({ client }, output) => {
    const interrupt = new AbortController();
    const onSignal = () => interrupt.abort();
    for (const signal of END_SIGNALS) process.on(signal, onSignal);
    const receiver = new Receiver(recording, output);
    try {
      const outcome = await receive(client, receiver, interrupt.signal);
      return await receiver.finish(outcome);
    } catch (error) {
      if (!interrupt.signal.aborted) throw error;
      output.err(`${recording.name} was interrupted; no file is written`);
      return exitCode.failed;
    } finally {
      await receiver.close();
      for (const signal of END_SIGNALS) process.off(signal, onSignal);
    }
  });
}

/** @throws Error if the answer ends without an outcome */
async function receive(
  client: ControlClient,
  receiver: Receiver,
  signal: AbortSignal,
): Promise<ControlOutcome> {
  const path = `/control/${receiver.recording.path}`;
  const frames = client.postForFrames(path, signal);
  for (;;) {
    const { done, value } = await frames.next().catch((cause) => {
      throw new Error(GONE, { cause });
    });
    if (done) {
      if (value !== undefined) return outcomeIn(value);
      throw new Error(GONE);
    }
    const line = value.head as InspectionLine;
    if ("outcome" in line) return line.outcome;
    if ("inspection" in line) await receiver.onProgress(line.inspection);
    if (value.data) await receiver.onData(value.data);
  }
}

class Receiver {
  readonly recording: FileRecording;
  readonly #output: Output;
  #file: OutputFile | undefined;

  constructor(recording: FileRecording, output: Output) {
    this.recording = recording;
    this.#output = output;
  }

  async onProgress(progress: InspectionProgress): Promise<void> {
    if (progress.step === "chosen") {
      const { output = defaultName(this.recording, progress) } = this.recording;
      this.#file = await OutputFile.create(output);
    }
    const text = this.recording.text(progress);
    if (text !== undefined) this.#output.out(text);
  }

  async onData(data: Buffer): Promise<void> {
    await this.#file?.write(data);
  }

  /** @returns the exit code */
  async finish({ result, error = "" }: ControlOutcome): Promise<number> {
    const file = this.#file;
    if (result !== "success" || !file) {
      this.#output.err(`${this.recording.name} ${wordFor(result)}: ${error}`);
      return exitCode.failed;
    }
    await file.finish();
    this.#file = undefined;
    this.#output.out(`wrote ${file.path} (${bytesText(file.bytes)})`);
    return exitCode.done;
  }

  /** Removes a file that is not complete. */
  async close(): Promise<void> {
    await this.#file?.discard();
  }
}

function wordFor(result: ControlOutcome["result"]): string {
  return result === "refused" ? "refused" : "failed";
}

/** `remuda-worker-2-20260102T030405Z.cpuprofile` */
function defaultName({ extension }: FileRecording, { slot }: Chosen): string {
  const at = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "");
  return `remuda-worker-${slot}-${at}.${extension}`;
}
