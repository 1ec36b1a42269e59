import { describe } from 'vitest';
import { actContract } from './store/acts.ts';
import { cardContract } from './store/cards.ts';
import { claimContract } from './store/claim.ts';
import { dueContract } from './store/due.ts';
import type { OpenStore } from './store/harness.ts';
import { holdContract } from './store/hold.ts';
import { inboxContract } from './store/inbox.ts';
import { mailContract } from './store/mails.ts';
import { oddTextContract } from './store/odd-text.ts';
import { orderContract } from './store/order.ts';
import { rerunContract } from './store/rerun.ts';
import { retryContract } from './store/retry.ts';
import { routingContract } from './store/routing.ts';
import { searchContract } from './store/search.ts';
import { searchFilterContract } from './store/search-filters.ts';
import { searchModelContract } from './store/search-model.ts';
import { searchPagesContract } from './store/search-pages.ts';
import { settleContract } from './store/settle.ts';
import { standingInContract } from './store/standing-in.ts';
import { statusContract } from './store/status.ts';
import { storyContract } from './store/story.ts';

/** What every store must do, whatever it keeps its data in: all that src/store/ports.ts promises. */
export const describeStoreContract = (name: string, open: OpenStore): void => {
  describe(name, () => {
    describe('inbox', () => inboxContract(open));
    describe('routing', () => routingContract(open));
    describe('due deliveries', () => dueContract(open));
    describe('held deliveries', () => holdContract(open));
    describe('claiming', () => claimContract(open));
    describe('settling', () => settleContract(open));
    describe('order', () => orderContract(open));
    describe('retrying', () => retryContract(open));
    describe('running again beside what is there', () => standingInContract(open));
    describe('rerunning', () => rerunContract(open));
    describe('acts', () => actContract(open));
    describe('cards', () => cardContract(open));
    describe('mails', () => mailContract(open));
    describe('search', () => searchContract(open));
    describe('search with filters', () => searchFilterContract(open));
    describe('pages of a search', () => searchPagesContract(open));
    describe('any search', () => searchModelContract(open));
    describe('stories', () => storyContract(open));
    describe('status', () => statusContract(open));
    describe('odd text', () => oddTextContract(open));
  });
};
