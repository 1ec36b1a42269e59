import type { TeamDocument } from '../../core/team.ts';
import type { RerunDeps } from '../../query/rerun.ts';
import type { RulesAnswer } from '../../query/rules.ts';
import type { Log } from '../../runtime/log.ts';
import type { ActStore, QueryStore, RoutingStore } from '../../store/ports.ts';
import type { Once } from '../answer/once.ts';
import type { Operators } from '../answer/operators.ts';
import type { SlackLook } from '../view/answer.ts';

/** What commands and buttons need. */
export type HandleDeps = {
  readonly store: QueryStore & ActStore & Pick<RoutingStore, 'getResource'>;
  readonly team: TeamDocument;
  /** Rules and subscriptions as they are in effect now. */
  readonly rules: () => RulesAnswer;
  readonly rerun: RerunDeps;
  /** Called after deliveries were made due. */
  readonly onDue: () => void;
  readonly operators: Operators;
  /** The id of the workspace the bot belongs to; undefined until Slack told. */
  readonly workspace: () => string | undefined;
  /** Of clicks that would show if they were done twice. */
  readonly once: Once;
  /** How times are written; its `now` is the time it is called at. */
  readonly look: () => SlackLook;
  readonly log: Log;
};
