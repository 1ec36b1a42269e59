import fc from 'fast-check';

/** What people and programs type into forms to see what gives. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '<!channel>',
    '<!here|here>',
    '<@U1>',
    '<#C1|general>',
    '<https://evil.example|Reset your password>',
    '&lt;!channel&gt;',
    '@everyone',
    '*bold* _it_ ~s~ `c` ```code```',
    '>>> quoted',
    '{{ data.id }} {% raw %}',
    'a'.repeat(10_000),
    '&'.repeat(10_000),
    '<'.repeat(3_000),
    '👩‍👩‍👧‍👦'.repeat(400),
    '\u202Egnp.exe',
    'محمد بن سلمان',
    'line\nline\r\nline\u2028line',
    '',
    '   ',
    '\u200B',
    '\uD800',
    ':white_check_mark: CONFIRMED',
    '|>{date}^',
    '<!date^1^{date}|x>',
  ),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ unit: fc.constantFrom('<', '>', '!', '@', '&', '|', '*', '\n', 'x'), maxLength: 60 }),
);

/** The same, and what is no text at all. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  hostileText,
  fc.constantFrom({ toString: 1, valueOf: 2 }, ['<!here>'], { a: '<!here>' }, null, 0, true),
);

/** Addresses that are none, or not what they look like. */
export const hostileAddress: fc.Arbitrary<unknown> = fc.oneof(
  hostileValue,
  fc.constantFrom(
    'https://meet.example.com/a?b=<!channel>|x&c=d',
    'http://x.example/|<!here>',
    'https://bank.example@evil.example/',
    'javascript:alert(1)',
    'https://',
    'https://a b/',
    'HTTPS://EXAMPLE.COM/ÜÄ 1',
    `https://${'a.'.repeat(100)}example/`,
    `https://example.com/${'x'.repeat(4000)}`,
    `https://example.com/${'<'.repeat(2900)}`,
  ),
  fc.webUrl({ withFragments: true, withQueryParameters: true }),
);
