/* How are the questions about a fault answered with one key each, a danger told of, and a card read out? */
import { html, render } from "/static/vendor/preact.js";
import { t } from "/static/shared/i18n.js";
import { icon } from "/static/shared/icon.js";

const UNKNOWN = "unknown";
const EMERGENCY = 1;
const LARGEST = 99_999;
const QUICK = { y: "yes", n: "no" };
const LATIN = /^[a-z]/;

/** Whether a text holds a word; an English one counts where a word begins. @param {string} said @param {string} word */
const holds = (said, word) =>
  LATIN.test(word) ? new RegExp(`(?<![a-z])${word}`).test(said) : said.includes(word);

/** @param {string} text @returns {Record<string, string>} */
const read = (text) => {
  try {
    return JSON.parse(text || "{}") ?? {};
  } catch {
    return {};
  }
};

/**
 * Ask about the chosen kind of fault, and keep the answers in the form's hidden fields.
 * @param {HTMLFormElement} form
 * @param {{facts: any, onChange: () => void, onLevel: (level: number, isForced: boolean) => void}} call
 */
export function askQuestions(form, call) {
  const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (form.querySelector(`[data-${name}]`));
  const field = (/** @type {string} */ name) => /** @type {any} */ (form.elements.namedItem(name));
  const value = (/** @type {string} */ name) => String(field(name)?.value ?? "").trim();
  const answers = () => read(value("answers"));
  const acts = () => read(value("dangers"));
  const questions = () => call.facts.questions[value("category")] ?? [];

  /** The one that a key answers: where the focus is, else the first without an answer. */
  function current() {
    const at = /** @type {HTMLElement | null} */ (document.activeElement?.closest?.(".question"))?.dataset.question;
    const given = answers();
    return questions().find((/** @type {any} */ each) => each.key === at) ?? questions().find((/** @type {any} */ each) => !given[each.key]);
  }

  /** @param {any} question @param {string} told */
  function answer(question, told) {
    const given = answers();
    if (told) given[question.key] = told;
    else delete given[question.key];
    field("answers").value = JSON.stringify(given);
    changed();
  }

  /** The answer that is given to a question of this category. @param {any} question */
  const given = (question) => question.answers.find((/** @type {any} */ each) => each.key === answers()[question.key]);

  /** How urgent it is by its kind and by the answers, as the server reckons too. */
  function levelAsked() {
    const own = call.facts.categories.find((/** @type {any} */ each) => each.key === value("category"))?.level;
    const told = answers();
    const raised = questions().map((/** @type {any} */ each) => given(each)?.raises ?? (each.raises && Number(told[each.key]) >= each.many ? each.raises : null));
    return Math.min(...[own, ...raised].filter(Boolean));
  }

  /** Dangers that an answer proves, and those that a word points to. */
  function dangers() {
    const proven = new Set(questions().map((/** @type {any} */ each) => given(each)?.danger).filter(Boolean));
    const said = value("description").toLowerCase();
    return call.facts.dangers
      .filter((/** @type {any} */ each) => proven.has(each.key) || each.words.some((/** @type {string} */ word) => holds(said, word)))
      .map((/** @type {any} */ each) => ({ ...each, isProven: proven.has(each.key), act: acts()[each.key] }))
      .filter((/** @type {any} */ each) => each.isProven || each.act !== "dismissed");
  }

  /** @param {any[]} some @param {string} what */
  function act(some, what) {
    field("dangers").value = JSON.stringify({ ...acts(), ...Object.fromEntries(some.map((each) => [each.key, what])) });
    changed();
  }
  const tell = () => act(dangers().filter((/** @type {any} */ each) => !each.act), "told");
  const dismiss = () => act(dangers().filter((/** @type {any} */ each) => !each.isProven && !each.act), "dismissed");

  function solve() {
    field("ending").value = "solved_by_phone";
    form.requestSubmit();
    field("ending").value = "";
  }

  /** The card goes to the caller as a message once the call is saved, or does not after all. */
  function send() {
    field("send_card").value = value("send_card") === "1" ? "" : "1";
    changed();
  }

  function changed() {
    show();
    call.onChange();
  }

  /** @param {any} question @param {any} one @param {number} place */
  const Choice = (question, one, place) => {
    const isGiven = answers()[question.key] === one.key;
    const hasFocus = isGiven || (!answers()[question.key] && place === 1);
    return html`<button type="button" role="radio" aria-checked=${isGiven} tabindex=${hasFocus ? 0 : -1} onClick=${() => answer(question, one.key)}>${one.label}<kbd aria-hidden="true">${place % 10}</kbd></button>`;
  };

  const Asked = (/** @type {any} */ question, /** @type {boolean} */ isNow) => {
    const id = `question-${question.key}`;
    const told = answers()[question.key];
    return html`<div class="question" key=${question.key} data-question=${question.key} data-now=${isNow} data-told=${Boolean(told)}>
      <span id=${id}>${question.text}</span>
      ${question.answers.length
        ? html`<div role="radiogroup" aria-labelledby=${id}>${question.answers.map((/** @type {any} */ one, /** @type {number} */ at) => Choice(question, one, at + 1))}
            ${Choice(question, { key: UNKNOWN, label: t("Don't know") }, 10)}</div>`
        : html`<input type="number" inputmode="numeric" min="0" max=${LARGEST} aria-labelledby=${id} value=${told === UNKNOWN ? "" : (told ?? "")} onChange=${(/** @type {any} */ event) => answer(question, event.target.value)} />`}
    </div>`;
  };

  function show() {
    const now = current()?.key;
    render(questions().length ? html`<div class="questions" role="group" aria-label=${t("Questions")}>${questions().map((/** @type {any} */ each) => Asked(each, each.key === now))}</div>` : null, part("questions"));
    const found = dangers();
    render(found.length ? html`<${Dangers} found=${found} tell=${tell} dismiss=${dismiss} />` : null, part("danger"));
    const card = call.facts.cards[value("category")];
    render(card ? html`<${Card} card=${card} solve=${solve} mayEnd=${!found.length} isSent=${value("send_card") === "1"} send=${send} />` : null, part("card"));
    if (found.length) call.onLevel(EMERGENCY, true);
    else if (value("category")) call.onLevel(levelAsked(), false);
  }

  /** Answer the current question; tells whether the key was one of its own. @param {KeyboardEvent} event */
  function answered(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.ctrlKey || event.metaKey || event.altKey || !target.matches("input[type=radio], .question button")) return false;
    const question = current();
    if (!question) return false;
    const isDigit = /^\d$/.test(event.key);
    if (!question.answers.length) {
      if (isDigit) /** @type {HTMLElement} */ (form.querySelector(`[data-question="${question.key}"] input`)).focus();
      return false;
    }
    const quick = /** @type {Record<string, string>} */ (QUICK)[event.key.toLowerCase()];
    const chosen = isDigit ? (event.key === "0" ? { key: UNKNOWN } : question.answers[Number(event.key) - 1]) : question.answers.find((/** @type {any} */ each) => each.key === quick);
    if (!chosen) return false;
    answer(question, chosen.key);
    goOn(question);
    return true;
  }

  /** Where the focus was in a question, it goes to the next one. @param {any} question */
  function goOn(question) {
    if (!document.activeElement?.closest(".question")) return;
    const next = questions()[questions().indexOf(question) + 1];
    const there = next && `[data-question="${next.key}"]`;
    const to = there ? form.querySelector(`${there} input, ${there} button[tabindex="0"]`) : field("description");
    /** @type {HTMLElement} */ (to).focus();
    show();
  }

  /** @param {KeyboardEvent} event */
  function pressed(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    const isUsed = () => {
      if (event.key === "Enter" && event.shiftKey && (event.ctrlKey || event.metaKey)) return solve(), true;
      if (event.altKey && event.code === "KeyM" && call.facts.cards[value("category")]) return send(), true;
      if (event.altKey && event.code === "Digit0" && dangers().length) return tell(), true;
      if (event.altKey && event.code === "Digit9" && dangers().length) return dismiss(), true;
      if (event.key === "Enter" && target.matches(".question input")) return answer(current(), /** @type {HTMLInputElement} */ (target).value), goOn(current()), true;
      if (/^Arrow(Left|Right)$/.test(event.key) && target.matches(".question button")) {
        const near = event.key === "ArrowRight" ? target.nextElementSibling : target.previousElementSibling;
        /** @type {HTMLElement | null} */ (near)?.focus();
        return true;
      }
      return answered(event);
    };
    if (!isUsed()) return;
    event.preventDefault();
    event.stopPropagation();
  }

  form.addEventListener("keydown", pressed, { capture: true });
  form.addEventListener("input", (event) => {
    if (["category", "kind", "description"].includes(/** @type {HTMLInputElement} */ (event.target).name)) show();
  });
  form.addEventListener("focusin", (event) => {
    if (/** @type {HTMLElement} */ (event.target).closest(".question")) show();
  });
  form.addEventListener("reset", () => queueMicrotask(show));
  return { show };
}

/** Large, and first of all: whom the caller must ring. @param {{found: any[], tell: () => void, dismiss: () => void}} props */
function Dangers({ found, tell, dismiss }) {
  const open = found.filter((each) => !each.act);
  return html`<section class="danger-card" data-open=${open.length > 0} aria-label=${t("Danger to life")}>
    ${found.map((each) => html`<div key=${each.key}><strong>${icon(each.act ? "check" : "alert-octagon")} ${each.name}</strong>${" "}
      ${each.act ? html`<span>${t("Told: ring %(number)s", { number: each.number })}</span>` : html`<p class="danger-number">${t("Tell the caller to ring %(number)s now: %(rescue)s", { number: each.number, rescue: each.rescue })}</p><p>${each.advice}</p>`}</div>`)}
    ${open.length > 0 && html`<div class="row"><button type="button" class="primary" onClick=${tell}>${t("The caller was told")} <kbd class="on-accent" aria-hidden="true">Alt 0</kbd></button>
      ${open.some((each) => !each.isProven) && html`<button type="button" onClick=${dismiss}>${t("Not the case")} <kbd aria-hidden="true">Alt 9</kbd></button>`}</div>`}
  </section>`;
}

/** What the caller can do now. @param {{card: any, solve: () => void, mayEnd: boolean, isSent: boolean, send: () => void}} props */
function Card({ card, solve, mayEnd, isSent, send }) {
  return html`<section class="help-card" aria-label=${t("Read out")}><h3>${icon("phone")} ${card.title}</h3>
    <ol>${card.steps.map((/** @type {string} */ step) => html`<li key=${step}>${step}</li>`)}</ol>
    <div class="row"><button type="button" aria-pressed=${isSent} onClick=${send}>${icon("message")} ${t("Send to the caller when saved")} <kbd aria-hidden="true">Alt M</kbd></button>
    ${mayEnd && html`<button type="button" onClick=${solve}>${icon("check")} ${t("Solved by phone")} <kbd aria-hidden="true">Ctrl ⇧ ↵</kbd></button>`}</div></section>`;
}
