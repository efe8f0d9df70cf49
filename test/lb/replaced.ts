/** @throws Error if nothing matches, so that no change is missed */
export function replaced(text: string, from: RegExp, to: string): string {
  const result = text.replace(from, to);
  if (result === text) throw new Error(`nothing in the text is ${from}`);
  return result;
}
