// @ts-check
// Pictures of the shop: their addresses, and how a file becomes one.

import { ApiError, offline, problemError } from "./errors.js";

/** @import { PictureView } from "../../schemas/generated/messages" */

/** As schemas/http/pictures.py. */
export const WIDTHS = [320, 800, 1600];
export const BYTES_MAX = 10 * 1024 * 1024;
export const PICTURES_MAX = 8;
/** Telephones turn their own formats into one of these by themselves when they are asked for them. */
export const MEDIA_TYPES = ["image/jpeg", "image/png", "image/webp"];

const ADDRESS = /^\/media\/pictures\/(pic_[0-9a-f]{32})\/\d+\.webp$/;

/** @param {string} id @param {number} [width] one of WIDTHS */
export const pictureUrl = (id, width = 800) => `/media/pictures/${id}/${width}.webp`;

/** Id of the picture at an address of the shop's own, or null. @param {string | null} url */
export const pictureOf = (url) => ADDRESS.exec(url ?? "")?.[1] ?? null;

/** What `srcset` takes, for an address that has several widths. @param {string} url */
export function sourcesOf(url) {
  const id = pictureOf(url);
  return id ? WIDTHS.map((width) => `${pictureUrl(id, width)} ${width}w`).join(", ") : undefined;
}

/**
 * Uploads a file. `fetch` does not tell how far it is, so this is the older way.
 * @param {File} file @param {(share: number) => void} onProgress from 0 to 1
 * @param {() => XMLHttpRequest} [open]
 * @returns {Promise<PictureView>}
 */
export function upload(file, onProgress, open = () => new XMLHttpRequest()) {
  if (file.size > BYTES_MAX) return Promise.reject(new ApiError("too_large"));
  return new Promise((resolve, reject) => {
    const request = open();
    request.open("POST", "/api/pictures");
    // The server looks at the bytes; a kind that it does not know at all would be refused with words for programmers.
    request.setRequestHeader("content-type", MEDIA_TYPES.includes(file.type) ? file.type : MEDIA_TYPES[0]);
    request.setRequestHeader("accept", "application/json");
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onerror = () => reject(offline());
    request.ontimeout = () => reject(offline());
    request.onload = () => {
      const body = decoded(request.responseText);
      if (request.status === 201) resolve(/** @type {PictureView} */ (body));
      else reject(problemError(request.status, body, request.getResponseHeader("retry-after")));
    };
    request.send(file);
  });
}

/** @param {string} text */
function decoded(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
