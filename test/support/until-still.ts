import { waitUntil } from "./wait-until.ts";

const STILL_POLLS = 20;

/**
 * Waits until a count has started and then stops changing, which shows that the
 * counted work is blocked.
 *
 * @param what completes "waited for … to stand still" in the error
 */
export async function untilStill(
  count: () => number,
  what: string,
): Promise<void> {
  let last = 0;
  let polls = 0;
  await waitUntil(
    () => {
      const now = count();
      polls = now === last && now > 0 ? polls + 1 : 0;
      last = now;
      return polls === STILL_POLLS;
    },
    { what: `${what} to stand still` },
  );
}
