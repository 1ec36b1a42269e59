export { didYouMean, nearest } from '../core/suggest.ts';
