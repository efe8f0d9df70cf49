/**
 * Does one after the other, also where one of them fails: what was measured
 * before and after is not lost.
 *
 * @throws Error in the end, that names those that failed
 */
export async function doAll<Item extends { readonly name: string }>(
  items: readonly Item[],
  act: (item: Item) => Promise<void>,
): Promise<void> {
  const failures: string[] = [];
  for (const item of items) {
    try {
      await act(item);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      process.stderr.write(`${item.name} FAILED: ${why}\n`);
      failures.push(`${item.name}: ${why}`);
    }
  }
  if (failures.length > 0) throw new Error(failures.join("; "));
}
