import type { ShopId } from '../domain/ids.ts';
import { saveConnection } from '../pipeline/connection.ts';
import { shopOf } from '../pipeline/shop.ts';
import { readFlags, shopDomain, UsageError, type Command } from './command.ts';

/** Connects a number as given, without asking Meta: for installations that are set up by their operator. */
export const connect: Command = {
  usage:
    'connect --shop DOMAIN --waba ID --phone-number-id ID --display-number E164 --dataset ID --token TOKEN [--app-secret S] [--country CC] [--currency CUR]',
  purpose:
    "creates the shop if needed and its WhatsApp connection; prints the connection's id and webhook path",
  prepare(args) {
    const flags = readFlags(
      args,
      ['shop', 'waba', 'phone-number-id', 'display-number', 'dataset', 'token'],
      ['app-secret', 'country', 'currency'],
    );
    const domain = shopDomain(flags.shop);
    for (const name of ['waba', 'phone-number-id', 'dataset'] as const) {
      if (!/^\d+$/.test(flags[name])) throw new UsageError(`--${name} must be digits`);
    }
    if (!/^\+?[\d\s().-]{6,}$/.test(flags['display-number']))
      throw new UsageError('--display-number must be a phone number');
    const country = upperCase(flags.country, /^[A-Z]{2}$/, '--country must be two letters, like BR');
    const currency = upperCase(flags.currency, /^[A-Z]{3}$/, '--currency must be three letters, like BRL');

    return async (pipeline) => {
      const shop = await shopOf(pipeline, domain);
      await pipeline.db.shop.update({
        where: { id: shop.id },
        data: { ...(country !== null && { country }), ...(currency !== null && { currency }) },
      });
      const connected = await saveConnection(pipeline, shop.id as ShopId, {
        wabaId: flags.waba,
        phoneNumberId: flags['phone-number-id'],
        displayNumber: flags['display-number'],
        datasetId: flags.dataset,
        token: flags.token,
        appSecret: flags['app-secret'],
        dataset: 'given',
        subscribed: false,
      });
      const { connectionId, webhookPath, verifyToken } = connected;
      const lines = [
        `connection ${connectionId}`,
        `webhook path ${webhookPath}`,
        ...(verifyToken === null ? [] : [`verify token ${verifyToken}`]),
      ];
      return {
        json: { connection_id: connectionId, webhook_path: webhookPath, verify_token: verifyToken },
        text: lines.join('\n'),
      };
    };
  },
};

function upperCase(given: string | null, pattern: RegExp, problem: string): string | null {
  if (given === null) return null;
  const text = given.toUpperCase();
  if (!pattern.test(text)) throw new UsageError(problem);
  return text;
}
