import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { agendaView } from '../../src/slack/view/agenda.ts';
import { brokenChannelAlert, channelWorksAgainAlert } from '../../src/slack/view/channel-alert.ts';
import { failedView } from '../../src/slack/view/failed.ts';
import { failureView } from '../../src/slack/view/failure.ts';
import { helpView } from '../../src/slack/view/help.ts';
import { pausedView, resumedView } from '../../src/slack/view/pause.ts';
import { postedCopy } from '../../src/slack/view/posted.ts';
import { problemView } from '../../src/slack/view/problem.ts';
import { refusalView } from '../../src/slack/view/refusal.ts';
import { rerunDialog } from '../../src/slack/view/rerun.ts';
import { rerunOutcomeView } from '../../src/slack/view/rerun-outcome.ts';
import { rulesView } from '../../src/slack/view/rules.ts';
import { searchView } from '../../src/slack/view/search.ts';
import { showView } from '../../src/slack/view/show.ts';
import { subscribedView, unsubscribedView, welcomeMessage } from '../../src/slack/view/subscription.ts';
import { whyView } from '../../src/slack/view/why.ts';
import * as samples from '../slack/view/samples.ts';
import { type Shown, takePicture } from './slack-picture.ts';

/*
 * Pictures of what people see in Slack: node test/support/slack-pictures.ts FOLDER [NAME …]
 */

const { LOOK: look } = samples;
const broken = {
  channel: 'C0123SALES',
  since: samples.after(-60).toISOString(),
  code: 'is_archived',
  message: 'The channel is archived: unarchive it, or name another.',
  told: false,
};
const preview = samples.aPreview();

const pictures: Readonly<Record<string, () => readonly Shown[]>> = {
  search: () => [searchView(samples.aSearch(), { question: 'search john status:confirmed' }, look)],
  'search-nothing': () => [
    searchView(samples.aSearch({ resources: [], more: false }), { question: 'search john' }, look),
    problemView({ problem: '“serach” is no command.', about: null, nearest: 'search john' }, look),
    refusalView({ about: 'retry', who: '<@U012ANN> and <!subteam^S012>' }, look),
    failureView({ about: 'search', message: null, remedy: null }, look),
  ],
  show: () => [showView(samples.aShow(), { question: 'show bk_xyz789' }, look)],
  upcoming: () => [agendaView(samples.anAgenda(), { question: 'upcoming' }, look)],
  why: () => [whyView(samples.aWhy(), { question: 'why bk_xyz789' }, look)],
  posted: () => [
    postedCopy(searchView(samples.aSearch(), { question: 'search john' }, look), {
      by: 'U012ANN',
      question: 'search john',
    }),
  ],
  failed: () => [failedView(samples.aFailed(), { question: 'failed' }, look)],
  rules: () => [rulesView(samples.theRules(), { question: 'rules' }, look)],
  help: () => [helpView(null, look), helpView('search', look)],
  rerun: () => [
    rerunDialog(preview, '', look),
    rerunOutcomeView(
      {
        outcome: 'planned',
        webhookId: 'wh_evt_014',
        planned: preview.effects.slice(1, 3),
        left: preview.effects.slice(3),
      },
      look,
    ),
  ],
  team: () => [
    welcomeMessage(samples.aSubscription(), look),
    subscribedView({ subscription: samples.aSubscription(), known: false }, look),
    unsubscribedView({ channelName: '#sales', removed: [samples.aSubscription()] }, look),
    pausedView(
      { pause: { rule: 'tell-team', by: samples.ANN, at: samples.after(0).toISOString() }, known: false },
      look,
    ),
    resumedView(
      { rule: 'tell-team', pause: { rule: 'tell-team', by: samples.ANN, at: samples.after(0).toISOString() } },
      look,
    ),
    brokenChannelAlert({ broken, rules: ['tell-team', 'sub_1f2e3d4c'] }, look),
    channelWorksAgainAlert({ broken }, look),
  ],
};

const [folder = 'pictures', ...names] = process.argv.slice(2);
await mkdir(folder, { recursive: true });
for (const [name, shown] of Object.entries(pictures)) {
  if (names.length > 0 && !names.includes(name)) continue;
  await takePicture(shown(), join(folder, `${name}-phone.png`), { width: 360 });
  await takePicture(shown(), join(folder, `${name}-desktop.png`), { width: 720 });
}
