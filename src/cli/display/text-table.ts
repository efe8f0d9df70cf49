export interface TableColumn {
  readonly title: string;
  /** Numbers are aligned on the right. */
  readonly isNumber?: boolean;
}

/** The lines of a table, with two spaces between its columns. */
export function textTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
): string[] {
  const all = [columns.map(({ title }) => title), ...rows];
  const widths = columns.map((_, at) => {
    return Math.max(...all.map((row) => (row[at] ?? "").length));
  });
  return all.map((row) => {
    const cells = columns.map(({ isNumber }, at) => {
      const cell = row[at] ?? "";
      const width = widths[at] ?? 0;
      return isNumber ? cell.padStart(width) : cell.padEnd(width);
    });
    return cells.join("  ").trimEnd();
  });
}
