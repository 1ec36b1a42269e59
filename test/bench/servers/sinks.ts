/* Where the delivery benchmark's mails and posts go: a real SMTP server and an HTTP server that answers like Slack. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

let mails = 0;
let posts = 0;

const smtp = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS', 'AUTH'],
  onData: (stream, _session, done) => {
    stream.on('end', () => {
      mails += 1;
      done();
    });
    stream.resume();
  },
});

const http = createServer((request, response) => {
  request.resume().on('end', () => {
    if (request.url === '/counts') return response.end(JSON.stringify({ mails, posts }));
    posts += 1;
    response.writeHead(200, { 'Content-Type': 'application/json' });
    return response.end(`{"ok":true,"channel":"C0BENCH00","ts":"${posts}.000100"}`);
  });
});

smtp.listen(0, '127.0.0.1', () => {
  http.listen(0, '127.0.0.1', () => {
    const smtpPort = (smtp.server.address() as AddressInfo).port;
    const httpPort = (http.address() as AddressInfo).port;
    console.log(
      JSON.stringify({
        smtp: `smtp://127.0.0.1:${smtpPort}`,
        slack: `http://127.0.0.1:${httpPort}/api/`,
        counts: `http://127.0.0.1:${httpPort}/counts`,
      }),
    );
  });
});
