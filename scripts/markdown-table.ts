/** A table with columns of one width, as the formatter would write it. */
export function markdownTable(
  head: readonly string[],
  body: readonly (readonly string[])[],
): string {
  const cells = [head, ...body].map((row) => {
    return row.map((cell) => cell.replaceAll("|", "\\|"));
  });
  const widths = head.map((_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  );
  const lines = cells.map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)),
  );
  const rule = widths.map((width) => "-".repeat(width));
  lines.splice(1, 0, rule);
  return lines.map((row) => `| ${row.join(" | ")} |\n`).join("");
}
