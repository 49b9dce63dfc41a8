import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressEvent } from '../../app/domain/conversion-event.ts';
import { draftEvent } from '../../app/domain/draft-event.ts';
import { maskedPayload } from '../../app/domain/masked-payload.ts';
import { sampleOrder } from '../../app/domain/sample-order.ts';
import { DEFAULT_SETTINGS } from '../../app/domain/settings.ts';

const HASH = '62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f';

test('a person cannot be read from a preview, while the order and the account can', () => {
  const payload = {
    event_name: 'Purchase',
    event_source_url: 'https://loja.example.com/',
    user_data: {
      whatsapp_business_account_id: '102290129340398',
      ctwa_clid: 'Aff-n8ZTODiE79d22KtAwQ',
      em: [HASH, 'maria@example.com'],
      country: `${HASH}.AQQCAQIB`,
      client_ip_address: '203.0.113.24',
      client_user_agent: 'Mozilla/5.0 (Linux; Android 15)',
      fbc: 'fb.1.1795008151000.IwAR2F4',
      lead_id: 5,
    },
    custom_data: { value: 214.9, currency: 'BRL', order_id: '5512345678901' },
  };
  expect(maskedPayload(payload)).toEqual({
    ...payload,
    user_data: {
      whatsapp_business_account_id: '102290129340398',
      ctwa_clid: 'Aff-n8…',
      em: ['62a14e…', '…'],
      country: '62a14e…',
      client_ip_address: '…',
      client_user_agent: '…',
      fbc: 'fb.1.1…',
      lead_id: '…',
    },
  });
});

test('nothing of a real event’s person survives', () => {
  const order = sampleOrder();
  const draft = draftEvent({ order, paid: order.amounts, settings: DEFAULT_SETTINGS, phones: [] });
  const at = new Date('2026-01-15T12:00:00Z');
  const report = {
    kind: 'report',
    eventName: 'Purchase',
    eventId: 'e',
    eventTime: at,
    deadline: at,
  } as const;
  for (const channel of ['business_messaging', 'website', 'physical_store'] as const) {
    const to = { report: { ...report, channel }, wabaId: '102290129340398', clickId: 'Aff-n8ZTODiE79d' };
    const event = addressEvent(draft, { ...to, limits: { optOut: false, limitedTo: null } });
    const shown = JSON.stringify(maskedPayload(event));
    expect(shown).not.toMatch(/[0-9a-f]{16}|Aff-n8Z|203\.0|Mozilla|alex|Springfield/i);
    expect(shown).toContain('"value":120');
  }
});

test('anything that was stored is shown, and of its person no text of more than six letters', () => {
  const textsIn = (value: unknown): unknown[] => (Array.isArray(value) ? value.flatMap(textsIn) : [value]);
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.record({ user_data: fc.jsonValue() })), (stored) => {
      const { user_data: user = {} } = maskedPayload(stored);
      const shown = typeof user === 'object' && user !== null ? Object.values(user) : [user];
      for (const text of shown.flatMap(textsIn)) expect(text).toMatch(/^.{0,6}…$/su);
    }),
  );
});

test.each([[null], [5], ['x'], [[]], [true]])('%j is no event', (stored) => {
  expect(maskedPayload(stored)).toEqual({});
});
