/** Removes fenced blocks, whose content only looks like Markdown. */
export function prose(page: string): string {
  return page.replace(/^```.*?^```$/gms, "");
}

/** Anchors that GitHub generates for headings. */
export function anchorsOf(page: string): string[] {
  const headings = [...prose(page).matchAll(/^#+ (.+)$/gm)];
  return headings.map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
