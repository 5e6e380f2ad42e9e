// @ts-check
// @css show_form.css
// What a host says of a show before it begins: words, cover, time, tags. The same fields for a new show and for one that is changed.

import { useState } from "preact/hooks";
import { Dialog } from "../components/dialog.js";
import { Field } from "../components/field.js";
import { FieldProblem, useForm } from "../components/form.js";
import { html } from "../components/html.js";
import { PicturePicker } from "../components/picture_picker.js";
import { t } from "../components/words.js";
import { api } from "../lib/api.js";
import { localMoment, localText, localZone } from "../lib/local_time.js";
import { PictureList } from "../lib/picture_list.js";
import { pictureOf } from "../lib/pictures.js";
import { shopApi, tagsOf } from "../lib/shop_api.js";
import { freshId } from "../lib/store.js";

/** @import { ShowView } from "../../schemas/generated/messages" */

const TAGS_MAX = 10;
const TAG_LENGTH_MAX = 30;
const FIELDS = ["title", "description", "scheduled_at_ms", "cover", "tags"];

/** @param {{ onMade: (showId: string) => void }} props */
export function NewShow({ onMade }) {
  const [showId] = useState(() => freshId("shw"));
  const [cover] = useState(() => new PictureList([], 1));
  const form = useForm(async (values) => {
    await api.scheduleShow({ show_id: showId, ...said(values, cover) });
    onMade(showId);
  });
  return html`
    <form class="panel stack" id="show-new" onSubmit=${form.onSubmit} data-testid="show-new">
      <h2>${t("show-new")}</h2>
      <${ShowFields} cover=${cover} form=${form} />
      ${form.rest(FIELDS)}
      <button class="button button-primary button-large" type="submit" data-testid="show-create" disabled=${form.busy}>${t("show-create")}</button>
    </form>
  `;
}

/** @param {{ show: ShowView, onDone: (changed: ShowView) => void, onClose: () => void }} props */
export function EditShow({ show, onDone, onClose }) {
  const [cover] = useState(() => new PictureList([pictureOf(show.cover_url)].flatMap((id) => id ?? []), 1));
  const form = useForm(async (values) => {
    const made = said(values, cover);
    onDone((await shopApi.editShow(show.show_id, { ...made, scheduled_at_ms: made.scheduled_at_ms ?? show.scheduled_at_ms })).show);
  });
  return html`
    <${Dialog} title=${t("show-edit-title")} onClose=${onClose} testid="show-sheet">
      <form class="stack" onSubmit=${form.onSubmit}>
        <${ShowFields} show=${show} cover=${cover} form=${form} />
        ${form.rest(FIELDS)}
        <button class="button button-primary button-large" type="submit" data-testid="show-save" disabled=${form.busy}>${t("show-save")}</button>
      </form>
    <//>
  `;
}

/** @param {{ show?: ShowView | null, cover: PictureList, form: { errorOf: (name: string) => string | null } }} props */
function ShowFields({ show = null, cover, form }) {
  const [tags, setTags] = useState(show?.tags.join(", ") ?? "");
  return html`
    <${Field} label=${t("show-title-label")} name="title" required maxlength="120" placeholder=${t("show-title-placeholder")} defaultValue=${show?.title ?? ""}
      data-testid="show-title" error=${form.errorOf("title")} />
    <${Field} as="textarea" label=${t("show-description-label")} name="description" maxlength="2000" defaultValue=${show?.description ?? ""}
      data-testid="show-description" error=${form.errorOf("description")} />
    <${PicturePicker} label=${t("show-cover")} list=${cover} hint=${t("show-cover-hint")} error=${form.errorOf("cover")} testid="show-cover" />
    <${Field} label=${t("show-when")} name="scheduled_at_ms" type="datetime-local" hint=${t(show ? "show-when-zone" : "show-when-hint", { zone: localZone() })}
      required=${show !== null} defaultValue=${show ? localText(show.scheduled_at_ms) : ""} data-testid="show-when" error=${form.errorOf("scheduled_at_ms")} />
    <${Field} label=${t("show-tags")} name="tags" value=${tags} hint=${t("show-tags-hint")} autocapitalize="none" data-testid="show-tags" error=${form.errorOf("tags")}
      onInput=${(/** @type {Event} */ event) => setTags(/** @type {HTMLInputElement} */ (event.target).value)} />
    ${tagsOf(tags).length > 0 && html`<ul class="show-tags" aria-hidden="true">${tagsOf(tags).map((tag, at) => html`<li class="show-tag" key=${at}>#${tag}</li>`)}</ul>`}
    <label class="check"><input type="checkbox" name="unlisted" checked=${show?.unlisted ?? false} data-testid="show-unlisted" />${t("show-unlisted")}</label>
  `;
}

/** What was typed and chosen. @param {Record<string, string>} values @param {PictureList} cover */
function said(values, cover) {
  if (cover.busy.value) throw new FieldProblem("cover", "product-pictures-busy");
  const tags = tagsOf(values.tags);
  if (tags.length > TAGS_MAX || tags.some((tag) => tag.length > TAG_LENGTH_MAX)) throw new FieldProblem("tags", "show-tags-many");
  const when = values.scheduled_at_ms ? localMoment(values.scheduled_at_ms) : null;
  if (values.scheduled_at_ms && when === null) throw new FieldProblem("scheduled_at_ms", "show-when-invalid");
  const { title, description, unlisted } = values;
  return {
    title: title.trim(),
    description: description.trim(),
    unlisted: unlisted === "on",
    scheduled_at_ms: when,
    cover: cover.ids.value[0] ?? null,
    tags,
  };
}
