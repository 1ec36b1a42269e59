import { z } from 'zod';

/*
 * What Slack takes as an app's manifest (https://docs.slack.dev/reference/app-manifest), as far as the bot uses it; the
 * lengths are those of @slack/web-api's types.
 */

const text = (most: number) => z.string().refine((value) => value.length > 0 && [...value].length <= most);
const address = z.url({ protocol: /^https$/ });

const Manifest = z.strictObject({
  _metadata: z.strictObject({ major_version: z.union([z.literal(1), z.literal(2)]) }),
  display_information: z.strictObject({
    name: text(35),
    description: text(140).optional(),
    long_description: z.string().min(174).max(4000).optional(),
    background_color: z
      .string()
      .regex(/^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i)
      .optional(),
  }),
  features: z.strictObject({
    app_home: z.strictObject({
      home_tab_enabled: z.boolean(),
      messages_tab_enabled: z.boolean(),
      messages_tab_read_only_enabled: z.boolean(),
    }),
    bot_user: z.strictObject({ display_name: z.string().regex(/^[a-z0-9._-]{1,80}$/), always_online: z.boolean() }),
    slash_commands: z
      .array(
        z.strictObject({
          command: z.string().regex(/^\/[a-z0-9_-]{1,31}$/),
          description: text(2000),
          usage_hint: text(1000),
          should_escape: z.boolean(),
          url: address.optional(),
        }),
      )
      .min(1)
      .max(50),
  }),
  oauth_config: z.strictObject({
    scopes: z.strictObject({
      bot: z
        .array(z.string().regex(/^[a-z]+(?::[a-z.]+)?$/))
        .max(255)
        .refine((scopes) => new Set(scopes).size === scopes.length),
    }),
  }),
  settings: z.strictObject({
    interactivity: z.strictObject({ is_enabled: z.boolean(), request_url: address.optional() }),
    org_deploy_enabled: z.boolean(),
    socket_mode_enabled: z.boolean(),
    token_rotation_enabled: z.boolean(),
  }),
});

/** Where Slack would complain; empty where it takes the manifest. Without Socket Mode, addresses have to be given. */
export const manifestProblems = (manifest: unknown): string[] => {
  const parsed = Manifest.safeParse(manifest);
  if (!parsed.success) return parsed.error.issues.map(({ path }) => path.join('.'));
  const { settings, features } = parsed.data;
  const given = [settings.interactivity.request_url, ...features.slash_commands.map(({ url }) => url)];
  const wanted = settings.socket_mode_enabled ? given.every((url) => !url) : given.every(Boolean);
  return wanted ? [] : ['settings.socket_mode_enabled'];
};
