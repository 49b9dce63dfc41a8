import { expect, test } from 'vitest';
import { connectMerchant } from '../sandbox/stage.ts';
import { openStreet } from '../sandbox/street.ts';
import { openStage, visit } from './visit.ts';

test('a merchant creates a key, a program reports a sale with it, and a revoked key is refused', async () => {
  const stage = await openStage();
  await connectMerchant(stage);
  await openStreet(stage).tapAd({ waId: '553184127730' });
  const { app, errors } = await visit(stage, '/app/settings');
  const card = app.locator('#api-keys');
  await card.getByLabel('Name of the program').fill('CRM');
  await card.getByRole('button', { name: 'Create key' }).click();
  await card.getByText('The key for CRM is ready').waitFor();
  const key = await card.getByRole('textbox', { name: 'API key' }).inputValue();
  const report = () =>
    fetch(`${stage.appUrl}/api/v1/events`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${key}`,
        'Content-Type': 'application/json',
        'Idempotency-Key': 'booking-4711',
      },
      body: JSON.stringify({
        event_name: 'Purchase',
        conversation: { phone: '+5531984127730' },
        occurred_at: new Date().toISOString(),
        value: { amount: '129.90', currency: 'BRL' },
      }),
    });
  // The worker has to read the chat first.
  await expect.poll(async () => (await report()).status, { timeout: 30_000 }).toBeLessThan(300);
  await stage.meta.waitForAccepted(1, 30_000);

  await card.getByRole('button', { name: 'Dismiss' }).click();
  expect(await app.locator('body').innerText()).not.toContain(key);
  await card.getByRole('button', { name: 'Revoke the key for CRM' }).click();
  await app.getByRole('button', { name: 'Revoke key' }).click();
  await card.getByText('Revoked', { exact: true }).waitFor();
  expect((await report()).status).toBe(401);
  expect(errors).toEqual([]);
});
