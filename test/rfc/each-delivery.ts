import {
  type Delivery,
  type DeliveryOptions,
  deliveriesOf,
} from "../support/wire-cases.ts";

/** Checks each way in which bytes may arrive; an error says which it was. */
export async function eachDelivery(
  wire: string,
  options: DeliveryOptions,
  check: (delivery: Delivery) => Promise<void>,
): Promise<void> {
  for (const delivery of deliveriesOf(wire, options)) {
    try {
      await check(delivery);
    } catch (error) {
      const shown = JSON.stringify(wire.slice(0, MAX_SHOWN_CHARS));
      const { message } = error as Error;
      const text = `${shown}, ${delivery.name}:\n${message}`;
      throw new Error(text, { cause: error });
    }
  }
}

const MAX_SHOWN_CHARS = 500;
