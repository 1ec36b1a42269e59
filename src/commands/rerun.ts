import { randomUUID } from 'node:crypto';
import { previewText, rerunText } from '../query/cli/rerun.ts';
import { type Effect, previewRerun, type RerunPreview, runAgain } from '../query/rerun.ts';
import { account } from './account.ts';
import { command, UsageError } from './command.ts';
import { printNamed, withStore } from './with-store.ts';

export const rerun = command({
  name: 'rerun',
  summary: "run a webhook again under today's rules",
  args: 'ID',
  count: [1, 1],
  options: {
    do: { type: 'boolean', help: 'do it; without this it is only shown' },
    mail: { type: 'boolean', help: 'with --do: send the mails to attendees too, also what they got before' },
  },
  json: true,
  more: [
    'ID is that of a webhook, one of its deliveries, or a booking, event or registration for its newest webhook. Shows action by action what would happen: a row or a Slack post that would say the same is skipped, a card that differs is updated, a row that differs is added. Attendees get nothing without --mail; with it they get the mail once more, also where it says the same, and a mail to everyone registered goes to all of them again.',
    'What failed is tried again by retry; rerun is for rules and templates that have changed since.',
  ],
  examples: ['rerun bk_xyz789', 'rerun wh_evt_abc123 --do', 'rerun bk_xyz789 --do --mail'],
  run: async ({ values: { do: really, mail }, args: [id = ''] }, context) => {
    if (mail && !really) throw new UsageError('--mail goes with --do.', 'rerun');
    const { openRerun } = await import('../app.ts');
    return withStore(context, async (store) => {
      await using deps = await openRerun(context.config(), store);
      const preview = await previewRerun(deps, id);
      const chosen = choiceOf(preview, mail === true);
      if (!really || !preview.webhook) {
        await printNamed(context, preview, (answer, look) => previewText(answer, chosen, look));
        return preview.webhook ? 0 : 1;
      }
      // A new token for each call: whoever types the command again wants it carried out again.
      const request = { id: preview.webhook.id, chosen, token: `command line ${randomUUID()}`, by: account() };
      const outcome = await runAgain(deps, request, store.clock());
      await printNamed(context, outcome, rerunText);
      return outcome.planned.length > 0 ? 0 : 1;
    });
  },
});

/** The preselected effects, and with `mail` also the mails to attendees. */
const choiceOf = ({ effects }: RerunPreview, mail: boolean): string[] =>
  effects.filter((effect) => effect.chosen || (mail && isMail(effect))).map((effect) => effect.id);

const isMail = ({ toAttendee, does }: Effect): boolean => toAttendee && does !== 'skip';
