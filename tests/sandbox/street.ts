import { randomBytes } from 'node:crypto';
import { shopifyAddress, shopifyCustomer, shopifyOrder } from '../builders/shopify.ts';
import { adClickMessage, deliver, textMessage } from './pretend-whatsapp.ts';
import { MERCHANT, META_APP_SECRET, type Stage } from './stage.ts';

export type Tap = { clid: string; messageId: string; status: number };
export type Placed = { gid: string; name: string; status: number };

/**
 * What people do on the sandbox's stage: tap the ad, write to the shop, buy. Each goes the way it really would; `at` is
 * when it happened, for what is delivered late.
 */
export type Street = {
  /** `waId` is how WhatsApp calls the person: digits, or null while a username hides the number. */
  tapAd(person: {
    waId: string | null;
    userId?: string;
    adId?: string;
    headline?: string;
    at?: Date;
  }): Promise<Tap>;
  write(person: { waId: string }): Promise<number>;
  /** `phone` as a person types it at checkout; null: none given. Cash on delivery is placed unpaid. */
  placeOrder(order: {
    phone: string | null;
    amount: string;
    paid?: boolean;
    test?: boolean;
    at?: Date;
  }): Promise<Placed>;
  markPaid(gid: string): Promise<number>;
};

export const AD_ID = '120226305854810726';

/** `firstOrder`: the number of the first order placed here. */
export function openStreet(
  stage: Stage,
  { firstOrder }: { firstOrder: number } = { firstOrder: 1001 },
): Street {
  const account = {
    wabaId: MERCHANT.wabaId,
    phoneNumberId: MERCHANT.phoneNumberId,
    displayNumber: MERCHANT.displayNumber,
  };
  const orders = new Map<string, Record<string, unknown>>();
  const newMessageId = (): string => `wamid.${randomBytes(24).toString('base64url')}`;
  const send = (body: unknown) =>
    deliver({ url: `${stage.appUrl}/webhooks/whatsapp`, appSecret: META_APP_SECRET, body });
  const notify = async (topic: string, body: unknown, triggeredAt = new Date()): Promise<number> => {
    const { domain } = MERCHANT.shop;
    const { status } = await stage.shopify.deliverWebhook({ domain, topic, body, triggeredAt });
    return status;
  };

  return {
    async tapAd({ waId, userId, adId = AD_ID, headline = 'Camisetas novas', at = new Date() }) {
      // As long and of the same alphabet as those that Meta shows; it counts letter by letter, upper and lower case.
      const clid = `Af${randomBytes(96).toString('base64url')}`;
      stage.meta.addClick({ ctwaClid: clid, wabaId: MERCHANT.wabaId });
      const messageId = newMessageId();
      const message = adClickMessage({
        ...account,
        from: waId,
        userId: userId ?? null,
        messageId,
        at,
        clid,
        adId,
        headline,
      });
      const { status } = await send(message);
      return { clid, messageId, status };
    },
    async write({ waId }) {
      const { status } = await send(
        textMessage({ ...account, from: waId, messageId: newMessageId(), at: new Date() }),
      );
      return status;
    },
    async placeOrder({ phone, amount, paid = true, test = false, at = new Date() }) {
      const number = firstOrder + orders.size;
      const id = 5_512_345_600_000 + number;
      const now = at.toISOString();
      const order = shopifyOrder({
        id,
        name: `#${number}`,
        order_number: number,
        created_at: now,
        processed_at: now,
        updated_at: now,
        currency: MERCHANT.shop.currency,
        total_price: amount,
        financial_status: paid ? 'paid' : 'pending',
        payment_gateway_names: [paid ? 'shopify_payments' : 'Cash on Delivery (COD)'],
        test,
        customer: shopifyCustomer({ phone: null, default_address: null }),
        billing_address: null,
        shipping_address: shopifyAddress({ phone }),
      });
      const gid = String(order['admin_graphql_api_id']);
      orders.set(gid, order);
      stage.shopify.placeOrder(MERCHANT.shop.domain, order);
      const status = await notify('orders/create', order, at);
      if (paid) await notify('orders/paid', order, at);
      return { gid, name: String(order['name']), status };
    },
    async markPaid(gid) {
      const order = orders.get(gid);
      if (!order) throw new Error(`no order ${gid}`);
      const paid = { ...order, financial_status: 'paid', updated_at: new Date().toISOString() };
      orders.set(gid, paid);
      stage.shopify.placeOrder(MERCHANT.shop.domain, paid);
      return notify('orders/paid', paid);
    },
  };
}
