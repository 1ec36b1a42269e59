import { describe, expect, test } from 'vitest';
import { BOT_SCOPES, EVENTS_PATH, slackManifest } from '../../../src/slack/manifest.ts';
import { manifestProblems } from '../../support/slack-manifest.ts';

const URL = 'https://bot.example.com';

describe.each(['http', 'socket'] as const)('for %s', (mode) => {
  test('Slack accepts it', () => {
    expect(manifestProblems(slackManifest({ mode, publicUrl: URL }))).toEqual([]);
    expect(manifestProblems(slackManifest({ mode, publicUrl: URL, name: 'é'.repeat(35) }))).toEqual([]);
  });

  test('it asks for what the bot needs, and for nothing that it does not', () => {
    const { oauth_config: oauth, settings } = slackManifest({ mode, publicUrl: URL });
    expect(oauth?.scopes?.bot).toEqual([...BOT_SCOPES]);
    expect(oauth?.scopes?.user).toBeUndefined();
    expect(settings).toMatchObject({ interactivity: { is_enabled: true }, token_rotation_enabled: false });
  });
});

test('over HTTP, commands and buttons go to the one address of the bot, whatever stands at the end of it', () => {
  for (const publicUrl of [URL, `${URL}/`]) {
    const { features, settings } = slackManifest({ mode: 'http', publicUrl });
    expect(features?.slash_commands?.[0]).toMatchObject({ command: '/webkasa', url: `${URL}${EVENTS_PATH}` });
    expect(settings).toMatchObject({
      socket_mode_enabled: false,
      interactivity: { request_url: `${URL}${EVENTS_PATH}` },
    });
  }
});

test('in Socket Mode there is no address in it', () => {
  const manifest = slackManifest({ mode: 'socket', publicUrl: URL });
  expect(JSON.stringify(manifest)).not.toContain('bot.example.com');
  expect(manifest.settings?.socket_mode_enabled).toBe(true);
});

test('what Slack would not take is found', () => {
  const manifest = slackManifest({ mode: 'http', publicUrl: 'http://bot.example.com', name: 'x'.repeat(36) });
  expect(manifestProblems(manifest)).toEqual([
    'display_information.name',
    'features.slash_commands.0.url',
    'settings.interactivity.request_url',
  ]);
});
