/** Every word of the console in Simplified Chinese; the other languages have the same shape. */
export const zhCN = {
  brand: '接力',
  brandLine: '客服工作台',
  common: {
    cancel: '取消', confirm: '确定', save: '保存', retry: '重试', close: '关闭', delete: '删除', loading: '加载中…', more: '加载更多',
    none: '暂无', search: '搜索', back: '返回', all: '全部', copy: '复制', copied: '已复制', colon: '：', dot: ' · ', listComma: '、', guest: '访客', unnamed: '未留名客户',
  },
  entrance: {
    signIn: '登录', login: '账号', password: '密码', loginHint: '请输入账号', passwordHint: '请输入密码',
    welcome: '接住每一位客户', lead: '机器人答常见问题，您只接真正需要人的那一棒，来龙去脉一并交到手上。',
    setUp: '创建首位管理员', setUpLead: '这是第一次启动。请填写启动窗口里打印的一次性设置码。', code: '一次性设置码', name: '姓名', nameHint: '客户会看到这个名字',
    passwordRule: '至少 8 位', passwordAgain: '再次输入密码', passwordDiffers: '两次输入的密码不一致', create: '创建并登录',
    tooMany: '尝试次数过多，请 {span} 后再试', deskAway: '连不上服务器，请稍后再试', tryAgain: '重新连接', haveAccount: '已经有账号？', toSignIn: '直接登录', noAdmin: '还没有管理员。', toSetUp: '创建首位管理员',
    language: '界面语言',
  },
  shell: {
    conversations: '会话', knowledge: '知识库', settings: '设置', signOut: '退出登录', account: '账号', shortcuts: '键盘快捷键', language: 'English',
    presence: '接待状态', load: '接待 {active}/{capacity}', presenceHelp: '在线时，新会话会分给您',
    connecting: '正在连接…', waiting: '连接已断开，{s} 秒后自动重连。已写的消息不会丢。', waitingNow: '连接已断开，正在重连。已写的消息不会丢。', reconnect: '立即重连',
    replaced: '工作台已在别的窗口打开，这里暂停更新。', takeBack: '在这里继续', refused: '服务器拒绝了连接，请刷新页面；仍不行请联系管理员。', reload: '刷新页面',
    skip: '跳到主要内容', main: '主导航', notifyAsk: '开启桌面提醒', notifyOn: '桌面提醒已开启',
  },
  presence: { online: '在线', busy: '忙碌', offline: '离线' },
  presenceHint: { online: '接收新会话', busy: '暂不接新会话', offline: '不在岗' },
  presenceReason: { break: '小休', meal: '用餐', training: '培训', meeting: '开会', paperwork: '处理工单' },
  lists: {
    title: '会话列表', mine: '我的', waiting: '排队中', bot: '机器人', botLong: '机器人接待中', watch: '待干预', watchLong: '机器人接待中，可能需要人工', team: '同事', teamLong: '同事正在接待', short: { mine: '我的', waiting: '排队', bot: '机器人', watch: '干预', team: '同事', closed: '结束' }, closed: '已结束',
    empty: { mine: '手上没有会话', waiting: '没有人在排队', bot: '机器人没有在接待', watch: '没有需要干预的会话', team: '同事手上没有会话', closed: '还没有结束的会话' },
    emptyHint: { mine: '从「排队中」接入，或等待系统分配', waiting: '有新的排队会立刻出现在这里', bot: '客户来访时，机器人会先接待', watch: '机器人拿不准、客户着急时会出现在这里', team: '可以查看、悄悄提醒，必要时接管', closed: '结束的会话会留在这里' },
    offline: '您现在离线', offlineHint: '上线后，新会话会分给您', goOnline: '上线接待', failed: '列表没有取到', draft: '草稿', queueWait: '已等 {span}', replyWait: '待回复 {span}', unread: '{n} 条未读', you: '我', bot2: '机器人', handledBy: '{name} 接待',
    search: '搜索会话', searchHint: '客户姓名、手机尾号、订单号、内容', searchEmpty: '没有找到相符的会话', searchHere: '没有连上服务器，只搜了已载入的会话', recent: '最近会话', wordOf: { customer: '', bot: '机器人：', agent: '客服：', system: '' },
  },
  span: { seconds: '{s} 秒', minutesSeconds: '{m} 分 {s} 秒', minutes: '{m} 分钟', hours: '{h} 小时 {m} 分', days: '{d} 天' },
  day: { today: '今天', yesterday: '昨天' },
  level: { normal: '普通会员', silver: '银卡会员', gold: '金卡会员', diamond: '钻石会员', guest: '访客' },
  levelShort: { normal: '普通', silver: '银卡', gold: '金卡', diamond: '钻石' },
  mood: { calm: '平静', uneasy: '有些着急', upset: '情绪激动' },
  reason: {
    user_asked: '客户要求人工', low_confidence: '机器人没把握', no_answer: '知识库没有答案', repeated: '反复询问', negative_emotion: '情绪不满',
    sensitive_word: '敏感内容', business_rule: '业务规则', vip_rule: '重要客户', bot_error: '机器人故障', agent_takeover: '客服主动接管',
  },
  reasonShort: {
    user_asked: '要求人工', low_confidence: '没把握', no_answer: '没有答案', repeated: '反复询问', negative_emotion: '不满',
    sensitive_word: '敏感内容', business_rule: '业务规则', vip_rule: '重要客户', bot_error: '机器人故障', agent_takeover: '主动接管',
  },
  intent: {
    faq: '常见问题', ask_logistics: '查物流', order_status: '查订单', hurry: '催促', urge: '催发货', urge_delivery: '催件', change_address: '改地址', give_address: '提供地址', cancel_order: '取消订单', wrong_order: '订单有误', give_order_no: '提供订单号', choose_order: '选择订单', choose_entry: '选择问题', return_goods: '退货', exchange_goods: '换货', refund: '退款', refund_progress: '退款进度', repair: '维修', goods_damaged: '商品破损', goods_missing: '少发漏发', goods_wrong: '发错货', invoice: '开发票', coupon_trouble: '优惠券问题', price_protection: '价格保护', product_question: '咨询商品', unhelpful: '没有解决', ask_person: '要求人工', refuse_person: '不要人工', complain: '投诉', complaint: '投诉', greet: '打招呼', praise: '表扬', hold_on: '请稍等', ask_if_bot: '询问是否机器人', ask_what_you_can: '询问能做什么', thank: '致谢', thanks: '致谢', goodbye: '告别', bye: '告别', affirm: '确认', deny: '否认', bot_challenge: '询问是否机器人', small_talk: '闲聊', chitchat: '闲聊', nlu_fallback: '没听懂', out_of_scope: '无关内容',
  },
  thread: {
    label: '对话记录', pickTitle: '选择一个会话', pickHint: '从左侧打开会话。按 ? 查看快捷键。', earlier: '查看更早的消息', beginning: '会话开始', newMessages: '{n} 条新消息', toBottom: '回到最新',
    failed: '会话没有打开', notFound: '找不到这个会话', bot: '机器人', you: '我', customer: '客户', system: '系统', staffOnly: '仅内部可见', note: '内部备注', recalled: '{name} 撤回了一条消息', recalledYou: '您撤回了一条消息',
    understood: '识别为「{intent}」', confidence: '把握 {p}', triggers: '触发', suppressed: '机器人的迟到回复已拦下，客户没有看到', helpful: '客户：有帮助', unhelpful: '客户：没解决', read: '已读', unread: '送达',
    typing: '{name} 正在输入', typingText: '正在输入：{text}', queued: '等待发送', sending: '发送中', sent: '已发送', sendFailed: '没有发出去', retry: '点击重试', discard: '放弃',
    recall: '撤回', image: '图片', openImage: '查看原图', related: '相关问题', source: '知识库', didYouMean: '机器人让客户选择', picker: '机器人让客户选订单', choices: '机器人给出的选项', product: '商品', order: '订单', unsupported: '暂不支持显示的消息',
    rated: { solved: '客户评价：已解决', unsolved: '客户评价：未解决', stars: '{n} 星' },
    line: {
      handed_over: '转入人工排队', waiting_cancelled: '客户取消排队，回到机器人', claimed: '{name} 接入会话', requeued: '会话回到队列', transferred: '会话已转接', returned_to_bot: '会话交回机器人', closed: '会话已结束', reopened: '客户再次发起会话',
      promise_made: '已承诺：{text}', promise_kept: '承诺已兑现：{text}', assigned: '系统自动分配', alert: '提醒', snoozed: '稍后处理，{time} 回来', woken: '回到待处理', invited: '{by} 邀请 {name} 协助', target: '标准 {span}', due: '{time} 前', noteTo: '备注：{text}', outcome: '结果：{text}',
    },
    waitingInfo: '排在第 {n} 位',
  },
  outcome: { solved: '已解决', unsolved: '未解决', follow_up: '需跟进' },
  actions: {
    claim: '接入', next: '接入下一位', nextHint: '最该由您接的那一位（Alt+N）', takeOver: '接管', transfer: '转接', returnToBot: '交回机器人', close: '结束会话', more: '更多操作', moreShort: '更多',
    claimed: '已接入，上下文在卡片里', takenOver: '已接管，机器人不再发言', takenFromAgent: '已接管，同事会看到', transferred: '已转接', returned: '已交回机器人', closed: '会话已结束', recalled: '已撤回',
    heldBy: '{name} 正在接待', heldByBot: '机器人接待中', inQueue: '排队中', ended: '已结束', heldByYou: '您正在接待',
    transferTo: '转给谁', toGroup: '技能组', toAgent: '同事', toNote: '转接说明', toNoteHint: '告诉接手的人已经做到哪一步，客户看不到', toLoad: '{active}/{capacity} · {presence}', toWaiting: '{online} 人在线 · {waiting} 人排队', toNobody: '没有可转接的同事', chooseTarget: '请选择转接对象',
    returnTitle: '交回机器人', returnLead: '机器人会带着这段说明继续接待，客户不用重说。', returnNote: '收尾说明', returnNoteHint: '例如：已登记退款，3 个工作日内到账', 
    closeTitle: '结束会话', outcome: '处理结果', category: '问题分类', categoryHint: '例如：物流、退款', categoryUsual: '常用分类', note: '小结', noteHint: '给下一位同事看的一句话，可不填', closeNow: '结束会话', outcomeMissing: '请选择处理结果',
  },
  snooze: {
    title: '稍后处理', lead: '客户仍在您名下。到点或客户再发消息时，会话会自动回来。', do: '稍后处理', minutes10: '10 分钟后', minutes30: '30 分钟后', hour: '1 小时后', hours3: '3 小时后', evening: '今天傍晚', tomorrow: '明天上午',
    own: '自定时间', ownHint: '选择日期和时间', tooFar: '请选择未来 7 天内的时间', note: '备注', noteHint: '例如：等仓库回复，客户看不到', until: '{time} 回来', done: '已放到稍后处理，{time} 回来',
  },
  invite: {
    title: '邀请同事协助', lead: '同事可以看到全部对话，用内部备注帮您；客户只会听到您一个人的声音。', do: '邀请同事', note: '想请教什么', noteHint: '例如：这款的保修期怎么算，客户看不到', done: '已邀请 {name}',
  },
  decline: { from: '{name} 转给您', do: '退回', lead: '客户会回到 {name} 那里；对方不在时回到队列最前，客户不用重说。', noteHint: '原因，例如：这单不归我们组', done: '已退回' },
  requeuedWhy: { agent_lost: '客服掉线，优先排在最前', claim_timeout: '超时未接，重新分配', overflow: '等待较久，转给支援组', no_answer: '超时未回复，重新分配', declined: '同事没有接手' },
  settings: { title: '设置', replies: '快捷回复', phrases: '发送提醒', groups: '技能组', people: '成员' },
  check: {
    title: '发送前检查', code: { forbidden: '服务禁语', over_promise: '过度承诺', off_platform: '引导站外', other_customer: '可能是别人的信息', personal_number: '证件或卡号', over_amount: '金额超出订单', unfilled: '变量没填' },
    instead: '可以这样说', replace: '改用', ask: '有需要留意的内容', mend: '返回修改', sendAnyway: '仍然发送',
  },
  phrases: { lead: '客服发送前会看到提醒和建议的说法；拼音、谐音、夹符号的写法也认得。提醒不会拦住发送。', words: '词句', wordsHint: '例如：保证明天到', kind: '类型', suggestion: '建议说法', suggestionHint: '例如：预计明天送达', variants: '其他写法', variantsHint: '用顿号隔开，可不填', add: '添加', saved: '已保存，立即生效', search: '搜索', none: '没有相符的词句', active: '启用', own: '自建', on: '已启用', off: '已停用' },
  role: { agent: '客服', supervisor: '主管', knowledge_manager: '知识管理员', admin: '管理员' },
  canned: {
    title: '快捷回复', open: '快捷回复（行首输入 /）', keys: '↑↓ 选择，Enter 填入', manage: '管理', none: '没有相符的快捷回复', failed: '快捷回复没有取到', missing: '待填：{names}', blanksLeft: '还有没填的内容：{names}',
    lead: '在回复框行首输入 / 和编码、文字或拼音，就能找到并填入。', new: '新建快捷回复', edit: '编辑', search: '搜索编码、内容或分类', empty: '还没有快捷回复。把常说的话存下来，输入 / 就能用。', noCategory: '未分类', shared: '公共', own: '我的', removed: '已删除', removeAsk: '删除快捷回复 /{shortcut}？', saved: '已保存',
    shortcut: '编码', shortcutHint: '例如 kd', category: '分类', categoryHint: '例如：物流', text: '内容', textHint: '例如：{\'{客户}\'}您好，您的包裹由{\'{快递公司}\'}承运，单号{\'{快递单号}\'}。', blanks: '插入变量', strange: '没有这个变量：{names}', group: '适用技能组', everyGroup: '全部', shareAll: '所有同事可用',
  },
  groups: {
    lead: '营业时间、节假日、支援和服务标准，按组设置，保存后立即生效。', empty: '还没有技能组。新建成员时填写技能组即可。', open: '营业中', closedNow: '已休息', closedUntil: '休息中，{time} 开始', name: '名称', hours: '营业时间', always: '全天接待', weekday: { 1: '周一', 2: '周二', 3: '周三', 4: '周四', 5: '周五', 6: '周六', 7: '周日' }, dayOff: '休息', addSpan: '加时段', from: '开始', to: '结束', copyMonday: '每天都和周一一样',
    holidays: '节假日与特殊日', holidaysHint: '当天按这里的时段接待，没有时段就是休息。', holidayDay: '日期', addHoliday: '加一天', overflow: '排队', overflowTo: '等待较久时转给', nobody: '不转', overflowAfter: '等待多久后', queueLimit: '最多排队', automatic: '自动分配：客户排队时，系统分给合适的客服', usual: '默认', minutes: '分钟', people: '人',
    standards: '服务标准', standardsHint: '单位：分钟，只计营业时间。不填则按默认。', everybody: '所有客户', same: '同左', undo: '还原', saved: '已保存，立即生效',
    faults: { name_missing: '请填写名称', span_bad: '时段写成 09:00–21:00，结束要晚于开始，最晚 24:00', spans_cross: '同一天的时段有重叠', holiday_bad: '请选择节假日日期', holiday_twice: '同一天出现了两次', number_bad: '请填写大于 0 的数字' },
  },
  people: { lead: '谁在岗、手上有多少客户、最多接多少。', new: '新建成员', name: '姓名', load: '接待中', capacity: '接待上限', capacityBad: '请填写 1 到 {most}', saved: '{name} 已更新', added: '已新建 {name}', password: '初始密码', roles: '角色', edit: '编辑成员', level: { 0: '不参加', 1: '基础', 2: '熟练', 3: '专家' }, inLevel: '（{level}）' },
  alerts: {
    title: '提醒', none: '一切正常，没有需要留意的会话', count: '{n} 条提醒', invitedBy: '{name} 请您协助',
    code: { not_answered: '分配后未及时回复', standard_warning: '即将超时', standard_breach: '已超时', promise_overdue: '承诺已逾期' },
    clock: { first_response: '首次响应', next_response: '后续响应', resolution: '解决时长' },
  },
  composer: {
    reply: '回复客户', note: '内部备注', placeholder: '回复 {name}，Enter 发送，Shift+Enter 换行', notePlaceholder: '写给同事的备注，客户看不到', send: '发送', sendNote: '记下', image: '发送图片', imageBad: '只能发送 JPG、PNG、WebP 或 GIF 图片', imageFailed: '图片没有上传成功', tooLong: '超出 {n} 字', count: '{n}/{most}',
    label: '消息', closedHint: '接入后即可回复', botHint: '机器人正在接待。需要时可以接管。', queueHint: '客户正在排队，接入后即可回复。', otherHint: '{name} 正在接待，您可以留内部备注。', endedHint: '会话已结束。', whisper: '悄悄话', whisperPlaceholder: '只有同事看得到的提醒，客户看不到', askedAgain: '这个问题客户已经答过：', savedDraft: '草稿已保存', filled: '已填入',
  },
  card: {
    title: '交接卡', label: '交接卡：接手前需要知道的一切', why: '为什么转人工', problem: '问题', understood: '已了解', intent: '意图', facts: '关键信息', tried: '机器人试过', triedNone: '机器人还没给过答案', orders: '订单与物流', taken: '取自店铺 {time}', emotion: '情绪变化', promises: '未兑现的承诺', doNotAsk: '不要再问', doNotAskHint: '客户已经说过，请直接使用',
    jump: '看第 {seq} 条消息', probability: '匹配 {p}', helpful: '有帮助', unhelpful: '没解决', noReaction: '未反馈', collapse: '收起', expand: '展开', severity: '紧急程度 {n}', verdictAsk: '这次需要人工吗？', needed: '需要', notNeeded: '机器人本可解决', verdictDone: '谢谢，已记录', evidence: '原话', updated: '更新至第 {seq} 条', more: '还有 {n} 条', score: '{p}', jumpFailed: '没有找到那条消息', botStage: '机器人目前了解到',
  },
  helper: {
    label: '助手面板', customer: '客户资料', orders: '订单', answers: '推荐答案', past: '历史会话', id: '编号', level: '等级', phone: '手机', unmask: '查看完整号码', unmaskWhy: '为什么需要完整号码？查看会留下记录', unmaskHint: '例如：给客户回电话', unmaskDo: '查看', since: '注册', ordersCount: '订单数', spent: '累计消费', tags: '标签', notes: '备注', guestHint: '访客没有登录，暂无店铺资料', noOrders: '没有订单', ordersFailed: '订单没有取到', logistics: '查看物流', hideLogistics: '收起物流', noTraces: '还没有物流记录', logisticsFailed: '物流没有取到', placed: '下单', paidAt: '付款', shippedAt: '发货', returnable: '{date} 前可退', address: '收货', quantity: '×{n}', total: '实付',
    question: '按这句话找答案', searchHint: '换个说法搜索知识库', noAnswers: '知识库里没有相近的答案', weakAnswers: '没有很贴合的答案，以下仅供参考', answersFailed: '知识库暂时没有回应', fill: '填入', send: '发送', match: '匹配 {p}', matched: '命中：{text}', waitQuestion: '客户还没有提问', noPast: '没有更早的会话', open: '打开', stars: '{n} 星', openConversation: '查看这次会话', insertOrder: '发送订单', insertLogistics: '发送物流', expected: '预计 {time} 送达', pastOpen: '进行中', invoice: '发票', 
  },
  shortcuts: {
    title: '键盘快捷键', next: '下一个会话', previous: '上一个会话', search: '搜索会话', send: '发送', newline: '换行', help: '查看快捷键', claim: '接入 / 接管当前会话', nextInLine: '接入下一位', lists: '切换列表', snooze: '稍后处理当前会话', close: '结束当前会话', escape: '离开输入框',
  },
  notify: { new_message: '{name} 发来新消息', new_waiting: '{name} 在等待人工', given_to_you: '{name} 分配给了您', invited: '{name} 请您协助接待 {customer}', body: '点击查看' },
  knowledge: {
    title: '知识库', label: '知识条目', new: '新建条目', searchHint: '搜索标准问、相似问、答案', category: '分类', allCategories: '全部分类', state: '状态', allStates: '全部状态', total: '共 {n} 条', empty: '没有相符的条目', emptyHint: '换个条件，或新建一条', failed: '知识库没有回应', similarCount: '{n} 个相似问', updated: '{time} {who}',
    states: { draft: '草稿', in_review: '待审核', published: '已发布', retired: '已下线' }, changedSince: '有未发布的修改', serving: '线上第 {n} 版',
    status: '{published} 条已发布 · {phrasings} 种问法', revision: '索引版本 {n}',
    pickTitle: '选择一个条目', pickHint: '或新建一条，让机器人学会新的回答',
    form: {
      newTitle: '新建条目', question: '标准问', questionHint: '客户最常用的问法，例如：七天无理由退货运费谁出', similar: '相似问', similarHint: '换一种说法，回车添加；可一次粘贴多行', similarCount: '{n}/200', similarFilter: '筛选相似问', add: '添加', remove: '删除「{text}」', answer: '答案', answerHint: '写给客户看的答案', category: '分类', categoryHint: '选择或输入分类', keywords: '关键词', keywordsHint: '回车添加', validity: '有效期', from: '开始', to: '结束', validityHint: '不填表示长期有效', save: '保存', saved: '已保存', unsaved: '有未保存的修改', created: '已创建草稿', discard: '放弃修改', discardAsk: '修改还没有保存，确定离开吗？', stay: '继续编辑', leave: '放弃并离开', readOnly: '您可以查看，修改需要知识管理员权限', version: '第 {n} 版', updatedBy: '{who} 更新于 {time}',
    },
    faults: { question_missing: '请填写标准问', question_long: '标准问不能超过 200 字', answer_missing: '请填写答案', category_missing: '请填写分类', similar_many: '相似问最多 200 个', validity_backwards: '结束时间要晚于开始时间' },
    fields: { question: '标准问', similar: '相似问', answer: '答案', html: '答案排版', category: '分类', keywords: '关键词', variants: '渠道答案', related: '相关问题', valid_from: '生效时间', valid_to: '失效时间' },
    steps: { submit: '提交审核', publish: '发布', retire: '下线', withdraw: '撤回审核', submitted: '已提交审核', retired: '已下线', withdrawn: '已撤回为草稿', published: '已在 {serving}/{total} 个节点生效', publishing: '发布中，已在 {serving}/{total} 个节点生效', retireAsk: '下线后，机器人不再用这条答案。确定吗？', saveFirst: '请先保存修改' },
    editor: { bold: '加粗', italic: '斜体', bullets: '项目列表', numbers: '编号列表', link: '链接', unlink: '取消链接', undo: '撤销', redo: '重做', linkAsk: '链接地址', linkBad: '请输入 http(s) 开头的地址', toolbar: '排版工具' },
    tryIt: { title: '试一试', hint: '输入客户的问法', run: '试一下', decision: { answer: '直接回答', did_you_mean: '让客户选择', ask_back: '追问一句', hand_over: '转人工' }, overall: '把握 {p}', score: '总分', matched: '命中问法', vector: '语义', lexical: '字面', addSimilar: '加为相似问', added: '已加为相似问，保存后生效', addedOther: '已加为「{question}」的相似问（草稿）', already: '已经有这个问法', none: '没有相近的条目', thisEntry: '当前条目', missing: '缺少信息：{text}', why: '{decision}：最相近的条目有 {p} 的把握能回答。' },
    history: { title: '版本历史', version: '第 {n} 版', diff: '与上一版对比', diffCurrent: '与当前对比', rollBack: '回到这一版', rollBackAsk: '用第 {n} 版的内容覆盖当前草稿？线上内容在发布前不变。', rolledBack: '已回到第 {n} 版的内容', none: '还没有历史', same: '内容相同', first: '首次创建', actions: { created: '创建', create: '创建', edited: '修改', edit: '修改', update: '修改', submitted: '提交审核', submit: '提交审核', published: '发布', publish: '发布', retired: '下线', retire: '下线', withdrawn: '撤回审核', withdraw: '撤回审核', rolled_back: '回滚', 'roll-back': '回滚', roll_back: '回滚', imported: '导入', import: '导入', seeded: '导入' }, empty: '（空）' },
    conflict: { title: '{who}刚刚改过这一条', lead: '您的修改还在。请逐项选择保留哪一份，再保存。绿色是您的，红色是对方的。', someone: '有同事', mine: '用我的', theirs: '用对方的', save: '按选择保存', takeTheirs: '全部用对方的', fields: '{n} 处不同' },
    inbox: { title: '未知问题', entries: '条目', lead: '机器人没能回答的真实提问', empty: '没有待处理的未知问题', emptyHint: '机器人答不上来的问题会汇总到这里', asked: '问过 {n} 次', last: '最近 {time}', examples: '其他说法', create: '新建条目', ignore: '忽略', ignored: '已忽略', addTo: '加到当前条目', added: '已加为相似问，保存后生效', done: '已处理' },
    panels: '条目工具',
  },
  errors: {
    unreachable: '网络没有连上，请稍后再试', server_trouble: '服务器出了点问题，请稍后再试', bad_credentials: '账号或密码不对', too_many_attempts: '尝试次数过多，请稍后再试', too_many_requests: '操作太快，请稍等一下', forbidden: '您没有这个权限', not_found: '找不到，可能已被删除', not_holder: '会话已不在您手上，消息没有发出', already_claimed: '这个会话已被同事接入', at_capacity: '您手上的会话已满', illegal_move: '当前状态不能这样操作', too_large: '内容太大', bad_text: '内容含有无法识别的字符', bad_upload: '图片格式不支持', invalid: '填写的内容有误', edited_meanwhile: '有同事刚刚改过', storage_unavailable: '存储暂时不可用，请稍后再试', knowledge_base_away: '知识库暂时没有回应', shop_away: '店铺系统暂时没有回应', bug: '程序出错了，已记录', not_signed_in: '登录已过期，请重新登录', bad_code: '设置码不对', nobody_waiting: '没有人在排队', other: '没有成功，请稍后再试',
  },
}

export type Words = typeof zhCN
