/** Everything that crosses the wire between the console and the desk, as docs/api.md words it. */

export type Time = string

// ── 1. Events ────────────────────────────────────────────────────────────────────────────────────

export type Role = 'customer' | 'bot' | 'agent' | 'system'
export interface Author {
  role: Role
  id: string
  name?: string | null
}

export type OrderState =
  | 'unpaid' | 'paid' | 'packing' | 'shipped' | 'delivering' | 'signed' | 'completed' | 'cancelled' | 'after_sale'
export interface OrderItem {
  product_id: string
  title: string
  option?: string | null
  quantity: number
  price: number | string
  image?: string | null
}
export interface Order {
  order_no: string
  state: OrderState
  state_text: string
  placed_at: Time | null
  paid_at: Time | null
  shipped_at: Time | null
  signed_at: Time | null
  amount: number | string
  items: OrderItem[]
  address: { name: string; phone_masked: string; text: string } | null
  invoice: Record<string, unknown> | null
  carrier: string | null
  tracking_no: string | null
  returnable_until: Time | null
}
/** What the shop can be asked to do for a customer. */
export type Errand = 'urge' | 'cancel' | 'address' | 'invoice' | 'price-protection' | 'after-sale'
export type AfterSaleKind = 'return' | 'exchange' | 'refund' | 'repair'
export interface AfterSale {
  after_sale_no: string
  order_no: string
  kind: AfterSaleKind
  state: string
  reason: string | null
  amount: number | string | null
  opened_at: Time
  steps: { at: Time; text: string }[]
}
/** An order as a message or a card may hold it: at least its number. */
export type ShownOrder = Pick<Order, 'order_no'> & Partial<Order>
export interface Logistics {
  order_no: string
  carrier: string | null
  tracking_no: string | null
  status: string
  expected_at?: Time | null
  traces: { at: Time; text: string }[]
}
export interface RelatedQuestion {
  entry_id: string
  question: string
}

/** What only colleagues read about a message. */
export interface StaffMarks {
  masked?: boolean
  warned?: SendWarningCode[]
  asked_again?: string[]
}
export type MessageBody =
  | { type: 'text'; text: string; staff?: StaffMarks }
  | { type: 'image'; upload_id: string; url: string; width: number; height: number }
  | { type: 'product'; product_id: string; title: string; price: number | string; image?: string | null }
  | { type: 'order'; text?: string; order_no?: string; order?: ShownOrder }
  | {
      type: 'answer'
      text: string
      html?: string | null
      entry_id: string
      question?: string
      probability?: number | null
      revision?: number
      related?: RelatedQuestion[]
    }
  | { type: 'did_you_mean'; text: string; options: RelatedQuestion[] }
  | { type: 'choices'; text: string; choices: { label: string; say: string }[] }
  | { type: 'order_picker'; text: string; orders: Order[] }
  | ({ type: 'logistics'; text?: string } & Logistics)

export type Reason =
  | 'user_asked' | 'low_confidence' | 'no_answer' | 'repeated' | 'negative_emotion' | 'sensitive_word'
  | 'business_rule' | 'vip_rule' | 'bot_error' | 'agent_takeover'
export interface ReasonFound {
  reason: Reason
  score: number
  evidence: string
  seq?: number | null
}
export type Outcome = 'solved' | 'unsolved' | 'follow_up'

export interface UnderstoodBody {
  turn_id: string
  of_seq: number
  intent: string
  intent_label?: string
  confidence: number
  ranking: { name: string; confidence: number }[]
  entities: { entity: string; value: string; start?: number; end?: number }[]
  slots: Record<string, unknown>
  triggers: ReasonFound[]
  request: ReasonFound | null
}

interface EventBodies {
  message: MessageBody
  note: { text: string }
  understood: UnderstoodBody
  suppressed: { turn_id: string; of_seq: number; messages: MessageBody[]; why: string }
  feedback: { seq: number; entry_id: string; helpful: boolean }
  handed_over: {
    handoff_id: string
    sentence: string
    group: string
    staff?: { reason: Reason; reasons: ReasonFound[]; severity: number }
  }
  waiting_cancelled: Record<string, never>
  claimed: { agent: { id: string; name: string }; sentence: string; staff?: { assigned?: boolean } }
  requeued: { sentence: string; staff?: { why: string; from?: string; note?: string } }
  transferred: { sentence: string; staff?: { from: string; to: { agent_id?: string; group?: string }; note: string; why?: string } }
  returned_to_bot: { sentence: string; staff?: { note: string } }
  closed: { sentence: string; by: string; staff?: { outcome: Outcome; category?: string | null; note?: string | null } }
  reopened: Record<string, never>
  rated: { solved: boolean; stars: number | null; reasons: string[]; text: string }
  recalled: { seq: number }
  notice: { code: string; text: string }
  promise_made: PromiseGiven
  promise_kept: PromiseGiven
  promise_withdrawn: PromiseGiven
  promise_passed_on: PromiseGiven & { from?: string; why?: string; note?: string }
  alert: {
    code: string
    text: string
    clock?: 'first_response' | 'next_response' | 'resolution'
    target_seconds?: number
    agent_id?: string
    promise_id?: string
    owner?: string
  }
  acted: { order_no: string; action: Errand; text: string }
  snoozed: { until: Time; note?: string }
  woken: Record<string, never>
  invited: { agent: { id: string; name: string }; note?: string }
  hidden: Record<string, never>
}
export type PromiseKind = 'answer' | 'follow_up' | 'call_back'
export type Owner = `agent:${string}` | `group:${string}`
export interface PromiseGiven {
  promise_id: string
  kind?: PromiseKind
  text: string
  due_at: Time | null
  owner: string | null
  staff?: { of_seq?: number; heard?: boolean; note?: string; reason?: string; phone?: string }
}
/** A promise in the list of those to keep. */
export interface OpenPromise extends PromiseGiven {
  conversation_id: string
  customer: { id: string; name: string | null; level: string | null; guest: boolean }
  holder: Holder
  overdue: boolean
}
export type EventKind = keyof EventBodies

interface EventFields {
  conversation_id: string
  seq: number
  id: string
  at: Time
  author: Author
  client_msg_id?: string | null
  audience: 'all' | 'staff'
}
export type ConversationEvent = {
  [K in EventKind]: EventFields & { kind: K; body: EventBodies[K] }
}[EventKind]
export type EventOf<K extends EventKind> = Extract<ConversationEvent, { kind: K }>

export type Holder = 'bot' | 'queue' | 'nobody' | `agent:${string}`
export interface Conversation {
  id: string
  customer_id: string
  channel: string
  holder: Holder
  holder_version: number
  agent: { id: string; name: string } | null
  head_seq: number
  opened_at: Time
  closed_at: Time | null
  rated: boolean
}

// ── 3. Console ───────────────────────────────────────────────────────────────────────────────────

export type Presence = 'online' | 'busy' | 'offline'
export type ConsoleRole = 'agent' | 'knowledge_manager' | 'supervisor' | 'admin'
export interface Me {
  id: string
  login: string
  name: string
  roles: ConsoleRole[]
  groups: string[]
  presence: Presence
  presence_reason?: string
  capacity: number
  active: number
}
export interface Colleague {
  id: string
  name: string
  presence: Presence
  presence_reason?: string
  groups: string[]
  /** Skill per group: 1 beginner, 2 usual, 3 expert. */
  levels?: Record<string, number>
  active: number
  capacity: number
}
export interface ColleagueChanges {
  name?: string
  roles?: ConsoleRole[]
  levels?: Record<string, number>
  capacity?: number
}
export interface Group {
  id: string
  name: string
  waiting: number
  online: number
}
export type Span = [start: string, end: string]
export type ServiceClock = 'first_response' | 'next_response' | 'resolution'
/** How a group is run; null stands for the usual. */
export interface GroupPlan {
  name: string
  /** Per weekday, 1 is Monday; null: always open. */
  hours: Record<string, Span[]> | null
  holidays: Record<string, Span[]>
  overflow_to: string | null
  overflow_seconds: number | null
  queue_limit: number | null
  /** Seconds per clock and level, `default` for everybody else. */
  standards: Partial<Record<ServiceClock, Record<string, number>>> | null
  assignment: 'manual' | 'automatic' | null
  /** Besides Chinese: customers with such a page come here. */
  languages: string[]
}
export type PlannedGroup = Group & GroupPlan & { is_open?: boolean; next_opening?: Time | null }
export interface NewColleague {
  login: string
  name: string
  password: string
  roles: ConsoleRole[]
  groups: string[]
  capacity?: number
}

export type ListName = 'mine' | 'waiting' | 'bot' | 'watch' | 'team' | 'closed'
export type Counts = Record<'mine' | 'waiting' | 'bot' | 'watch', number>
export interface Row {
  id: string
  customer: { id: string; name: string | null; level: string | null; guest: boolean }
  holder: Holder
  holder_version: number
  agent: { id: string; name: string } | null
  group: string | null
  reason: Reason | null
  last_text: string | null
  last_at: Time | null
  last_author: Role | null
  waiting_since: Time | null
  unread: number
  head_seq: number
  emotion: number | null
  intent: string | null
  draft: string | null
  /** Set aside by its agent until then. */
  snoozed_until?: Time | null
  /** A service standard that is soon or already broken for this customer. */
  alert?: { clock: ServiceClock; state: 'warning' | 'breach' } | null
  revision: number
}

export interface Card {
  /** Null until the conversation was handed over for the first time. */
  handoff_id: string | null
  reason: Reason | null
  reasons: ReasonFound[]
  sentence: string
  problem: string
  severity: number
  intent: { name: string; label: string; confidence: number; seq: number } | null
  facts: { name: string; label: string; value: unknown; seq: number }[]
  tried: {
    seq: number
    entry_id: string | null
    question: string | null
    text: string
    probability: number | null
    reaction: 'helpful' | 'unhelpful' | null
  }[]
  orders: { order: ShownOrder; logistics: Logistics | null; taken_at: Time }[]
  emotion: { seq: number; value: number }[]
  promises: (PromiseGiven & { kept?: boolean })[]
  do_not_ask: { label: string; value: string; seq: number }[]
  /** What colleagues said of this hand-over; null until somebody has. */
  person_was_needed?: boolean | null
  summary?: { text: string; source: 'log' | 'model'; model: string | null; seq: number } | null
  updated_seq: number
}
/** One look of the desk at whether a person is needed. */
export interface HandoffDecision {
  seq: number
  at: Time
  hand_over: boolean
  reason: Reason | null
  reasons: ReasonFound[]
  severity: number
  attention: number | null
  handoff_id: string | null
  person_was_needed: boolean | null
  verdict_by: string | null
}
export interface PastConversation {
  id: string
  opened_at: Time
  closed_at: Time | null
  reason: Reason | null
  outcome: Outcome | null
  stars: number | null
}
export interface Profile {
  id: string
  name: string | null
  level: string | null
  guest: boolean
  phone_masked: string | null
  tags: string[]
  /** Set here, beside the shop's. */
  own_tags?: string[]
  since: Time | null
  orders_count: number | null
  spent: number | string | null
  notes: string | null
  conversations: PastConversation[]
}
export interface ConversationPage {
  conversation: Conversation
  card: Card | null
  customer: Profile
  events: ConversationEvent[]
  first_seq: number
  /** What the customer has seen, as far as the desk knows. */
  read?: { customer: number }
}
export interface Receipt {
  client_msg_id: string
  message_id: string
  seq: number
  conflict: boolean
}
export interface SuggestedAnswer {
  entry_id: string
  question: string
  answer: string
  html: string | null
  probability: number
  matched: string | null
}
/** Something an unsent text asks for although the customer has said it. */
export interface AskedAgain {
  label: string
  value: string
  seq: number
}
export type SendWarningCode = 'forbidden' | 'over_promise' | 'off_platform' | 'other_customer' | 'personal_number' | 'over_amount' | 'unfilled'
/** Something in an unsent text to look at again; `start` and `end` count characters, not UTF-16 units. */
export interface SendWarning {
  code: SendWarningCode
  words: string
  start: number
  end: number
  why: string
  suggestion: string
}
export interface SendCheck {
  warnings: SendWarning[]
  asked_again: AskedAgain[]
}
export type PhraseKind = 'forbidden' | 'over_promise' | 'off_platform'
export interface SendPhrase {
  words: string
  kind: PhraseKind
  suggestion: string
  variants: string[]
  active: boolean
  /** Added by this shop, not one of the usual ones. */
  own: boolean
}
export interface CannedReply {
  id: string
  shared: boolean
  category: string
  group: string | null
  shortcut: string
  text: string
  updated_at: Time
}
/** A canned reply with its blanks filled from a conversation; what could not be filled is named and stands in the text. */
export interface FilledReply extends CannedReply {
  filled: string
  missing: string[]
}
export interface CannedReplyDraft {
  text: string
  shortcut: string
  category?: string
  group?: string | null
  shared?: boolean
}
export interface Upload {
  upload_id: string
  url: string
  width: number
  height: number
}
export interface Problem {
  title: string
  status: number
  code: string
  detail: string
  [member: string]: unknown
}

// ── 4. Sockets ───────────────────────────────────────────────────────────────────────────────────

export interface Frame<T extends string = string, D = unknown> {
  v: 1
  t: T
  id?: string
  c?: string
  seq?: number
  d: D
}
export type ServerFrame =
  | Frame<'welcome', { node: string; heartbeat_seconds: number; server_time: Time }>
  | (Frame<'event', ConversationEvent> & { c: string; seq: number })
  | (Frame<'caught_up', { head_seq: number }> & { c: string })
  | (Frame<'ack', Receipt> & { id: string })
  | (Frame<'refused', { code: string; detail: string; retry_after?: number }> & { id?: string })
  | Frame<'heartbeat', { heads: Record<string, number> }>
  | (Frame<'conversation', Conversation> & { c: string })
  | (Frame<'waiting', { position: number; estimate_seconds: { low: number; high: number } | null }> & { c: string })
  | Frame<'row', Row>
  | Frame<'counts', Counts>
  | (Frame<'typing', { author: Author; text?: string }> & { c: string })
  | (Frame<'read', { role: Role; seq: number }> & { c: string })
  | Frame<'invited', { conversation_id: string; by: string; customer: string; note: string }>
  | Frame<'presence', { agent_id: string; presence: Presence }>
  | Frame<'pong', Record<string, never>>

// ── 5. Knowledge base ────────────────────────────────────────────────────────────────────────────

export type EntryState = 'draft' | 'in_review' | 'published' | 'retired'
export interface EntryDraft {
  question: string
  similar: string[]
  answer: string
  html?: string | null
  category: string
  keywords?: string[]
  variants?: Record<string, { answer: string; html?: string | null }>
  related?: string[]
  valid_from?: Time | null
  valid_to?: Time | null
}
export interface Entry extends EntryDraft {
  id: string
  state: EntryState
  version: number
  published_version: number | null
  updated_at: Time
  updated_by: string | null
}
export interface PublishResult {
  entry: Entry
  revision: number
  nodes: { serving: number; total: number }
}
export interface EntryVersion {
  version: number
  at: Time
  actor: string | null
  action: string
  /** The names of the fields that this version changed. */
  fields: string[]
  content: EntryDraft
}
export type Decision = 'answer' | 'did_you_mean' | 'ask_back' | 'hand_over'
export interface TryResult {
  entry_id: string
  question: string
  answer: string
  html: string | null
  category: string
  probability: number
  score: number
  matched: string | null
  vector_score: number
  lexical_score: number
  /** Found in a draft that customers are not answered from yet. */
  is_draft?: boolean
}
export interface TryAnswer {
  revision: number
  decision: Decision
  /** That the first result answers it. */
  probability: number
  /** That anything in the knowledge base does. */
  in_scope: number
  results: TryResult[]
  missing: string | null
  /** What both were held against, and the words that were looked up; the rest is for programs. */
  explanation: { answer_at: number; suggest_at: number; question: string; [more: string]: unknown }
}
export interface UnansweredGroup {
  id: string
  question: string
  state: 'open' | 'answered' | 'ignored'
  asked: number
  first_at: Time
  last_at: Time
  entry_id: string | null
  examples: string[]
}
export interface KnowledgeStatus {
  revision: number
  nodes: { node: string; revision: number; seen_at: Time }[]
  entries: number
  published: number
  phrasings: number
  model: string
}
