/* The reference for accepting: node:http, the signature check, and a file whose fdatasync is shared by all who wait. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { open } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const [file = '', secret = ''] = process.argv.slice(2);
const handle = await open(file, 'a');
let waiting: { body: Buffer; done(): void }[] = [];
let writing = false;

const flush = async (): Promise<void> => {
  if (writing) return;
  writing = true;
  while (waiting.length > 0) {
    const batch = waiting;
    waiting = [];
    await handle.appendFile(Buffer.concat(batch.map(({ body }) => body)));
    await handle.datasync();
    for (const { done } of batch) done();
  }
  writing = false;
};

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks);
    const expected = createHmac('sha256', secret).update(body).digest();
    const given = Buffer.from(String(request.headers['x-webkasa-signature']).slice(7), 'hex');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      response.writeHead(401).end();
      return;
    }
    const done = (): void => {
      response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"received":true}');
    };
    waiting.push({ body, done });
    void flush();
  });
});
server.listen(0, '127.0.0.1', () =>
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/webkasa`),
);
