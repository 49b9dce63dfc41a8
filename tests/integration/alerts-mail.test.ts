import { createServer, type AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { expect, onTestFinished, test } from 'vitest';
import { DEFAULT_SETTINGS } from '../../app/domain/settings.ts';
import { alertsJob, mailAlerts } from '../../app/pipeline/alert-mail.ts';
import { raiseAlert } from '../../app/pipeline/alerts.ts';
import { saveSettings } from '../../app/pipeline/shop.ts';
import { createMailer } from '../../app/platforms/mail.ts';
import { freePort } from '../../app/storage/free-port.ts';
import { connectWell } from './doctor.ts';
import { openTieback, SHOP, type Connection, type Tieback } from './tieback.ts';

const TO = 'ana@loja-exemplo.com.br';
const FROM = 'Tieback <alerts@tieback.example.com>';

type Letter = { to: string[]; source: string };
type PostOffice = { url: string; letters: Letter[] };

/** A real SMTP server; what it does with a letter's text can be replaced. */
async function openPostOffice(
  onData?: (letters: Letter[]) => SMTPServerOptions['onData'],
): Promise<PostOffice> {
  const letters: Letter[] = [];
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData:
      onData?.(letters) ??
      ((stream, session, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const to = session.envelope.rcptTo.map(({ address }) => address);
          letters.push({ to, source: Buffer.concat(chunks).toString('utf8') });
          done();
        });
      }),
  });
  // What a test breaks off on purpose.
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`, letters };
}

type Opened = { tieback: Tieback; number: Connection; raise(name: string, detail: string): Promise<void> };

/** A shop that wants alerts mailed. */
async function openMailed(url: string, alertEmail = TO): Promise<Opened> {
  const tieback = await openTieback({ env: { SMTP_URL: url, MAIL_FROM: FROM } });
  const { pipeline } = tieback;
  const number = await connectWell(tieback);
  await pipeline.db.shop.update({ where: { domain: SHOP }, data: { name: 'Loja Exemplo' } });
  await saveSettings(pipeline, number.shopId, { ...DEFAULT_SETTINGS, alertEmail });
  return {
    tieback,
    number,
    raise: (name, detail) =>
      pipeline.db.$transaction((tx) =>
        raiseAlert(tx, pipeline.clock, {
          shopId: number.shopId,
          subject: number.connectionId,
          name,
          detail,
          fix: 'Replace the token.',
        }),
      ),
  };
}

function decoded({ source }: Letter): string {
  return source
    .replaceAll('\r\n', '\n')
    .replaceAll(/=\n/g, '')
    .replaceAll(/(?:=[0-9A-F]{2})+/g, (bytes) =>
      Buffer.from(bytes.replaceAll('=', ''), 'hex').toString('utf8'),
    );
}

test('a letter says which shop and number, what is wrong, what to do and where to look', async () => {
  const office = await openPostOffice();
  const { tieback, raise } = await openMailed(office.url);
  await raise('token_valid', 'Meta does not accept the access token.');
  tieback.now.forward(1000);
  await raise('account_violation', 'Meta reports a violation.');
  expect(await mailAlerts(tieback.pipeline)).toBe(1);

  expect(office.letters).toHaveLength(1);
  const [letter] = office.letters;
  expect(letter?.to).toEqual([TO]);
  const words = decoded(letter ?? { to: [], source: '' });
  expect(words).toContain('Subject: Loja Exemplo: Meta does not accept the access token. and 1');
  expect(words).toContain('Auto-Submitted: auto-generated');
  expect(words).toContain('+55 11 91234-5678: Access token\nMeta does not accept the access token.');
  expect(words).toContain('What to do: Replace the token.');
  expect(words).toContain('+55 11 91234-5678: Account violation');
  expect(words).toContain(
    'https://admin.shopify.com/store/loja-exemplo/apps/0123456789abcdef0123456789abcdef/app/health\n',
  );
});

test('what is raised is mailed within minutes', async () => {
  const office = await openPostOffice();
  const { tieback, raise } = await openMailed(office.url);
  await raise('connection_paused', 'Meta does not accept the access token.');
  const job = alertsJob(tieback.pipeline);
  expect(job.cron).toBe('*/5 * * * *');
  await job.run();
  expect(office.letters).toHaveLength(1);
});

test('an alert is mailed once, also by runs side by side; a new one gets a letter of its own', async () => {
  const office = await openPostOffice();
  const { tieback, raise } = await openMailed(office.url);
  await raise('probe', 'Meta refused a test event.');
  await Promise.all(Array.from({ length: 4 }, () => mailAlerts(tieback.pipeline)));
  await mailAlerts(tieback.pipeline);
  expect(office.letters).toHaveLength(1);
  await raise('usage', 'A limit is used up.');
  await mailAlerts(tieback.pipeline);
  expect(office.letters).toHaveLength(2);
  expect(decoded(office.letters[1] ?? { to: [], source: '' })).not.toContain('test event');
});

test('what is right again, or was put away, is not mailed', async () => {
  const office = await openPostOffice();
  const { tieback, raise } = await openMailed(office.url);
  await raise('probe', 'Meta refused a test event.');
  await tieback.pipeline.db.alert.updateMany({ data: { clearedAt: tieback.now.at } });
  await raise('usage', 'A limit is used up.');
  await tieback.pipeline.db.alert.updateMany({
    where: { clearedAt: null },
    data: { dismissedAt: tieback.now.at },
  });
  expect(await mailAlerts(tieback.pipeline)).toBe(0);
  expect(office.letters).toEqual([]);
});

test('who named no address gets no letter, and gets it after naming one', async () => {
  const office = await openPostOffice();
  const { tieback, number, raise } = await openMailed(office.url, '');
  await raise('probe', 'Meta refused a test event.');
  expect(await mailAlerts(tieback.pipeline)).toBe(0);
  await saveSettings(tieback.pipeline, number.shopId, { ...DEFAULT_SETTINGS, alertEmail: TO });
  expect(await mailAlerts(tieback.pipeline)).toBe(1);
});

test('a letter that the server refused is sent by the next run', async () => {
  let full = true;
  const office = await openPostOffice((letters) => (stream, session, done) => {
    stream.resume();
    stream.on('end', () => {
      if (full) return done(Object.assign(new Error('mailbox full'), { responseCode: 452 }));
      letters.push({ to: session.envelope.rcptTo.map(({ address }) => address), source: '' });
      done();
    });
  });
  const { tieback, raise } = await openMailed(office.url);
  await raise('probe', 'Meta refused a test event.');
  expect(await mailAlerts(tieback.pipeline)).toBe(0);
  full = false;
  expect(await mailAlerts(tieback.pipeline)).toBe(1);
  expect(office.letters).toHaveLength(1);
});

/** Takes a letter's whole text and is gone before it says so; counts how often. */
async function openVanishingOffice(): Promise<{ url: string; taken: () => number }> {
  let taken = 0;
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write('220 ready\r\n');
    socket.on('data', (chunk: Buffer) => {
      const line = chunk.toString();
      if (line.endsWith('\r\n.\r\n')) {
        taken += 1;
        socket.destroy();
      } else {
        socket.write(line.startsWith('DATA') ? '354 go on\r\n' : '250 fine\r\n');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`, taken: () => taken };
}

test('a letter that may have arrived is not sent a second time', async () => {
  const office = await openVanishingOffice();
  const { tieback, raise } = await openMailed(office.url);
  await raise('probe', 'Meta refused a test event.');
  expect(await mailAlerts(tieback.pipeline)).toBe(0);
  expect(await mailAlerts(tieback.pipeline)).toBe(0);
  expect(office.taken()).toBe(1);
});

test('a letter that no server could be reached for waits for the next run', async () => {
  const { tieback, raise } = await openMailed(`smtp://127.0.0.1:${await freePort()}`);
  await raise('probe', 'Meta refused a test event.');
  expect(await mailAlerts(tieback.pipeline)).toBe(0);
  const office = await openPostOffice();
  const mailer = createMailer({ url: office.url, from: FROM });
  expect(await mailAlerts({ ...tieback.pipeline, mailer })).toBe(1);
});

test('nothing in a subject becomes another header', async () => {
  const office = await openPostOffice();
  const mailer = createMailer({ url: office.url, from: FROM });
  await mailer.send({ to: TO, subject: 'Loja\r\nBcc: eve@example.com', text: 'Words.' });
  const [letter] = office.letters;
  expect(letter?.to).toEqual([TO]);
  expect(letter?.source).toContain('Subject: Loja Bcc: eve@example.com\r\n');
});

test('without a mail server no alert is claimed', async () => {
  const office = await openPostOffice();
  const { tieback, raise } = await openMailed(office.url);
  await raise('probe', 'Meta refused a test event.');
  expect(await mailAlerts({ ...tieback.pipeline, mailer: null })).toBe(0);
  expect(await mailAlerts(tieback.pipeline)).toBe(1);
});
