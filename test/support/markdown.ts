/** Without fenced blocks: what looks like Markdown in them is none. */
export function prose(page: string): string {
  return page.replace(/^```.*?^```$/gms, "");
}

/** What GitHub makes of headings, to link to. */
export function anchorsOf(page: string): string[] {
  const headings = [...prose(page).matchAll(/^#+ (.+)$/gm)];
  return headings.map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
