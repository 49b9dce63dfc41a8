import { changeSetting, readSettings, settingsAsWords } from '../domain/settings.ts';
import type { ShopId } from '../domain/ids.ts';
import { saveSettings } from '../pipeline/shop.ts';
import { readFlagsAndRest, requireShop, shopDomain, UsageError, type Command } from './command.ts';

export const settings: Command = {
  usage: 'settings --shop DOMAIN [key=value ...]',
  purpose: "reads or changes a shop's settings",
  prepare(args) {
    const flags = readFlagsAndRest(args, ['shop']);
    const domain = shopDomain(flags.shop);
    const changes = flags.rest.map(readChange);
    return async (pipeline) => {
      const shop = await requireShop(pipeline, domain);
      let current = readSettings(shop.settings);
      for (const { key, value } of changes) {
        const change = changeSetting(current, key, value);
        if (change.kind === 'unknown_key')
          throw new UsageError(`no setting "${key}"; there is ${change.keys.join(', ')}`);
        if (change.kind === 'bad_value')
          throw new UsageError(`${key} must be ${change.expected}, not ${value}`);
        current = change.settings;
      }
      if (changes.length > 0) await saveSettings(pipeline, shop.id as ShopId, current);
      const words = settingsAsWords(current);
      return {
        json: words,
        text: Object.entries(words)
          .map(([key, value]) => `${key}=${String(value)}`)
          .join('\n'),
      };
    };
  },
};

function readChange(text: string): { key: string; value: string } {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined) throw new UsageError(`"${text}" is not key=value`);
  return { key, value };
}
