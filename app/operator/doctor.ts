import { readShopifyCredentials } from '../environment.ts';
import { createOpenAdmin } from '../pipeline/admin-access.ts';
import { mailAlerts } from '../pipeline/alert-mail.ts';
import { runDoctor } from '../pipeline/doctor.ts';
import { readFlags, requireShop, shopDomain, table, type Command } from './command.ts';

// A person waits: a few seconds of throttling are waited for, an outage of Shopify is not.
const TRIES = 3;

export const doctor: Command = {
  usage: 'doctor --shop DOMAIN',
  purpose: "checks the shop's connections to Meta and its access to Shopify; exit code 1 when a check failed",
  prepare(args) {
    const domain = shopDomain(readFlags(args, ['shop']).shop);
    return async (pipeline) => {
      const shop = await requireShop(pipeline, domain);
      const credentials = readShopifyCredentials(process.env);
      const openAdmin = credentials && createOpenAdmin(pipeline, { ...credentials, tries: TRIES });
      const rows = await runDoctor(pipeline, openAdmin, shop);
      await mailAlerts(pipeline, shop.id);
      const checks = rows.map(({ name, subject, result, detail, fix }) => ({
        check: name,
        subject,
        ok: result === 'ok',
        result,
        detail,
        fix,
      }));
      const shown = checks.map(({ check, subject, result, detail, fix }) => ({
        subject,
        check,
        result,
        detail: fix === null ? detail : `${detail} ${fix}`,
      }));
      return {
        json: checks,
        text: table(shown, 'nothing was checked'),
        failed: checks.some(({ result }) => result === 'failed'),
      };
    };
  },
};
