/**
 * Format characters, such as those that turn the direction of writing, except where the writing needs them: joiners inside
 * emoji, and between letters of scripts that join (Persian, Hindi).
 */
export const INVISIBLE =
  /(?!(?<=\p{Extended_Pictographic}|\p{Emoji_Modifier}|\uFE0F)\u200D(?=\p{Extended_Pictographic})|(?<=\p{Lo}|\p{M})(?:\u200C|\u200D)(?=\p{Lo}))\p{Cf}/gu;
