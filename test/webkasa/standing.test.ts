import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { createStanding } from '../../src/webkasa/standing.ts';

const T0 = Date.UTC(2027, 0, 15, 10, 30);

const start = () => {
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  return { standing: createStanding(log), lines };
};

describe('an API that fails', () => {
  test('is left alone for ever longer, up to half a minute, and told of at the second time', () => {
    const { standing, lines } = start();
    const waits: number[] = [];
    for (let at = T0; waits.length < 8; at += standing.wait(at)) {
      standing.onFailed('status 500', at);
      waits.push(standing.wait(at));
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('two minutes at the most');
  });

  test('has failed once where several requests that were under way fail together', () => {
    const { standing, lines } = start();
    for (let request = 0; request < 6; request += 1) standing.onFailed('status 500', T0 + request);
    expect(standing.wait(T0)).toBe(1_000);
    expect(lines).toEqual([]);
  });

  test('is left alone for as long as it asks, and a minute at the most', () => {
    const { standing } = start();
    standing.onFailed('status 503', T0, 20_000);
    expect(standing.wait(T0)).toBe(20_000);
    standing.onFailed('status 503', T0 + 20_000, 86_400_000);
    expect(standing.wait(T0 + 20_000)).toBe(60_000);
  });

  test('is as good as before once it answers, which is told where the failure was', () => {
    const { standing, lines } = start();
    standing.onFailed('status 500', T0);
    standing.onFailed('status 500', T0 + 5_000);
    standing.onAnswered('bookings');
    expect(standing.wait(T0 + 5_000)).toBe(0);
    expect(lines.at(-1)).toContain('answers again');
    standing.onFailed('status 500', T0 + 10_000);
    expect(standing.wait(T0 + 10_000)).toBe(1_000);
    standing.onAnswered('bookings');
    expect(lines).toHaveLength(2);
  });

  test('is not left alone until a clock that was set back has caught up', () => {
    const { standing } = start();
    standing.onFailed('status 500', T0);
    standing.onRefused(403, 'events', T0);
    expect(standing.wait(T0 - 3_600_000)).toBe(0);
    expect(standing.refused('events', T0 - 3_600_000)).toBe(false);
  });
});

describe('a key that is refused', () => {
  test('for want of a scope is left alone there for ten minutes, and told which scope it needs, once', () => {
    const { standing, lines } = start();
    for (const area of ['bookings', 'events', 'registrations'] as const) {
      standing.onRefused(403, area, T0);
      standing.onRefused(403, area, T0 + 600_000);
    }
    expect(lines).toHaveLength(3);
    for (const [index, scope] of ['bookings:read', 'events:read', 'registrations:read'].entries())
      expect(lines[index]).toContain(`Give the key the scope ${scope}`);
    expect(standing.refused('events', T0 + 1_199_000)).toBe(true);
    expect(standing.refused('events', T0 + 1_201_000)).toBe(false);
  });

  test('since nobody knows it is left alone for everything, and told of once', () => {
    const { standing, lines } = start();
    standing.onRefused(401, 'events', T0);
    for (const area of ['bookings', 'events', 'registrations'] as const) {
      expect(standing.refused(area, T0)).toBe(true);
      standing.onRefused(401, area, T0);
    }
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('does not know WEBKASA_API_KEY');
  });

  test('is told of again where it was accepted in between', () => {
    const { standing, lines } = start();
    standing.onRefused(403, 'events', T0);
    standing.onAnswered('events');
    expect(standing.refused('events', T0)).toBe(false);
    standing.onRefused(403, 'events', T0);
    expect(lines).toHaveLength(2);
  });
});
