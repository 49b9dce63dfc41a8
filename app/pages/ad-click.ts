import { Prisma } from '../storage/database.ts';

/** The ad clicks among referrals, as `isAdClick` of app/domain tells them: a post of a page leaves a referral too. */
export const AD_CLICK: Prisma.ReferralWhereInput = {
  OR: [{ clickId: { not: null } }, { sourceType: { equals: 'ad', mode: 'insensitive' } }],
};

/** The same as SQL. Alias: r for referrals. */
export const IS_AD_CLICK = Prisma.sql`(r.click_id IS NOT NULL OR lower(r.source_type) = 'ad')`;
