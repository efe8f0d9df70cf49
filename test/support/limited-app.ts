/**
 * The source of an app whose clients may ask so many times an hour.
 *
 * @param options more ones of `rateLimit()`, as source
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
