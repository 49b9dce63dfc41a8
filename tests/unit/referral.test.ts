import { expect, test } from 'vitest';
import { isAdClick, readReferral } from '../../app/domain/referral.ts';
import { adReferral } from '../builders/whatsapp.ts';

test('Meta’s sample is read whole and kept as it came', () => {
  const referral = adReferral({ clickId: 'ARAkLkA8_-Q2a' });
  expect(readReferral({ referral })).toEqual({
    clickId: 'ARAkLkA8_-Q2a',
    sourceType: 'ad',
    sourceId: '120226305854810726',
    sourceUrl: 'https://fb.me/3cr4Wqqkv',
    headline: 'Chat with us',
    mediaType: 'image',
    raw: JSON.stringify(referral),
  });
});

test('an ad in WhatsApp Status has no click id and is still an ad click', () => {
  const referral = readReferral({ referral: adReferral({ clickId: null }) });
  expect(referral).toMatchObject({ clickId: null, sourceId: '120226305854810726' });
  expect(referral !== null && isAdClick(referral)).toBe(true);
});

test('a provider may nest the referral under context', () => {
  expect(readReferral({ context: { referral: adReferral({ clickId: 'A' }) } })).toMatchObject({
    clickId: 'A',
  });
  const both = {
    referral: adReferral({ clickId: 'A' }),
    context: { referral: adReferral({ clickId: 'B' }) },
  };
  expect(readReferral(both)).toMatchObject({ clickId: 'A' });
  expect(readReferral({ referral: 'x', context: { referral: adReferral() } })).toMatchObject({
    sourceType: 'ad',
  });
});

test('ids that came as numbers become text, and wrong types become null', () => {
  const referral = {
    source_id: 120226305854810726n,
    source_type: 7,
    headline: {},
    source_url: null,
    ctwa_clid: [],
  };
  expect(readReferral({ referral })).toEqual({
    clickId: null,
    sourceType: null,
    sourceId: '120226305854810726',
    sourceUrl: null,
    headline: null,
    mediaType: null,
    raw: '{"source_id":120226305854810726,"source_type":7,"headline":{},"source_url":null,"ctwa_clid":[]}',
  });
});

test('the click id is not even trimmed', () => {
  expect(readReferral({ referral: { ctwa_clid: ' aB ' } })?.clickId).toBe(' aB ');
});

test.each([null, 5, [], {}, { referral: null }, { referral: {} }, { referral: [] }, { context: 'x' }])(
  '%j has no referral',
  (message) => {
    expect(readReferral(message)).toBeNull();
  },
);

test('a post without a click id is no ad click', () => {
  expect(isAdClick({ clickId: null, sourceType: 'post' })).toBe(false);
  expect(isAdClick({ clickId: null, sourceType: null })).toBe(false);
  expect(isAdClick({ clickId: 'A', sourceType: 'post' })).toBe(true);
});
