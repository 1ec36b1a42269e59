import type { TeamDocument } from '../../core/team.ts';
import type { RerunDeps } from '../../query/rerun.ts';
import type { RulesAnswer } from '../../query/rules.ts';
import type { Log } from '../../runtime/log.ts';
import type { ActStore, QueryStore, RoutingStore } from '../../store/ports.ts';
import type { Once } from '../answer/once.ts';
import type { Operators } from '../answer/operators.ts';
import type { SlackLook } from '../view/answer.ts';

/** What commands and buttons depend on. */
export type HandleDeps = {
  readonly store: QueryStore & ActStore & Pick<RoutingStore, 'getResource'>;
  readonly team: TeamDocument;
  /** The rules and subscriptions in effect now. */
  readonly rules: () => RulesAnswer;
  readonly rerun: RerunDeps;
  /** Called after deliveries became due, so that they are claimed without delay. */
  readonly onDue: () => void;
  readonly operators: Operators;
  /** The id of the bot's workspace; undefined until Slack has said. */
  readonly workspace: () => string | undefined;
  /** Guards against repeated clicks whose effect people would see twice. */
  readonly once: Once;
  /** How times are written, and the current time as `now`. */
  readonly look: () => SlackLook;
  readonly log: Log;
};
