import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { Pool } from 'pg';

// The floor of receive: the least a server can do that checks the signature and stores the body once.
const [url = '', secret = ''] = process.argv.slice(2);
const pool = new Pool({ connectionString: url, max: 10 });
await pool.query(`CREATE TABLE IF NOT EXISTS bare_inbox (
  id bigserial PRIMARY KEY, shop text NOT NULL, key text NOT NULL, topic text, body text, UNIQUE (shop, key))`);
await pool.query('ALTER TABLE bare_inbox ALTER COLUMN body SET STORAGE EXTERNAL');

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const raw = Buffer.concat(chunks);
    const wanted = createHmac('sha256', secret).update(raw).digest();
    const given = Buffer.from(String(request.headers['x-shopify-hmac-sha256']), 'base64');
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
      response.writeHead(401).end();
      return;
    }
    const { headers } = request;
    const values = [
      headers['x-shopify-shop-domain'],
      headers['x-shopify-webhook-id'],
      headers['x-shopify-topic'],
      raw.toString(),
    ];
    pool
      .query({
        name: 'insert',
        text: 'INSERT INTO bare_inbox (shop, key, topic, body) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
        values,
      })
      .then(
        () => response.writeHead(200).end(),
        () => response.writeHead(503).end(),
      );
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.({
    url: `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`,
  });
});
process.on('disconnect', () => process.exit(0));
