/**
 * The parameters of a query by name; those that repeat as arrays. The object
 * has no prototype: any name is safe.
 */
export function queryRecord(
  query: URLSearchParams,
): Record<string, string | string[]> {
  const record: Record<string, string | string[]> = Object.create(null);
  for (const [name, value] of query) {
    const earlier = record[name];
    if (earlier === undefined) record[name] = value;
    else if (Array.isArray(earlier)) earlier.push(value);
    else record[name] = [earlier, value];
  }
  return record;
}
