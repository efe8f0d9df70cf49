import { json } from "@sveltejs/kit";

export async function POST({ request }) {
  const body = await request.arrayBuffer();
  return json({ bytes: body.byteLength });
}
