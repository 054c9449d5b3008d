// The page's own words in the language it was opened in.

const page = JSON.parse(document.getElementById("page").textContent);

export const lang = page.lang;

export function word(key, values = {}) {
  return Object.entries(values).reduce((text, [name, value]) => text.replace(`{${name}}`, value), page.words[key] ?? key);
}
