// How many SMS parts a text costs: the rule of infrastructure/segments.py, counted live in the browser.

const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const EXTENDED = new Set("^{}\\[~]|€\f");

export function parts(text) {
  const letters = [...text];
  const gsm = letters.every((letter) => BASIC.has(letter) || EXTENDED.has(letter));
  const units = gsm ? letters.length + letters.filter((letter) => EXTENDED.has(letter)).length : text.length;
  const [single, joined] = gsm ? [160, 153] : [70, 67];
  return Math.ceil(units / (units <= single ? single : joined));
}
