export const dynamic = "force-dynamic";

export default function Page() {
  return <h1>hello from instance {process.env.NODE_APP_INSTANCE}</h1>;
}
