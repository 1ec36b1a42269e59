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
 * Adds all that the bot listens to. Each listener acknowledges first, with nothing: Slack gives three seconds, whatever the
 * store is doing, and every answer comes after that by its own way.
 */
export const register = (app: App, client: WebClient, deps: RegisterDeps): void => {
  const askerOf = (facts: AskerFacts): Asker => ({ ...facts, client, answerer: deps.answererFor(facts) });
  /** Whoever is of another workspace is turned away, whatever they press, before anything is looked up. */
  const ofMember = async (asker: Asker, work: (asker: Asker) => Promise<void>): Promise<void> => {
    if (isStranger(asker, deps.workspace())) await asker.answerer.reply(strangerView());
    else await work(asker);
  };

  // Whatever the command is called: a workspace may have an app for trying out beside the one in use.
  app.command(/^\//, async ({ ack, command }) => {
    await ack();
    // Slack lets nobody type it who is not of a workspace where the app is installed.
    await handleCommand(deps, askerOf(commandFacts(command)), command.text);
  });

  app.action<BlockAction<ButtonAction>>({ type: 'block_actions' }, async ({ ack, action, body }) => {
    await ack();
    // Links, and buttons of templates of one's own.
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
