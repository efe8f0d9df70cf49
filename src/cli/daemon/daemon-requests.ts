import type { RequestReport } from "../../master/admin/request-report.ts";
import type { ControlClient } from "./control-client.ts";

/**
 * Undefined if the daemon does not report them: it is of another version, or
 * has just gone.
 */
export async function readRequests(
  client: ControlClient,
): Promise<RequestReport | undefined> {
  try {
    const { status, body } = await client.get("/requests");
    if (status !== 200) return undefined;
    const report: Partial<RequestReport> | null = JSON.parse(body);
    const isReport =
      Array.isArray(report?.routes) && Array.isArray(report?.bucketSeconds);
    return isReport ? (report as RequestReport) : undefined;
  } catch {
    return undefined;
  }
}
