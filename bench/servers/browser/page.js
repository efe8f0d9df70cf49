/** What all servers of the scenario answer. */
export function pageFor(id, { session, language, from }) {
  return `article ${id} for ${session} in ${language}, from ${from}`;
}
