export interface TableColumn {
  readonly title: string;
  /** Numbers stand below each other by their last digit. */
  readonly isNumber?: boolean;
}

/** Rows with two blanks between columns, each as wide as it has to be. */
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
