// @ts-check
// The server's HTTP interface: JSON in, JSON out, refusals as ApiError. Paths and bodies: /api/openapi.json.

import { offline, problemError } from "./errors.js";

/**
 * @import { EnterByTelegram, TelegramView } from "../../schemas/generated/messages"
 * @import { ClaimShop, EnterAsGuest, FundPool, IngestView, LogIn, MeView, OfferListView, OfferView, OrderListView, OrderView } from "../../schemas/generated/messages"
 * @import { AcceptInvite, BackstageState, CreateInvite, InviteMade, InvitePage, OwnPart, PassGiven, SetLayout } from "../../schemas/generated/messages"
 * @import { Appoint, AuditPage, BannedWords, ChatHistory, LiftSanction, ModerationSettings, ModerationState, MyQuestionVotes, MyStanding, MyVotes } from "../../schemas/generated/messages"
 * @import { OpenPoll, PinMessage, QuestionsState, QuestionView, Register, RemoveMessages, ReviewMessage, Sanction, SetQuestionStatus } from "../../schemas/generated/messages"
 * @import { PayOrder, PaymentView, WaitingPayment, PlaceOrder, ProductListView, ProductView, PublishProduct, ScheduleShow, ShowListView, ShowState, ShowView, TicketView } from "../../schemas/generated/messages"
 * @import { ChangePrice, CountStock, PoolReturnView, ReturnUnits, StockHistoryView, VariantView } from "../../schemas/generated/messages"
 * @import { LotHistory, LotListView, LotView, MakeRehearsal, MyLot, PrepareLot, TakeLotBack } from "../../schemas/generated/messages"
 * @import { Follow, FollowingView, PushKeyView, ReadInbox, RemindMe, SubscribePush, UnsubscribePush } from "../../schemas/generated/messages"
 */

/** A person looks at a spinner meanwhile; later than this the answer "try again" is kinder. */
const DEADLINE_MS = 15_000;

/**
 * @param {string} method @param {string} path @param {unknown} [body]
 * @param {{ idempotencyKey?: string, fetch?: typeof fetch }} [options]
 * @returns {Promise<any>} decoded answer; null for an empty one
 */
export async function call(method, path, body, options = {}) {
  /** @type {Record<string, string>} */
  const headers = { accept: "application/json" };
  if (body !== undefined) headers["content-type"] = "application/json";
  if (options.idempotencyKey) headers["idempotency-key"] = options.idempotencyKey;
  const send = options.fetch ?? fetch;
  let response, text;
  try {
    response = await send(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(DEADLINE_MS),
      credentials: "same-origin",
    });
    text = await response.text();
  } catch {
    throw offline();
  }
  const data = decode(text);
  if (!response.ok) throw problemError(response.status, data, response.headers.get("retry-after"));
  return data;
}

/** @param {string} text */
function decode(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

export const api = {
  /** @returns {Promise<MeView>} */ me: () => call("GET", "/api/auth/me"),
  /** @param {EnterByTelegram} body @returns {Promise<MeView>} */ enterByTelegram: (body) => call("POST", "/api/auth/telegram", body),
  /** @returns {Promise<TelegramView>} */ telegramApp: () => call("GET", "/api/auth/telegram"),
  /** @param {EnterAsGuest} body @returns {Promise<MeView>} */ enterAsGuest: (body) => call("POST", "/api/auth/guest", body),
  /** @param {ClaimShop} body @returns {Promise<MeView>} */ claim: (body) => call("POST", "/api/auth/claim", body),
  /** @param {LogIn} body @returns {Promise<MeView>} */ logIn: (body) => call("POST", "/api/auth/login", body),
  /** @param {Register} body @returns {Promise<MeView>} */ register: (body) => call("POST", "/api/auth/register", body),
  logOut: () => call("POST", "/api/auth/logout"),
  /** @returns {Promise<TicketView>} */ ticket: () => call("POST", "/api/auth/ticket"),

  /** @returns {Promise<ShowListView>} */ shows: () => call("GET", "/api/shows"),
  /** @param {string} showId @returns {Promise<ShowState>} */ show: (showId) => call("GET", `/api/shows/${showId}`),
  /** @param {ScheduleShow} body @returns {Promise<ShowView>} */ scheduleShow: (body) => call("POST", "/api/shows", body),
  /** @param {string} showId */ startShow: (showId) => call("POST", `/api/shows/${showId}/start`),
  /** @param {string} showId @param {MakeRehearsal} body @returns {Promise<ShowView>} */
  rehearse: (showId, body) => call("POST", `/api/shows/${showId}/rehearsal`, body),
  /** @param {string} showId */ endShow: (showId) => call("POST", `/api/shows/${showId}/end`),
  /** @param {string} showId @param {string} sku */ pin: (showId, sku) => call("POST", `/api/shows/${showId}/pin`, { sku }),
  /** @param {string} showId @param {string} sku */ unpin: (showId, sku) => call("POST", `/api/shows/${showId}/unpin`, { sku }),
  /** @param {string} showId @returns {Promise<IngestView>} */ ingest: (showId) => call("GET", `/api/shows/${showId}/ingest`),

  /** @returns {Promise<ProductListView>} */ products: () => call("GET", "/api/catalog/products"),
  /** @param {PublishProduct} body @returns {Promise<ProductView>} */
  publishProduct: (body) => call("POST", "/api/catalog/products", body),
  /** @param {FundPool} body @returns {Promise<OfferView>} */ fundPool: (body) => call("POST", "/api/catalog/pools", body),
  /** @param {ReturnUnits} body @returns {Promise<PoolReturnView>} */ returnUnits: (body) => call("POST", "/api/catalog/returns", body),
  /** @param {CountStock} body @returns {Promise<VariantView>} */ countStock: (body) => call("POST", "/api/catalog/stock", body),
  /** @param {ChangePrice} body @returns {Promise<VariantView>} */ changePrice: (body) => call("POST", "/api/catalog/prices", body),
  /** @param {string} sku @returns {Promise<StockHistoryView>} */
  stockHistory: (sku) => call("GET", `/api/catalog/stock/${encodeURIComponent(sku)}`),
  /** @param {string} showId @returns {Promise<OfferListView>} */ offers: (showId) => call("GET", `/api/catalog/offers/${showId}`),

  /** @param {PlaceOrder} body @returns {Promise<OrderView>} */
  placeOrder: (body) => call("POST", "/api/orders", body, { idempotencyKey: body.order_id }),
  /** @returns {Promise<OrderListView>} */ orders: () => call("GET", "/api/orders"),
  /** @param {string} orderId @returns {Promise<OrderView>} */ cancelOrder: (orderId) => call("POST", `/api/orders/${orderId}/cancel`),
  /** @param {PayOrder} body @returns {Promise<PaymentView>} */
  pay: (body) => call("POST", "/api/payments", body, { idempotencyKey: body.payment_id }),
  /** @param {WaitingPayment} body @returns {Promise<PaymentView>} */ checkPayment: (body) => call("POST", "/api/payments/check", body),
  /** @param {WaitingPayment} body @returns {Promise<PaymentView>} */ abandonPayment: (body) => call("POST", "/api/payments/abandon", body),

  /** @param {CreateInvite} body @returns {Promise<InviteMade>} */ createInvite: (body) => call("POST", "/api/guests/invites", body),
  /** @param {string} id @returns {Promise<BackstageState>} */ revokeInvite: (id) => call("POST", `/api/guests/invites/${id}/revoke`),
  /** @param {string} key @returns {Promise<InvitePage>} */ findInvite: (key) => call("POST", "/api/guests/lookup", { key }),
  /** @param {AcceptInvite} body @returns {Promise<PassGiven>} */ acceptInvite: (body) => call("POST", "/api/guests/passes", body),
  /** @param {string} id @returns {Promise<OwnPart>} */ ownPart: (id) => call("GET", `/api/guests/passes/${id}`),
  /** @param {string} id @returns {Promise<OwnPart>} */ leaveStage: (id) => call("POST", `/api/guests/passes/${id}/leave`),
  /** @param {string} id @param {"admit" | "back" | "remove"} action @returns {Promise<BackstageState>} */
  moveGuest: (id, action) => call("POST", `/api/guests/passes/${id}/${action}`),
  /** @param {string} id @param {("audio" | "video")[]} muted @returns {Promise<BackstageState>} */
  muteGuest: (id, muted) => call("POST", `/api/guests/passes/${id}/mute`, { muted }),
  /** @param {string} showId @param {SetLayout} body @returns {Promise<BackstageState>} */
  setLayout: (showId, body) => call("POST", `/api/guests/shows/${showId}/layout`, body),

  /** @returns {Promise<FollowingView>} */ following: () => call("GET", "/api/notifications/following"),
  /** @param {Follow} body @returns {Promise<FollowingView>} */ follow: (body) => call("POST", "/api/notifications/follow", body),
  /** @param {RemindMe} body @returns {Promise<FollowingView>} */ remind: (body) => call("POST", "/api/notifications/remind", body),
  /** @param {ReadInbox} body */ readInbox: (body) => call("POST", "/api/notifications/read", body),
  /** @returns {Promise<PushKeyView>} */ pushKey: () => call("GET", "/api/notifications/push/key"),
  /** @param {SubscribePush} body */ subscribePush: (body) => call("POST", "/api/notifications/push/subscribe", body),
  /** @param {UnsubscribePush} body */ unsubscribePush: (body) => call("POST", "/api/notifications/push/unsubscribe", body),

  /** @param {string} showId @param {string} before a message id @returns {Promise<ChatHistory>} */
  chatHistory: (showId, before) => call("GET", `/api/chat/${showId}/history?before=${before}`),
  /** @param {string} showId @returns {Promise<MyQuestionVotes>} */ myQuestionVotes: (showId) => call("GET", `/api/questions/${showId}/mine`),
  /** All of a show, for its host and moderators, a page at a time. @param {string} showId @param {string} after a question id, or empty @returns {Promise<QuestionsState>} */
  questions: (showId, after) => call("GET", `/api/questions/${showId}${after && `?after=${after}`}`),
  /** @param {string} showId @param {string} id @param {SetQuestionStatus} body @returns {Promise<QuestionView>} */
  setQuestionStatus: (showId, id, body) => call("POST", `/api/questions/${showId}/${id}/status`, body),
  /** @param {OpenPoll} body */ openPoll: (body) => call("POST", "/api/polls", body),
  /** @param {string} pollId */ closePoll: (pollId) => call("POST", `/api/polls/${pollId}/close`),
  /** @param {string} showId @returns {Promise<MyVotes>} */ myVotes: (showId) => call("GET", `/api/polls/${showId}/mine`),

  /** The host's lots of a show. @param {string} showId @returns {Promise<LotListView>} */ lotsOf: (showId) => call("GET", `/api/auctions/shows/${showId}/desk`),
  /** @param {PrepareLot} body @returns {Promise<LotView>} */ prepareLot: (body) => call("POST", "/api/auctions/lots", body),
  /** @param {string} lotId @param {number} startsInMs @returns {Promise<LotView>} */
  startLot: (lotId, startsInMs) => call("POST", `/api/auctions/lots/${lotId}/start`, { starts_in_ms: startsInMs }),
  /** @param {string} lotId @param {"withdraw" | "offer" | "give-up"} action @returns {Promise<LotView>} */
  moveLot: (lotId, action) => call("POST", `/api/auctions/lots/${lotId}/${action}`),
  /** @param {string} lotId @param {TakeLotBack} body @returns {Promise<LotView>} */ takeLotBack: (lotId, body) => call("POST", `/api/auctions/lots/${lotId}/void`, body),
  /** @param {string} lotId @param {string} newId @returns {Promise<LotView>} */ rerunLot: (lotId, newId) => call("POST", `/api/auctions/lots/${lotId}/rerun`, { lot_id: newId }),
  /** @param {string} lotId @returns {Promise<MyLot>} */ myLot: (lotId) => call("GET", `/api/auctions/lots/${lotId}/mine`),
  /** @param {string} lotId @param {number} after @returns {Promise<LotHistory>} */
  lotHistory: (lotId, after) => call("GET", `/api/auctions/lots/${lotId}/history?after=${after}`),

  /** @param {string} showId @returns {Promise<MyStanding>} */ standing: (showId) => call("GET", `/api/moderation/${showId}/me`),
  /** @param {string} showId @param {string} before an entry id @returns {Promise<AuditPage>} */
  auditPage: (showId, before) => call("GET", `/api/moderation/${showId}/audit?before=${before}`),
  /** @param {string} showId @param {ModerationSettings} body @returns {Promise<ModerationState>} */
  setModeration: (showId, body) => call("POST", `/api/moderation/${showId}/settings`, body),
  /** @param {string} showId @param {BannedWords} body @returns {Promise<ModerationState>} */
  setWords: (showId, body) => call("POST", `/api/moderation/${showId}/words`, body),
  /** @param {string} showId @param {RemoveMessages} body @returns {Promise<ModerationState>} */
  removeMessages: (showId, body) => call("POST", `/api/moderation/${showId}/remove`, body),
  /** @param {string} showId @param {Sanction} body @returns {Promise<ModerationState>} */
  sanction: (showId, body) => call("POST", `/api/moderation/${showId}/sanctions`, body),
  /** @param {string} showId @param {LiftSanction} body @returns {Promise<ModerationState>} */
  liftSanction: (showId, body) => call("POST", `/api/moderation/${showId}/lift`, body),
  /** @param {string} showId @param {PinMessage} body @returns {Promise<ModerationState>} */
  pinMessage: (showId, body) => call("POST", `/api/moderation/${showId}/pin`, body),
  /** @param {string} showId @param {ReviewMessage} body @returns {Promise<ModerationState>} */
  reviewMessage: (showId, body) => call("POST", `/api/moderation/${showId}/held/review`, body),
  /** @param {string} showId @param {Appoint} body @returns {Promise<ModerationState>} */
  appoint: (showId, body) => call("POST", `/api/moderation/${showId}/moderators`, body),
};
