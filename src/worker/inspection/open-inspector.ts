import type { MainThread } from "./main-thread.ts";

interface Evaluated {
  readonly result: { readonly value?: unknown };
  readonly exceptionDetails?: {
    readonly exception?: { readonly description?: string };
  };
}

const INSPECTOR = 'process.getBuiltinModule("node:inspector")';

/** Another one may have been opened by `--inspect`. */
const OPEN = `(() => {
  const inspector = ${INSPECTOR};
  if (inspector.url()) throw new Error("it is open at " + inspector.url());
  inspector.open(0, "127.0.0.1");
  return inspector.url();
})()`;

const CLOSE = `${INSPECTOR}.close()`;

/** The main thread may be paused at a breakpoint, or its loop be blocked. */
export async function openInspector(main: MainThread): Promise<string> {
  return String(await evaluate(main, OPEN));
}

/** Cuts the connections of debuggers; a paused main thread goes on. */
export async function closeInspector(main: MainThread): Promise<void> {
  await evaluate(main, CLOSE);
}

/** @throws Error if the expression throws */
async function evaluate(main: MainThread, expression: string) {
  const { result, exceptionDetails } = await main.call<Evaluated>(
    "Runtime.evaluate",
    { expression, returnByValue: true },
  );
  if (!exceptionDetails) return result.value;
  const [line = "it failed"] =
    exceptionDetails.exception?.description?.split("\n") ?? [];
  throw new Error(line);
}
