// @ts-check
// The questions of a show as one person has them, without drawing: in order, with votes, one's own among them.

import { computed, effect, signal } from "@preact/signals-core";
import { api } from "./api.js";
import { freshId } from "./store.js";

/** Pages of a show's questions that are looked through for hidden ones: some thousands of questions. */
const PAGES_MAX = 20;

/**
 * @import { Signal } from "@preact/signals-core"
 * @import { QuestionVotesState, QuestionView, QuestionsState } from "../../schemas/generated/messages"
 * @import { Channel, Live } from "./store.js"
 * @typedef {QuestionView & { votes: number, mine: boolean }} Row
 */

export class Questions {
  /** Questions that this person has voted for. @type {Signal<ReadonlySet<string>>} */ mine = signal(new Set());
  /** This person's own questions as they should see them. @type {Signal<QuestionView[]>} */ own = signal([]);
  /** Hidden questions with their texts, for those who may read them. @type {Signal<QuestionView[]>} */ hidden = signal([]);
  /** @type {Signal<QuestionVotesState | null>} */ votes = signal(null);
  /** Own votes that the totals do not have yet, by question: 1 or -1. @type {Signal<ReadonlyMap<string, number>>} */ #ahead = signal(new Map());
  /** What was clicked on this page; a list that was asked for before does not undo it. @type {Map<string, boolean>} */ #marks = new Map();
  #watching = false;

  /** @param {string} showId @param {Live} live */
  constructor(showId, live) {
    this.showId = showId;
    this.live = live;
    this.name = `questions:${showId}`;
    /** @type {Channel} */ this.channel = live.channel(this.name);
    /** @type {Signal<QuestionsState | null>} */ this.state = this.channel.state;
    /** What a host or moderator sees. */
    this.all = computed(() => this.#rows(withTexts(this.state.value?.questions ?? [], this.hidden.value)));
    /** What a viewer sees. */
    this.rows = computed(() => this.#rows(withOwn(this.state.value?.questions ?? [], this.own.value)).filter(({ status }) => status !== "hidden"));
    /** The question that is being answered now. */ this.now = computed(() => this.all.value.find(({ status }) => status === "live") ?? null);
    this.waiting = computed(() => this.all.value.filter(({ status }) => status === "waiting").length);
  }

  /** Votes are counted only for people who look at the list. */
  async watchVotes() {
    if (this.#watching) return;
    this.#watching = true;
    /** @type {Signal<QuestionVotesState | null>} */
    const totals = this.live.channel(`question_votes:${this.showId}`).state;
    effect(() => {
      this.votes.value = totals.value;
      this.#ahead.value = new Map();
    });
    await this.#learnMine();
  }

  /** The texts of hidden questions, which the channel does not carry; asked for again whenever one is missing. */
  watchHidden() {
    return effect(() => {
      const unread = (this.state.value?.questions ?? []).some((each) => each.status === "hidden" && !this.hidden.peek().some(({ question_id }) => question_id === each.question_id));
      // Without them the queue says "hidden", and the next change is the next try.
      if (unread) this.#learnHidden().catch(() => undefined);
    });
  }

  /** @param {string} text */
  async ask(text) {
    await this.live.publish(this.name, freshId("qst"), { type: "ask", text });
    // The question is asked, whether or not the list of one's own can be had.
    await this.#learnMine().catch(() => undefined);
  }

  /** Votes, or takes the vote back; shown at once, and undone when the server refuses. @param {Row} row */
  async toggle(row) {
    const up = !row.mine;
    this.#mark(row.question_id, up);
    try {
      await this.live.publish(this.name, freshId("vot"), { type: "vote", question_id: row.question_id, up });
    } catch (error) {
      this.#mark(row.question_id, !up);
      throw error;
    }
  }

  /** @param {string} id @param {boolean} up */
  #mark(id, up) {
    this.#marks.set(id, up);
    this.mine.value = withMarks(this.mine.value, this.#marks);
    const ahead = new Map(this.#ahead.value);
    const change = (ahead.get(id) ?? 0) + (up ? 1 : -1);
    if (change === 0) ahead.delete(id);
    else ahead.set(id, change);
    this.#ahead.value = ahead;
  }

  async #learnMine() {
    const { question_ids, own } = await api.myQuestionVotes(this.showId);
    this.mine.value = withMarks(question_ids, this.#marks);
    this.own.value = own;
  }

  async #learnHidden() {
    /** @type {QuestionView[]} */
    const found = [];
    let after = "";
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const { questions } = await api.questions(this.showId, after);
      if (questions.length === 0) break;
      found.push(...questions.filter(({ status }) => status === "hidden"));
      after = questions[questions.length - 1].question_id;
    }
    this.hidden.value = found;
  }

  /** @param {QuestionView[]} questions */
  #rows(questions) {
    return inOrder(questions, this.#counts(), this.mine.value);
  }

  #counts() {
    const counts = new Map((this.votes.value?.votes ?? []).map(({ question_id, votes }) => [question_id, votes]));
    for (const [id, change] of this.#ahead.value) counts.set(id, Math.max(0, (counts.get(id) ?? 0) + change));
    return counts;
  }
}

/** @param {Iterable<string>} ids @param {ReadonlyMap<string, boolean>} marks */
export function withMarks(ids, marks) {
  const mine = new Set(ids);
  for (const [id, up] of marks) {
    if (up) mine.add(id);
    else mine.delete(id);
  }
  return mine;
}

/** Hidden questions with what was written. @param {QuestionView[]} questions @param {QuestionView[]} hidden */
const withTexts = (questions, hidden) => {
  const texts = new Map(hidden.map((each) => [each.question_id, each]));
  return questions.map((each) => (each.status === "hidden" ? { ...each, ...pick(texts.get(each.question_id)) } : each));
};

/** @param {QuestionView | undefined} known */
const pick = (known) => (known ? { text: known.text, asker_name: known.asker_name } : {});

/**
 * The channel's questions and one's own beside them. The asker's version counts where it is not older: only they may see it.
 * @param {QuestionView[]} questions @param {QuestionView[]} own @returns {QuestionView[]}
 */
export function withOwn(questions, own) {
  const byId = new Map(questions.map((each) => [each.question_id, each]));
  for (const each of own) {
    if ((byId.get(each.question_id)?.version ?? 0) <= each.version) byId.set(each.question_id, each);
  }
  return [...byId.values()];
}

/** @type {Record<QuestionView["status"], number>} */
const RANK = { live: 0, waiting: 1, answered: 2, hidden: 3 };

/**
 * The live one, then the open ones by votes and age, then the answered ones, the latest first.
 * @param {QuestionView[]} questions @param {ReadonlyMap<string, number>} votes @param {ReadonlySet<string>} mine @returns {Row[]}
 */
export function inOrder(questions, votes, mine) {
  const rows = questions.map((each) => ({ ...each, votes: votes.get(each.question_id) ?? 0, mine: mine.has(each.question_id) }));
  const later = (/** @type {Row} */ a, /** @type {Row} */ b) => b.changed_at_ms - a.changed_at_ms;
  const first = (/** @type {Row} */ a, /** @type {Row} */ b) => b.votes - a.votes || a.asked_at_ms - b.asked_at_ms;
  return rows.sort((a, b) => RANK[a.status] - RANK[b.status] || (RANK[a.status] > 1 ? later(a, b) : first(a, b)));
}
