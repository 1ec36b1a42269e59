import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { roleOf } from '../../src/app/role.ts';
import { EnvSchema, SECRETS } from '../../src/config.ts';
import { ROOT, textOf } from './files.ts';

const ServiceSchema = z.looseObject({
  build: z.object({ context: z.string(), dockerfile: z.string() }).optional(),
  environment: z.record(z.string(), z.string()),
  secrets: z.array(z.string()).default([]),
  volumes: z.array(z.string()),
  networks: z.union([z.array(z.string()), z.record(z.string(), z.object({ aliases: z.array(z.string()) }))]),
  profiles: z.array(z.string()).default([]),
  command: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
});

const ComposeSchema = z.object({
  name: z.string(),
  services: z.record(z.string(), ServiceSchema),
  networks: z.record(z.string(), z.unknown()),
  volumes: z.record(z.string(), z.unknown()),
  secrets: z.record(z.string(), z.object({ file: z.string() })),
});

const compose = ComposeSchema.loose().parse(parse(textOf('deploy/compose.yaml'), { merge: true }));
const services = Object.entries(compose.services);
const bots = services.filter(([, service]) => service.build);

const running = (profile: string): string[] =>
  services.filter(([, { profiles }]) => profiles.length === 0 || profiles.includes(profile)).map(([name]) => name);

describe('deploy/compose.yaml', () => {
  test('runs one process on SQLite, or a receiver and two workers on PostgreSQL, with Caddy before either', () => {
    expect(running('single')).toEqual(['single', 'caddy']);
    expect(running('postgres')).toEqual(['receiver', 'worker-1', 'worker-2', 'postgres', 'caddy']);
    const roles = bots.map(([name, { command }]) => [name, command[0] === 'start' ? roleOf(command[2] ?? '') : 'all']);
    expect(Object.fromEntries(roles)).toEqual({
      single: 'all',
      receiver: 'receiver',
      'worker-1': 'worker',
      'worker-2': 'worker',
    });
  });

  test('sets only what the bot knows, and each secret from a file that it is handed', () => {
    const known: readonly string[] = [...Object.keys(EnvSchema.shape), ...SECRETS.map((name) => `${name}_FILE`)];
    for (const [name, { environment, secrets }] of bots) {
      expect(
        Object.keys(environment).filter((key) => !known.includes(key)),
        name,
      ).toEqual([]);
      const files = Object.entries(environment).filter(([key]) => key.endsWith('_FILE'));
      expect(files.map(([, path]) => path).toSorted(), name).toEqual(
        secrets.map((key) => `/run/secrets/${key}`).toSorted(),
      );
      expect(
        SECRETS.filter((secret) => secret in environment),
        name,
      ).toEqual([]);
    }
  });

  test('names only secrets, volumes, networks and files that there are', () => {
    for (const [name, service] of services) {
      for (const secret of service.secrets) expect(compose.secrets, name).toHaveProperty(secret);
      for (const network of [service.networks].flatMap((given) =>
        Array.isArray(given) ? given : Object.keys(given),
      )) {
        expect(compose.networks, name).toHaveProperty(network);
      }
      for (const [source = ''] of service.volumes.map((volume) => volume.split(':'))) {
        if (source.startsWith('.')) expect(existsSync(join(ROOT, 'deploy', source)), source).toBe(true);
        else expect(compose.volumes, name).toHaveProperty(source);
      }
      for (const needed of Object.keys(service.depends_on)) expect(compose.services, name).toHaveProperty(needed);
    }
    for (const [, { build }] of bots) {
      expect(existsSync(join(ROOT, 'deploy', build?.context ?? '', build?.dockerfile ?? ''))).toBe(true);
    }
  });

  test('every process shares the data, and may do nothing else', () => {
    for (const [name, service] of bots) {
      expect(service.volumes, name).toEqual(['data:/data']);
      expect(service, name).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        restart: 'unless-stopped',
      });
    }
  });

  test('only Caddy is reached from outside, and finds whichever takes webhooks', () => {
    expect(services.filter(([, { ports }]) => ports.length > 0).map(([name]) => name)).toEqual(['caddy']);
    const [, host, port] = /reverse_proxy (\S+):(\d+)/.exec(textOf('deploy/Caddyfile')) ?? [];
    const answering = services.filter(
      ([, { networks }]) =>
        !Array.isArray(networks) && Object.values(networks).some(({ aliases }) => aliases.includes(host ?? '')),
    );
    expect(answering.map(([name]) => name)).toEqual(['single', 'receiver']);
    for (const [, { environment }] of answering) expect(environment.PORT).toBe(port);
  });
});

describe('deploy/Dockerfile', () => {
  const dockerfile = textOf('deploy/Dockerfile');

  test('has the Node that the project has', () => {
    expect(/^ARG NODE=(\S+)$/m.exec(dockerfile)?.[1]).toBe(textOf('.node-version').trim());
  });

  test('copies what there is, and what .dockerignore lets through', () => {
    const through = textOf('.dockerignore').matchAll(/^!(.+)$/gm);
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, names = '']) =>
      names.split(' '),
    );
    expect(copied.toSorted()).toEqual([...through].map(([, name]) => name).toSorted());
    for (const name of copied) expect(existsSync(join(ROOT, name)), name).toBe(true);
  });

  test('sets only what the bot or Node knows', () => {
    const known = [...Object.keys(EnvSchema.shape), 'NODE_OPTIONS', 'NODE_COMPILE_CACHE', 'MALLOC_ARENA_MAX'];
    const set = [...dockerfile.matchAll(/^ENV (.+)$/gm)].flatMap(([, pairs = '']) => pairs.split(' '));
    expect(set.map((pair) => pair.split('=')[0]).filter((name) => !known.includes(name ?? ''))).toEqual([]);
  });

  test('runs as nobody who may do anything', () => {
    expect(dockerfile.lastIndexOf('USER 10001:10001')).toBeLessThan(dockerfile.indexOf('ENTRYPOINT'));
    expect(dockerfile.indexOf('USER 10001:10001')).toBeGreaterThan(dockerfile.lastIndexOf('RUN '));
  });
});
