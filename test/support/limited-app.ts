/**
 * Source of an app that allows `max` requests per hour and client.
 *
 * @param options further options of `rateLimit()`, as source
 */
export function limitedApp(max: number, options: string): string {
  return `
    import { createApp, ok, rateLimit } from "remuda";
    const app = createApp();
    app.use(rateLimit({ max: ${max}, windowMs: 3_600_000, ${options} }));
    app.get("/", () => ok());
    export default app;
  `;
}
