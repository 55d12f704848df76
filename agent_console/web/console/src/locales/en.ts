/** Every word of the console in English. */
import type { Words } from './zh-CN'

export const en: Words = {
  brand: 'Jieli',
  brandLine: 'Agent console',
  common: {
    cancel: 'Cancel', confirm: 'OK', save: 'Save', retry: 'Try again', close: 'Close', delete: 'Delete', loading: 'Loading…', more: 'Load more',
    none: 'None', search: 'Search', back: 'Back', all: 'All', copy: 'Copy', copied: 'Copied', colon: ': ', dot: ' · ', listComma: ', ', guest: 'Guest', unnamed: 'Unnamed customer',
  },
  entrance: {
    signIn: 'Sign in', login: 'Login', password: 'Password', loginHint: 'Enter your login', passwordHint: 'Enter your password',
    welcome: 'Pick up every customer', lead: 'The bot answers the common questions. You take the baton when a person is needed, with the whole story in hand.',
    setUp: 'Create the first administrator', setUpLead: 'This is the first start. Enter the one-time code printed in the start window.', code: 'One-time code', name: 'Name', nameHint: 'Customers see this name',
    passwordRule: 'At least 8 characters', passwordAgain: 'Repeat password', passwordDiffers: 'The passwords differ', create: 'Create and sign in',
    tooMany: 'Too many attempts, try again in {span}', deskAway: 'The server cannot be reached, please try later', tryAgain: 'Try again', haveAccount: 'You have an account?', toSignIn: 'Sign in', noAdmin: 'There is no administrator yet.', toSetUp: 'Create the first one',
    language: 'Language',
  },
  shell: {
    conversations: 'Inbox', knowledge: 'Answers', settings: 'Settings', signOut: 'Sign out', account: 'Account', shortcuts: 'Keyboard shortcuts', language: '中文',
    presence: 'Presence', load: 'Handling {active}/{capacity}', presenceHelp: 'While online you are given new conversations',
    connecting: 'Connecting…', waiting: 'Connection lost, trying again in {s} s. What you wrote is safe.', waitingNow: 'Connection lost, reconnecting. What you wrote is safe.', reconnect: 'Reconnect now',
    replaced: 'The console was opened in another window; this one is paused.', takeBack: 'Continue here', refused: 'The server refused the connection. Reload the page, or ask an administrator.', reload: 'Reload',
    skip: 'Skip to main content', main: 'Main navigation', notifyAsk: 'Turn on desktop alerts', notifyOn: 'Desktop alerts are on',
  },
  presence: { online: 'Online', busy: 'Busy', offline: 'Offline' },
  presenceHint: { online: 'Takes new conversations', busy: 'No new conversations', offline: 'Not on duty' },
  presenceReason: { break: 'Break', meal: 'Meal', training: 'Training', meeting: 'Meeting', paperwork: 'Paperwork' },
  lists: {
    title: 'Conversations', mine: 'Mine', waiting: 'Waiting', bot: 'Bot', botLong: 'With the bot', watch: 'Watch', watchLong: 'With the bot, may need a person', team: 'Team', teamLong: 'With colleagues', short: { mine: 'Mine', waiting: 'Queue', bot: 'Bot', watch: 'Watch', team: 'Team', closed: 'Closed' }, closed: 'Closed',
    empty: { mine: 'Nothing on your hands', waiting: 'Nobody is waiting', bot: 'The bot is idle', watch: 'Nothing to step into', team: 'Colleagues have nobody', closed: 'Nothing closed yet' },
    emptyHint: { mine: 'Claim one from “Waiting”, or wait to be assigned', waiting: 'New ones appear here at once', bot: 'The bot greets customers first', watch: 'Unsure bot or restless customer: they appear here', team: 'Look in, whisper, take over when needed', closed: 'Closed conversations stay here' },
    offline: 'You are offline', offlineHint: 'Go online to be given conversations', goOnline: 'Go online', failed: 'The list could not be loaded', draft: 'Draft', queueWait: 'waiting {span}', replyWait: 'reply due {span}', unread: '{n} unread', you: 'Me', bot2: 'Bot', handledBy: 'with {name}',
    search: 'Search conversations', searchHint: 'Name, last digits, order number, words', searchEmpty: 'No conversation matches', searchHere: 'The server did not answer; only loaded rows were searched', recent: 'Recent', wordOf: { customer: '', bot: 'Bot: ', agent: 'Agent: ', system: '' },
  },
  span: { seconds: '{s} s', minutesSeconds: '{m} min {s} s', minutes: '{m} min', hours: '{h} h {m} min', days: '{d} d' },
  day: { today: 'Today', yesterday: 'Yesterday' },
  level: { normal: 'Member', silver: 'Silver member', gold: 'Gold member', diamond: 'Diamond member', guest: 'Guest' },
  levelShort: { normal: 'Member', silver: 'Silver', gold: 'Gold', diamond: 'Diamond' },
  mood: { calm: 'Calm', uneasy: 'Uneasy', upset: 'Upset' },
  reason: {
    user_asked: 'Asked for a person', low_confidence: 'Bot unsure', no_answer: 'No answer in the knowledge base', repeated: 'Asked repeatedly', negative_emotion: 'Upset',
    sensitive_word: 'Sensitive content', business_rule: 'Business rule', vip_rule: 'Important customer', bot_error: 'Bot failure', agent_takeover: 'Taken over by an agent',
  },
  reasonShort: {
    user_asked: 'Asked', low_confidence: 'Unsure', no_answer: 'No answer', repeated: 'Repeated', negative_emotion: 'Upset',
    sensitive_word: 'Sensitive', business_rule: 'Rule', vip_rule: 'VIP', bot_error: 'Bot failure', agent_takeover: 'Taken over',
  },
  intent: {
    faq: 'Common question', ask_logistics: 'Parcel', order_status: 'Order status', hurry: 'Hurry', urge: 'Hurry shipping', urge_delivery: 'Hurry parcel', change_address: 'Change address', give_address: 'Gives address', cancel_order: 'Cancel order', wrong_order: 'Wrong order', give_order_no: 'Gives order number', choose_order: 'Chooses order', choose_entry: 'Chooses question', return_goods: 'Return', exchange_goods: 'Exchange', refund: 'Refund', refund_progress: 'Refund progress', repair: 'Repair', goods_damaged: 'Damaged goods', goods_missing: 'Missing goods', goods_wrong: 'Wrong goods', invoice: 'Invoice', coupon_trouble: 'Coupon trouble', price_protection: 'Price protection', product_question: 'Product question', unhelpful: 'Not solved', ask_person: 'Wants a person', refuse_person: 'No person wanted', complain: 'Complaint', complaint: 'Complaint', greet: 'Greeting', praise: 'Praise', hold_on: 'Hold on', ask_if_bot: 'Asks whether a bot', ask_what_you_can: 'Asks what the bot can do', thank: 'Thanks', thanks: 'Thanks', goodbye: 'Goodbye', bye: 'Goodbye', affirm: 'Yes', deny: 'No', bot_challenge: 'Asks whether a bot', small_talk: 'Small talk', chitchat: 'Small talk', nlu_fallback: 'Not understood', out_of_scope: 'Off topic',
  },
  thread: {
    label: 'Transcript', pickTitle: 'Choose a conversation', pickHint: 'Open one on the left. Press ? for shortcuts.', earlier: 'Show earlier messages', beginning: 'Start of the conversation', newMessages: '{n} new', toBottom: 'To the latest',
    failed: 'The conversation did not open', notFound: 'There is no such conversation', bot: 'Bot', you: 'Me', customer: 'Customer', system: 'System', staffOnly: 'Staff only', note: 'Internal note', recalled: '{name} recalled a message', recalledYou: 'You recalled a message',
    understood: 'Understood as “{intent}”', confidence: 'confidence {p}', triggers: 'Triggers', suppressed: 'A late reply of the bot was held back; the customer did not see it', helpful: 'Customer: helpful', unhelpful: 'Customer: not solved', read: 'Read', unread: 'Delivered',
    typing: '{name} is typing', typingText: 'typing: {text}', queued: 'Waiting to be sent', sending: 'Sending', sent: 'Sent', sendFailed: 'Not sent', retry: 'Click to retry', discard: 'Discard',
    recall: 'Recall', image: 'Picture', openImage: 'Open full size', related: 'Related', source: 'Knowledge base', didYouMean: 'The bot offered a choice', picker: 'The bot offered the orders', choices: 'Options offered by the bot', product: 'Product', order: 'Order', unsupported: 'This message cannot be shown yet',
    rated: { solved: 'Customer rating: solved', unsolved: 'Customer rating: not solved', stars: '{n} stars' },
    line: {
      handed_over: 'Handed over to the queue', waiting_cancelled: 'The customer left the queue, back to the bot', claimed: '{name} joined', requeued: 'Back in the queue', transferred: 'Transferred', returned_to_bot: 'Returned to the bot', closed: 'Closed', reopened: 'Reopened by the customer',
      promise_made: 'Promised: {text}', promise_kept: 'Promise kept: {text}', assigned: 'assigned by the desk', alert: 'Alert', snoozed: 'Set aside until {time}', woken: 'Back on the desk', invited: '{by} invited {name} to help', target: 'standard {span}', due: 'by {time}', noteTo: 'Note: {text}', outcome: 'Outcome: {text}',
    },
    waitingInfo: 'Number {n} in the queue',
  },
  outcome: { solved: 'Solved', unsolved: 'Not solved', follow_up: 'Follow up' },
  actions: {
    claim: 'Claim', next: 'Claim the next one', nextHint: 'Whom you should take next (Alt+N)', takeOver: 'Take over', transfer: 'Transfer', returnToBot: 'Return to bot', close: 'Close', more: 'More actions', moreShort: 'More',
    claimed: 'Yours now; the card has the context', takenOver: 'Yours now; the bot is silent', takenFromAgent: 'Yours now; your colleague will see it', transferred: 'Transferred', returned: 'Returned to the bot', closed: 'Closed', recalled: 'Recalled',
    heldBy: 'With {name}', heldByBot: 'With the bot', inQueue: 'Waiting', ended: 'Closed', heldByYou: 'With you',
    transferTo: 'Transfer to', toGroup: 'Group', toAgent: 'Colleague', toNote: 'Note', toNoteHint: 'Tell the next person where things stand; the customer does not see it', toLoad: '{active}/{capacity} · {presence}', toWaiting: '{online} online · {waiting} waiting', toNobody: 'Nobody to transfer to', chooseTarget: 'Choose a target',
    returnTitle: 'Return to the bot', returnLead: 'The bot goes on with this note, so the customer need not repeat anything.', returnNote: 'Closing note', returnNoteHint: 'E.g. refund registered, arrives within 3 working days',
    closeTitle: 'Close the conversation', outcome: 'Outcome', category: 'Category', categoryHint: 'E.g. parcel, refund', categoryUsual: 'Usual categories', note: 'Summary', noteHint: 'One line for the next colleague, optional', closeNow: 'Close conversation', outcomeMissing: 'Choose an outcome',
  },
  snooze: {
    title: 'Set aside for later', lead: 'The customer stays with you. The conversation comes back at that time, or when the customer writes.', do: 'Set aside', minutes10: 'In 10 min', minutes30: 'In 30 min', hour: 'In 1 hour', hours3: 'In 3 hours', evening: 'This evening', tomorrow: 'Tomorrow',
    own: 'Own time', ownHint: 'Choose date and time', tooFar: 'Choose a time within the next 7 days', note: 'Note', noteHint: 'E.g. waiting for the warehouse; the customer does not see it', until: 'back {time}', done: 'Set aside until {time}',
  },
  invite: {
    title: 'Invite a colleague', lead: 'Your colleague sees everything and helps by internal notes; the customer goes on hearing you only.', do: 'Invite a colleague', note: 'What to help with', noteHint: 'E.g. how long is the warranty; the customer does not see it', done: '{name} was invited',
  },
  decline: { from: '{name} passed this to you', do: 'Send back', lead: 'The customer goes back to {name}, or to the head of the queue; nothing has to be said twice.', noteHint: 'Why, e.g. not our group', done: 'Sent back' },
  requeuedWhy: { agent_lost: 'The agent was lost; first in the queue', claim_timeout: 'Not taken in time; assigned again', overflow: 'Waited long; helping group', no_answer: 'Not answered in time; assigned again', declined: 'The colleague declined' },
  settings: { title: 'Settings', replies: 'Canned replies', phrases: 'Send warnings', groups: 'Groups', people: 'People' },
  check: {
    title: 'Before sending', code: { forbidden: 'Forbidden words', over_promise: 'Over-promise', off_platform: 'Off platform', other_customer: 'Maybe someone else’s', personal_number: 'Id or card number', over_amount: 'Above the order’s amount', unfilled: 'Blank left' },
    instead: 'Say', replace: 'Use it', ask: 'Something to look at again', mend: 'Edit', sendAnyway: 'Send anyway',
  },
  phrases: { lead: 'Agents see the warning and the better wording before sending; pinyin, homophones and symbols in between are seen through. Nothing is barred.', words: 'Words', wordsHint: 'E.g. surely tomorrow', kind: 'Kind', suggestion: 'Say instead', suggestionHint: 'E.g. expected tomorrow', variants: 'Other writings', variantsHint: 'Separated by commas, optional', add: 'Add', saved: 'Saved, in force now', search: 'Search', none: 'Nothing matches', active: 'On', own: 'Own', on: 'Switched on', off: 'Switched off' },
  role: { agent: 'Agent', supervisor: 'Supervisor', knowledge_manager: 'Knowledge manager', admin: 'Administrator' },
  canned: {
    title: 'Canned replies', open: 'Canned replies (type / at the start of a line)', keys: '↑↓ choose, Enter inserts', manage: 'Manage', none: 'No canned reply matches', failed: 'Canned replies could not be loaded', missing: 'to fill: {names}', blanksLeft: 'Still to fill: {names}',
    lead: 'Type / and a code, words or pinyin at the start of a line to find and insert one.', new: 'New reply', edit: 'Edit', search: 'Code, words or category', empty: 'No canned replies yet. Keep what you say often, then type / to use it.', noCategory: 'No category', shared: 'Everybody’s', own: 'Mine', removed: 'Deleted', removeAsk: 'Delete the reply /{shortcut}?', saved: 'Saved',
    shortcut: 'Code', shortcutHint: 'E.g. kd', category: 'Category', categoryHint: 'E.g. parcel', text: 'Words', textHint: 'E.g. your parcel is on its way.', blanks: 'Insert', strange: 'No such variable: {names}', group: 'For group', everyGroup: 'All', shareAll: 'For everybody',
  },
  groups: {
    lead: 'Hours, holidays, overflow and standards per group; they hold as soon as they are saved.', empty: 'No groups yet. Name one when you add a person.', open: 'Open', closedNow: 'Closed', closedUntil: 'Closed until {time}', name: 'Name', hours: 'Hours', always: 'Always open', weekday: { 1: 'Mon', 2: 'Tue', 3: 'Wed', 4: 'Thu', 5: 'Fri', 6: 'Sat', 7: 'Sun' }, dayOff: 'Closed', addSpan: 'Add span', from: 'from', to: 'to', copyMonday: 'Every day like Monday',
    holidays: 'Holidays and special days', holidaysHint: 'On that day these spans count; without spans it is closed.', holidayDay: 'Date', addHoliday: 'Add a day', overflow: 'Queue', overflowTo: 'After a long wait to', nobody: 'Nobody', overflowAfter: 'After', queueLimit: 'At most', automatic: 'Automatic: waiting customers are given to the agents that fit', usual: 'usual', minutes: 'min', people: 'people',
    standards: 'Service standards', standardsHint: 'In minutes, within hours only. Empty means the usual.', everybody: 'Everybody', same: 'same', undo: 'Undo', saved: 'Saved, in force now',
    faults: { name_missing: 'Enter a name', span_bad: 'Write spans like 09:00–21:00; the end after the start, 24:00 at the latest', spans_cross: 'Two spans of a day overlap', holiday_bad: 'Choose the date of the holiday', holiday_twice: 'The same day is there twice', number_bad: 'Enter numbers above 0' },
  },
  people: { lead: 'Who is there, what each has in hand, and how much each may have.', new: 'New person', name: 'Name', load: 'In hand', capacity: 'Capacity', capacityBad: 'Enter 1 to {most}', saved: '{name} was updated', added: '{name} was added', password: 'First password', roles: 'Roles', edit: 'Edit person', level: { 0: 'Not in it', 1: 'Basic', 2: 'Skilled', 3: 'Expert' }, inLevel: ' ({level})' },
  alerts: {
    title: 'Alerts', none: 'All is well', count: '{n} alerts', invitedBy: '{name} asks for help',
    code: { not_answered: 'Not answered after assignment', standard_warning: 'Soon too late', standard_breach: 'Too late', promise_overdue: 'Promise overdue' },
    clock: { first_response: 'First response', next_response: 'Next response', resolution: 'Resolution' },
  },
  composer: {
    reply: 'Reply', note: 'Internal note', placeholder: 'Reply to {name}. Enter sends, Shift+Enter breaks the line', notePlaceholder: 'A note for colleagues; the customer does not see it', send: 'Send', sendNote: 'Add note', image: 'Send a picture', imageBad: 'Only JPG, PNG, WebP or GIF pictures', imageFailed: 'The picture was not uploaded', tooLong: '{n} characters too long', count: '{n}/{most}',
    label: 'Message', closedHint: 'Claim it to reply', botHint: 'The bot is answering. Take over when needed.', queueHint: 'The customer is waiting. Claim it to reply.', otherHint: '{name} is answering; you can leave an internal note.', endedHint: 'This conversation is closed.', whisper: 'Whisper', whisperPlaceholder: 'A word for colleagues only; the customer does not see it', askedAgain: 'The customer has answered this: ', savedDraft: 'Draft saved', filled: 'Filled in',
  },
  card: {
    title: 'Handoff card', label: 'Handoff card: all you need before taking over', why: 'Why a person', problem: 'Problem', understood: 'Understood', intent: 'Intent', facts: 'Facts', tried: 'Tried by the bot', triedNone: 'The bot gave no answer yet', orders: 'Orders and parcels', taken: 'shop, {time}', emotion: 'Mood', promises: 'Open promises', doNotAsk: 'Do not ask again', doNotAskHint: 'Already said; just use it',
    jump: 'See message {seq}', probability: 'match {p}', helpful: 'helpful', unhelpful: 'not solved', noReaction: 'no reaction', collapse: 'Collapse', expand: 'Expand', severity: 'Urgency {n}', verdictAsk: 'Was a person needed?', needed: 'Yes', notNeeded: 'The bot could have', verdictDone: 'Thanks, noted', evidence: 'Words', updated: 'up to message {seq}', more: '{n} more', score: '{p}', jumpFailed: 'That message was not found', botStage: 'What the bot knows so far',
  },
  helper: {
    label: 'Helper panel', customer: 'Customer', orders: 'Orders', answers: 'Answers', past: 'History', id: 'Id', level: 'Level', phone: 'Phone', unmask: 'Show number', unmaskWhy: 'Why is the whole number needed? This is recorded', unmaskHint: 'E.g. to call the customer back', unmaskDo: 'Show', since: 'Since', ordersCount: 'Orders', spent: 'Spent', tags: 'Tags', notes: 'Notes', guestHint: 'A guest, not signed in to the shop', noOrders: 'No orders', ordersFailed: 'Orders could not be loaded', logistics: 'Parcel', hideLogistics: 'Hide parcel', noTraces: 'No parcel record yet', logisticsFailed: 'Parcel could not be loaded', placed: 'Placed', paidAt: 'Paid', shippedAt: 'Shipped', returnable: 'returnable until {date}', address: 'To', quantity: '×{n}', total: 'Total',
    question: 'Answers for', searchHint: 'Search in other words', noAnswers: 'Nothing similar in the knowledge base', weakAnswers: 'No close match; these may help', answersFailed: 'The knowledge base does not answer', fill: 'Fill in', send: 'Send', match: 'match {p}', matched: 'matched: {text}', waitQuestion: 'The customer has not asked yet', noPast: 'No earlier conversations', open: 'Open', stars: '{n} stars', openConversation: 'Open this conversation', insertOrder: 'Send order', insertLogistics: 'Send parcel', expected: 'expected {time}', pastOpen: 'open', invoice: 'Invoice',
  },
  shortcuts: {
    title: 'Keyboard shortcuts', next: 'Next conversation', previous: 'Previous conversation', search: 'Search conversations', send: 'Send', newline: 'New line', help: 'Show shortcuts', claim: 'Claim / take over', nextInLine: 'Claim the next one', lists: 'Switch list', snooze: 'Set aside for later', close: 'Close the conversation', escape: 'Leave the text field',
  },
  notify: { new_message: 'New message from {name}', new_waiting: '{name} is waiting for a person', given_to_you: '{name} was assigned to you', invited: '{name} asks for help with {customer}', body: 'Click to open' },
  knowledge: {
    title: 'Knowledge base', label: 'Entries', new: 'New entry', searchHint: 'Search questions and answers', category: 'Category', allCategories: 'All categories', state: 'State', allStates: 'All states', total: '{n} entries', empty: 'No entry matches', emptyHint: 'Change the filter or create one', failed: 'The knowledge base does not answer', similarCount: '{n} similar', updated: '{time} {who}',
    states: { draft: 'Draft', in_review: 'In review', published: 'Published', retired: 'Retired' }, changedSince: 'Unpublished changes', serving: 'version {n} is live',
    status: '{published} published · {phrasings} phrasings', revision: 'index revision {n}',
    pickTitle: 'Choose an entry', pickHint: 'Or create one to teach the bot a new answer',
    form: {
      newTitle: 'New entry', question: 'Standard question', questionHint: 'The way customers ask it most, e.g. who pays for return shipping', similar: 'Similar questions', similarHint: 'Another way to ask; Enter adds; paste several lines at once', similarCount: '{n}/200', similarFilter: 'Filter similar questions', add: 'Add', remove: 'Remove “{text}”', answer: 'Answer', answerHint: 'What the customer reads', category: 'Category', categoryHint: 'Choose or type', keywords: 'Keywords', keywordsHint: 'Enter adds', validity: 'Valid', from: 'From', to: 'To', validityHint: 'Empty means always', save: 'Save', saved: 'Saved', unsaved: 'Unsaved changes', created: 'Draft created', discard: 'Discard changes', discardAsk: 'Changes are not saved. Leave anyway?', stay: 'Keep editing', leave: 'Discard and leave', readOnly: 'You can read; editing needs the knowledge manager role', version: 'version {n}', updatedBy: '{who}, {time}',
    },
    faults: { question_missing: 'Enter the standard question', question_long: 'At most 200 characters', answer_missing: 'Enter the answer', category_missing: 'Enter the category', similar_many: 'At most 200 similar questions', validity_backwards: 'The end must be after the start' },
    fields: { question: 'Standard question', similar: 'Similar questions', answer: 'Answer', html: 'Answer layout', category: 'Category', keywords: 'Keywords', variants: 'Channel answers', related: 'Related', valid_from: 'Valid from', valid_to: 'Valid to' },
    steps: { submit: 'Submit for review', publish: 'Publish', retire: 'Retire', withdraw: 'Withdraw', submitted: 'Submitted for review', retired: 'Retired', withdrawn: 'Back to draft', published: 'Serving on {serving}/{total} nodes', publishing: 'Publishing: serving on {serving}/{total} nodes', retireAsk: 'The bot will no longer use this answer. Continue?', saveFirst: 'Save your changes first' },
    editor: { bold: 'Bold', italic: 'Italic', bullets: 'Bullet list', numbers: 'Numbered list', link: 'Link', unlink: 'Remove link', undo: 'Undo', redo: 'Redo', linkAsk: 'Address', linkBad: 'Enter an address that starts with http(s)', toolbar: 'Formatting' },
    tryIt: { title: 'Try it', hint: 'A customer’s words', run: 'Try', decision: { answer: 'Answers', did_you_mean: 'Offers a choice', ask_back: 'Asks back', hand_over: 'Hands over' }, overall: 'confidence {p}', score: 'Score', matched: 'Matched', vector: 'Meaning', lexical: 'Wording', addSimilar: 'Add as similar', added: 'Added; save to keep it', addedOther: 'Added to “{question}” (draft)', already: 'This phrasing is already there', none: 'Nothing similar', thisEntry: 'this entry', missing: 'Missing: {text}', why: '{decision}: the closest entry answers it with {p} confidence.' },
    history: { title: 'History', version: 'Version {n}', diff: 'Against the one before', diffCurrent: 'Against the current one', rollBack: 'Roll back to this', rollBackAsk: 'Replace the draft with version {n}? What is live stays until you publish.', rolledBack: 'Rolled back to version {n}', none: 'No history yet', same: 'No difference', first: 'Created', actions: { created: 'Created', create: 'Created', edited: 'Edited', edit: 'Edited', update: 'Edited', submitted: 'Submitted', submit: 'Submitted', published: 'Published', publish: 'Published', retired: 'Retired', retire: 'Retired', withdrawn: 'Withdrawn', withdraw: 'Withdrawn', rolled_back: 'Rolled back', 'roll-back': 'Rolled back', roll_back: 'Rolled back', imported: 'Imported', import: 'Imported', seeded: 'Imported' }, empty: '(empty)' },
    conflict: { title: '{who} changed this entry meanwhile', lead: 'Your changes are still here. Choose for each field, then save. Green is yours, red is theirs.', someone: 'A colleague', mine: 'Keep mine', theirs: 'Take theirs', save: 'Save this choice', takeTheirs: 'Take all of theirs', fields: '{n} differences' },
    inbox: { title: 'Unanswered', entries: 'Entries', lead: 'Real questions the bot could not answer', empty: 'No unanswered questions', emptyHint: 'Questions the bot cannot answer gather here', asked: 'asked {n} times', last: 'last {time}', examples: 'Other wordings', create: 'New entry', ignore: 'Ignore', ignored: 'Ignored', addTo: 'Add to the open entry', added: 'Added as similar; save to keep it', done: 'Done' },
    panels: 'Entry tools',
  },
  errors: {
    unreachable: 'No connection, please try later', server_trouble: 'The server has a problem, please try later', bad_credentials: 'Wrong login or password', too_many_attempts: 'Too many attempts, please try later', too_many_requests: 'Too fast, wait a moment', forbidden: 'You may not do this', not_found: 'Not found', not_holder: 'No longer your conversation; the message was not sent', already_claimed: 'A colleague already has it', at_capacity: 'You are at capacity', illegal_move: 'Not possible in this state', too_large: 'Too large', bad_text: 'Contains characters that cannot be read', bad_upload: 'This picture format is not supported', invalid: 'Something is filled in wrongly', edited_meanwhile: 'A colleague changed it meanwhile', storage_unavailable: 'Storage is unavailable, please try later', knowledge_base_away: 'The knowledge base does not answer', shop_away: 'The shop does not answer', bug: 'A program error; it was recorded', not_signed_in: 'Signed out, please sign in again', bad_code: 'The code is wrong', nobody_waiting: 'Nobody is waiting', other: 'That did not work, please try later',
  },
}
