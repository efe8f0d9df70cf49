/** What is measured: so many instances of a server, behind HAProxy or not. */
export interface InstanceRow {
  readonly server: InstanceServer;
  readonly instances: number;
  readonly isDirect: boolean;
}

export const INSTANCE_SERVERS = ["remuda", "cluster-fastify"] as const;

export type InstanceServer = (typeof INSTANCE_SERVERS)[number];

/** `remuda` is one instance without HAProxy; `remuda-4` are four behind it. */
export function rowName({ server, instances, isDirect }: InstanceRow): string {
  return isDirect ? server : `${server}-${instances}`;
}

/** One server after the other; without HAProxy there is one instance. */
export function instanceRows(
  counts: readonly number[],
  hasDirect: boolean,
): InstanceRow[] {
  return INSTANCE_SERVERS.flatMap((server) => [
    ...(hasDirect ? [{ server, instances: 1, isDirect: true }] : []),
    ...counts.map((instances) => ({ server, instances, isDirect: false })),
  ]);
}
