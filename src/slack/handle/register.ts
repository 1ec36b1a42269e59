import type { App, BlockAction, ButtonAction } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import { RERUN_DIALOG } from '../../template/slack-buttons.ts';
import type { Answerer } from '../answer/answerer.ts';
import { strangerView } from '../view/refusal.ts';
import { chosenEffects } from '../view/rerun.ts';
import { type Asker, type AskerFacts, commandFacts, interactionFacts } from './asker.ts';
import { handleClick, isAnswered } from './buttons.ts';
import { handleCommand } from './commands.ts';
import type { HandleDeps } from './deps.ts';
import { readOrigin } from './rerun-origin.ts';
import { staleDialog, submitRerun } from './rerun-submit.ts';
import { operatorsOnly, respond } from './respond.ts';
import { isStranger } from './stranger.ts';

export type RegisterDeps = HandleDeps & {
  readonly answererFor: (facts: AskerFacts) => Answerer;
};

/**
 * Registers all of the bot's listeners. Each acknowledges first and with an empty body, because Slack waits only three
 * seconds, however busy the store is; the answer follows by the response_url or the Web API.
 */
export const register = (app: App, client: WebClient, deps: RegisterDeps): void => {
  const askerOf = (facts: AskerFacts): Asker => ({ ...facts, client, answerer: deps.answererFor(facts) });
  /** Turns away members of another workspace, whatever they press, before anything is looked up. */
  const ofMember = async (asker: Asker, work: (asker: Asker) => Promise<void>): Promise<void> => {
    if (isStranger(asker, deps.workspace())) await asker.answerer.reply(strangerView());
    else await work(asker);
  };

  // Whatever the command is called: a workspace may have a second app with the bot, for trying things out.
  app.command(/^\//, async ({ ack, command }) => {
    await ack();
    // No check for strangers: only members of a workspace with the app installed can type it.
    await handleCommand(deps, askerOf(commandFacts(command)), command.text);
  });

  app.action<BlockAction<ButtonAction>>({ type: 'block_actions' }, async ({ ack, action, body }) => {
    await ack();
    // Not ours: links, and buttons from templates the team wrote.
    if (!isAnswered(action.action_id)) return;
    const onAnswer = body.container.is_ephemeral === true;
    const click = { action: action.action_id, value: action.value ?? '', onAnswer };
    await ofMember(askerOf(interactionFacts(body)), (asker) => handleClick(deps, asker, click));
  });

  app.view(RERUN_DIALOG.callback, async ({ ack, body, view }) => {
    await ack();
    const origin = readOrigin(view.private_metadata);
    const facts = interactionFacts(body);
    const channel = { id: origin?.channel ?? '', name: '' };
    await ofMember(askerOf({ ...facts, channel, responseUrl: origin?.responseUrl }), (asker) =>
      respond(deps, asker, 'rerun', () =>
        operatorsOnly(deps, asker, 'rerun', async () =>
          origin
            ? submitRerun(deps, asker, { origin, view: view.id, ticked: chosenEffects(view.state.values) })
            : staleDialog(deps),
        ),
      ),
    );
  });
};
