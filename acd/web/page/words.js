/**
 * Every string of the pages, in every language. The terms are those of the vocabulary: one word per thing.
 *
 * `{name}` in a string is filled in by `say`. A key missing in one language is a fault that a test finds.
 */

import { CHINESE_OF_TALKS, ENGLISH_OF_TALKS } from "./words_of_talks.js";

const ENGLISH = {
  ...ENGLISH_OF_TALKS,
  "title": "Switchyard",
  "language.other": "中文",
  "language.switch": "Switch to Chinese",

  "login.title": "Log in",
  "login.user": "User",
  "login.password": "Password",
  "login.submit": "Log in",
  "login.busy": "Logging in…",
  "login.takeOver": "Log in here and end the other session",
  "login.leave": "Log out",

  "connection.lost": "Connection lost since {time}. What you see is stale.",
  "connection.ago": "For {ago} now.",
  "connection.next": "Next try in {seconds} s.",
  "connection.trying": "Trying…",
  "connection.try": "Try now",
  "connection.back": "Connection is back; what you see is current again.",
  "connection.takenOver": "This user logged in somewhere else, so this page has stopped. What you see is from {time}.",
  "connection.resume": "Use this page again",

  "pbx.up": "PBX linked",
  "pbx.lost": "PBX lost: {why}",
  "pbx.lost.banner": "PBX lost since {time}: {why}. No call can be offered until it is back.",

  "total.waiting": "Waiting calls",
  "total.longest": "Longest wait",
  "total.filter": "Show only agents who are: {state}",

  "state.logged-out": "Logged out",
  "state.not-ready": "Not ready",
  "state.ready": "Ready",
  "state.ringing": "Ringing",
  "state.talking": "Talking",
  "state.wrap-up": "Wrap-up",

  "reason.logged-in": "just logged in",
  "reason.no-answer": "no answer",
  "reason.rejected": "rejected",
  "reason.busy": "phone busy",
  "reason.device-unavailable": "phone unavailable",
  "reason.connection-lost": "client lost",
  "reason.forced": "forced",
  "reason.break": "break",
  "reason.lunch": "lunch",
  "reason.training": "training",

  "groups.title": "Skill groups",
  "groups.name": "Group",
  "groups.waiting": "Waiting",
  "groups.oldest": "Oldest",
  "groups.talking": "Talking",
  "groups.answered": "Answered",
  "groups.abandoned": "Abandoned",
  "groups.since": "counted since {time}",

  "waiting.title": "Waiting calls",
  "waiting.none": "Nobody is waiting.",
  "waiting.more": "and {count} more",
  "waiting.entry": "Entry point",
  "waiting.tier": "Tier",
  "waiting.returned": "returned",
  "waiting.returned.long": "An offer of this call did not lead to talk; it goes ahead of the line.",
  "waiting.offered": "offered to {agent}",
  "waiting.offered.more": "offered to {agent} and {more} more",
  "waiting.moved": "from {group}",
  "caller.unknown": "number withheld",

  "to.number": "{name}",
  "to.voicemail": "voicemail {name}",
  "to.hang-up": "hang-up",
  "cause.step": "overflow",
  "cause.closed": "closed",
  "cause.holiday": "holiday",
  "cause.no-agents": "nobody logged in",
  "cause.full": "group full",
  "cause.supervisor": "by a supervisor",

  "agents.title": "Agents",
  "agents.search": "Find by id, name, caller or reason",
  "agents.state": "State",
  "agents.state.all": "All states",
  "agents.state.online": "All but logged out",
  "agents.sort": "Sort",
  "agents.sort.name": "by name",
  "agents.sort.id": "by id",
  "agents.sort.state": "by state",
  "agents.sort.time": "longest in state first",
  "agents.dense": "Dense",
  "agents.shown": "{shown} of {all}",
  "agents.none": "No agent matches.",
  "agents.keys": "Arrow keys move, Enter opens the actions",
  "agent.forcedBy": "forced by {by}",
  "agent.pending": "then {state}",
  "agent.pending.forced": "then {state}, forced by {by}",

  "action.force_ready": "Force ready",
  "action.force_not_ready": "Force not ready",
  "action.force_not_ready.later": "Force not ready after the call",
  "action.force_log_out": "Force log out",
  "action.force_log_out.later": "Force log out after the call",
  "action.force_log_out.release": "Force log out and release the call",
  "action.force_release": "Release the call",
  "action.force_release.ringing": "Stop ringing here, offer to another agent",
  "action.close": "Close",
  "action.cancel": "Cancel",
  "action.confirm.force_release": "End the call with {caller}? The caller will be hung up on.",
  "action.confirm.force_log_out": "End the call with {caller} and log the agent out? The caller will be hung up on.",
  "action.none": "The agent is logged out; there is nothing to force.",
  "action.sent": "asked…",
  "action.done": "{agent}: {action} – done",
  "action.failed": "{agent}: {problem}",

  "why.short": "why?",
  "why.call": "Why does this call wait?",
  "why.agent": "Why no call?",
  "why.title": "Why: {about}",
  "why.asked": "Looking it up…",
  "why.close": "Close",

  "feed.title": "Newest events",
  "feed.none": "Nothing noteworthy yet.",
  "feed.abandoned": "{caller} hung up after waiting {wait} ({group})",
  "feed.refused": "Call of {caller} refused",
  "feed.released-by-supervisor": "Call of {caller} with {agent} released by a supervisor",
  "feed.unanswered": "{agent} did not answer the call of {caller}",
  "feed.rejected": "{agent} rejected the call of {caller}",
  "feed.failed": "The phone of {agent} could not be rung for {caller}",
  "feed.logged-in": "{agent} logged in",
  "feed.state": "{agent}: {state}",
  "feed.state.reason": "{agent}: {state} ({reason})",
  "feed.forced": "{agent}: {state}, forced by {by}",
  "feed.forced.pending": "{agent}: {state} after the call, forced by {by}",
  "feed.moved": "Call of {caller} moved from {group} to {other} by a supervisor",
  "feed.sent": "Call of {caller} sent to {to} ({cause})",
  "feed.sent.door": "A call to {group} sent to {to} on arrival ({cause})",
  "feed.sent.hang-up": "Call of {caller} hung up by {group} ({cause})",
  "feed.sent.hang-up.door": "A call to {group} hung up on arrival ({cause})",
  "feed.tier": "Call of {caller} has tier {tier}, set by {by}",
  "feed.rules": "Configuration changed by {by}",
  "feed.pbx-lost": "PBX lost: {why}",
  "feed.pbx-back": "PBX linked again",

  "panel.you": "{name} ({id})",
  "panel.goReady": "Ready",
  "panel.goReady.wrapUp": "Wrap-up done, ready",
  "panel.goReady.later": "Ready after the call",
  "panel.notReady": "Not ready",
  "panel.notReady.later": "Not ready after the call",
  "panel.release": "Release the call",
  "panel.reject": "Reject the call",
  "panel.logOut": "Log out",
  "panel.logOut.later": "Log out after the call",
  "panel.pending": "After this call: {state}",
  "panel.pending.forced": "After this call: {state}, forced by {by}",
  "panel.ringing": "A call for you: answer here or on your phone",
  "panel.ring.left": "rings {seconds} s more",
  "panel.talking": "Talking with",
  "panel.wrapUp": "Wrap-up of the call with",
  "panel.group": "Group",
  "panel.entry": "Entry point",
  "panel.waited": "Waited",
  "panel.idle.ready": "You are ready. The next call will ring on your phone.",
  "panel.idle.not-ready": "You get no calls until you are ready.",
  "panel.idle.not-ready.busy": "You get no calls while your phone is busy.",
  "panel.idle.not-ready.device-unavailable": "You get no calls while your phone can't be reached.",
  "panel.idle.logged-out": "You are logged out.",
  "panel.history": "Your last calls",
  "panel.history.none": "No calls yet since this page was opened.",

  "outcome.abandoned": "abandoned",
  "outcome.released-by-caller": "released by the caller",
  "outcome.released-by-agent": "released by you",
  "outcome.released-by-supervisor": "released by a supervisor",
  "outcome.refused": "refused",
  "outcome.sent-elsewhere": "sent elsewhere",
  "outcome.merged": "waits for a callback already",
  "outcome.unanswered": "not answered",
  "outcome.rejected": "rejected",
  "outcome.failed": "phone could not be rung",
  "outcome.withdrawn": "caller hung up first",

  "problem.unknown-agent": "There is no such agent.",
  "problem.not-now": "Not possible in the present state.",
  "problem.unknown-reason": "This is not one of the reasons for not ready.",
  "problem.no-call": "There is no call to release.",
  "problem.unknown-call": "There is no such call.",
  "problem.unknown-group": "There is no such skill group.",
  "problem.wrong-password": "Wrong user or password.",
  "problem.already-logged-in": "This user is logged in somewhere else.",
  "problem.not-allowed": "You may not do this.",
  "problem.unreachable": "The server can't be reached. Trying again…",
  "problem.connection-lost": "The connection was lost; it isn't known whether this was done.",
  "problem.no-reply": "The server did not answer in time; it isn't known whether this was done.",
  "problem.wrong-version": "The server speaks another version of the protocol. Reload this page.",
  "problem.removed": "Your account is no longer in the configuration.",
  "problem.logged-out": "You have logged out.",
  "problem.logged-out-by": "{by} has logged you out.",
};

const CHINESE = {
  ...CHINESE_OF_TALKS,
  "title": "Switchyard",
  "language.other": "English",
  "language.switch": "切换到英文",

  "login.title": "登录",
  "login.user": "用户",
  "login.password": "密码",
  "login.submit": "登录",
  "login.busy": "正在登录…",
  "login.takeOver": "在此登录，并结束另一处的会话",
  "login.leave": "退出登录",

  "connection.lost": "连接已于 {time} 中断，当前显示的数据已过时。",
  "connection.ago": "已中断 {ago}。",
  "connection.next": "{seconds} 秒后重试。",
  "connection.trying": "正在重试…",
  "connection.try": "立即重试",
  "connection.back": "连接已恢复，数据为最新。",
  "connection.takenOver": "该用户已在别处登录，本页面已停止更新。当前数据截至 {time}。",
  "connection.resume": "重新使用本页面",

  "pbx.up": "交换机已连接",
  "pbx.lost": "交换机中断：{why}",
  "pbx.lost.banner": "交换机自 {time} 起中断：{why}。恢复前无法派话。",

  "total.waiting": "等待呼叫",
  "total.longest": "最长等待",
  "total.filter": "只显示此状态的座席：{state}",

  "state.logged-out": "签出",
  "state.not-ready": "示忙",
  "state.ready": "示闲",
  "state.ringing": "振铃",
  "state.talking": "通话",
  "state.wrap-up": "话后处理",

  "reason.logged-in": "刚签入",
  "reason.no-answer": "无应答",
  "reason.rejected": "拒接",
  "reason.busy": "话机占线",
  "reason.device-unavailable": "话机不可用",
  "reason.connection-lost": "客户端断线",
  "reason.forced": "强制",
  "reason.break": "小休",
  "reason.lunch": "用餐",
  "reason.training": "培训",

  "groups.title": "技能组",
  "groups.name": "技能组",
  "groups.waiting": "等待",
  "groups.oldest": "最久",
  "groups.talking": "通话",
  "groups.answered": "应答",
  "groups.abandoned": "放弃",
  "groups.since": "自 {time} 起统计",

  "waiting.title": "等待呼叫",
  "waiting.none": "当前无人等待。",
  "waiting.more": "另有 {count} 个",
  "waiting.entry": "接入码",
  "waiting.tier": "优先级",
  "waiting.returned": "无应答转接",
  "waiting.returned.long": "派话后未通话（无应答自动示忙转接），排在队列最前。",
  "waiting.offered": "派话给 {agent}",
  "waiting.offered.more": "派话给 {agent} 及另外 {more} 人",
  "waiting.moved": "来自{group}",
  "caller.unknown": "号码未显示",

  "to.number": "{name}",
  "to.voicemail": "语音信箱 {name}",
  "to.hang-up": "挂断",
  "cause.step": "溢出",
  "cause.closed": "非营业时间",
  "cause.holiday": "节假日",
  "cause.no-agents": "无座席签入",
  "cause.full": "技能组已满",
  "cause.supervisor": "班长操作",

  "agents.title": "座席",
  "agents.search": "按工号、姓名、主叫号码或原因查找",
  "agents.state": "状态",
  "agents.state.all": "全部状态",
  "agents.state.online": "除签出外",
  "agents.sort": "排序",
  "agents.sort.name": "按姓名",
  "agents.sort.id": "按工号",
  "agents.sort.state": "按状态",
  "agents.sort.time": "状态时长从长到短",
  "agents.dense": "紧凑",
  "agents.shown": "{shown} / {all}",
  "agents.none": "没有符合条件的座席。",
  "agents.keys": "方向键移动，回车键打开操作",
  "agent.forcedBy": "由 {by} 强制",
  "agent.pending": "预约{state}",
  "agent.pending.forced": "预约{state}（由 {by} 强制）",

  "action.force_ready": "强制示闲",
  "action.force_not_ready": "强制示忙",
  "action.force_not_ready.later": "通话后强制示忙",
  "action.force_log_out": "强制签出",
  "action.force_log_out.later": "通话后强制签出",
  "action.force_log_out.release": "强制签出并挂断",
  "action.force_release": "强制挂断",
  "action.force_release.ringing": "停止振铃，改派其他座席",
  "action.close": "关闭",
  "action.cancel": "取消",
  "action.confirm.force_release": "结束与 {caller} 的通话？主叫将被挂断。",
  "action.confirm.force_log_out": "结束与 {caller} 的通话并签出该座席？主叫将被挂断。",
  "action.none": "座席已签出，无可强制的操作。",
  "action.sent": "已请求…",
  "action.done": "{agent}：{action}，已完成",
  "action.failed": "{agent}：{problem}",

  "why.short": "为何？",
  "why.call": "为何此呼叫在等待？",
  "why.agent": "为何没有呼叫？",
  "why.title": "原因：{about}",
  "why.asked": "正在查询…",
  "why.close": "关闭",

  "feed.title": "最新事件",
  "feed.none": "暂无值得关注的事件。",
  "feed.abandoned": "{caller} 等待 {wait} 后放弃（{group}）",
  "feed.refused": "{caller} 的呼叫被拒绝",
  "feed.released-by-supervisor": "{caller} 与 {agent} 的通话被强制挂断",
  "feed.unanswered": "{agent} 未应答 {caller} 的呼叫",
  "feed.rejected": "{agent} 拒接 {caller} 的呼叫",
  "feed.failed": "{agent} 的话机无法振铃（{caller}）",
  "feed.logged-in": "{agent} 签入",
  "feed.state": "{agent}：{state}",
  "feed.state.reason": "{agent}：{state}（{reason}）",
  "feed.forced": "{agent}：{state}，由 {by} 强制",
  "feed.forced.pending": "{agent}：通话后{state}，由 {by} 强制",
  "feed.moved": "{caller} 的呼叫由班长从{group}移至{other}",
  "feed.sent": "{caller} 的呼叫转至 {to}（{cause}）",
  "feed.sent.door": "呼入{group}的呼叫直接转至 {to}（{cause}）",
  "feed.sent.hang-up": "{caller} 的呼叫被{group}挂断（{cause}）",
  "feed.sent.hang-up.door": "呼入{group}的呼叫被直接挂断（{cause}）",
  "feed.tier": "{caller} 的呼叫优先级改为 {tier}，由 {by} 设置",
  "feed.rules": "{by} 更改了配置",
  "feed.pbx-lost": "交换机中断：{why}",
  "feed.pbx-back": "交换机已恢复连接",

  "panel.you": "{name}（{id}）",
  "panel.goReady": "示闲",
  "panel.goReady.wrapUp": "话后处理完成，示闲",
  "panel.goReady.later": "通话后示闲",
  "panel.notReady": "示忙",
  "panel.notReady.later": "通话后示忙",
  "panel.release": "挂断",
  "panel.reject": "拒接",
  "panel.logOut": "签出",
  "panel.logOut.later": "通话后签出",
  "panel.pending": "预约状态：{state}",
  "panel.pending.forced": "预约状态：{state}（由 {by} 强制）",
  "panel.ringing": "来电振铃：请在此或用话机接听",
  "panel.ring.left": "还将振铃 {seconds} 秒",
  "panel.talking": "正在通话",
  "panel.wrapUp": "话后处理",
  "panel.group": "技能组",
  "panel.entry": "接入码",
  "panel.waited": "已等待",
  "panel.idle.ready": "您已示闲，下一个呼叫将在您的话机上振铃。",
  "panel.idle.not-ready": "示闲之前不会派话给您。",
  "panel.idle.not-ready.busy": "话机占线期间不会派话给您。",
  "panel.idle.not-ready.device-unavailable": "话机不可用期间不会派话给您。",
  "panel.idle.logged-out": "您已签出。",
  "panel.history": "最近的呼叫",
  "panel.history.none": "打开本页面以来尚无呼叫。",

  "outcome.abandoned": "主叫放弃",
  "outcome.released-by-caller": "主叫挂断",
  "outcome.released-by-agent": "您已挂断",
  "outcome.released-by-supervisor": "被强制挂断",
  "outcome.refused": "被拒绝",
  "outcome.sent-elsewhere": "已转至别处",
  "outcome.merged": "已有回呼在等待",
  "outcome.unanswered": "未应答",
  "outcome.rejected": "已拒接",
  "outcome.failed": "话机无法振铃",
  "outcome.withdrawn": "主叫先挂断",

  "problem.unknown-agent": "没有这个座席。",
  "problem.not-now": "当前状态下不可操作。",
  "problem.unknown-reason": "这不是已配置的示忙原因。",
  "problem.no-call": "没有可挂断的呼叫。",
  "problem.unknown-call": "没有这个呼叫。",
  "problem.unknown-group": "没有这个技能组。",
  "problem.wrong-password": "用户或密码错误。",
  "problem.already-logged-in": "该用户已在别处登录。",
  "problem.not-allowed": "您无权进行此操作。",
  "problem.unreachable": "无法连接服务器，正在重试…",
  "problem.connection-lost": "连接中断，无法确认操作是否已执行。",
  "problem.no-reply": "服务器未及时答复，无法确认操作是否已执行。",
  "problem.wrong-version": "服务器的协议版本不同，请刷新本页面。",
  "problem.removed": "您的账号已不在配置中。",
  "problem.logged-out": "您已签出。",
  "problem.logged-out-by": "{by} 已将您强制签出。",
};

/** @type {Record<string, Record<string, string>>} */
export const WORDS = { "en": ENGLISH, "zh-CN": CHINESE };

const REMEMBERED = "switchyard.language";

/** @type {string} */
let language = chosen();

function chosen() {
  const remembered = localStorage.getItem(REMEMBERED);
  if (remembered && remembered in WORDS) return remembered;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh-CN" : "en";
}

/** The language of the page, as a tag that `Intl` and the `lang` attribute know. */
export function currentLanguage() {
  return language;
}

/** Switch to the other language and remember the choice in this browser. */
export function switchLanguage() {
  language = language === "en" ? "zh-CN" : "en";
  localStorage.setItem(REMEMBERED, language);
}

/**
 * The string for `key` in the page's language, with `{name}` filled in.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function say(key, values = {}) {
  return sayOr(key, key, values);
}

/**
 * The string for `key` where there is one, else `otherwise`: for words that the configuration or the server may add.
 * @param {string} key
 * @param {string} otherwise
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function sayOr(key, otherwise, values = {}) {
  const words = WORDS[language][key];
  return words === undefined ? otherwise : words.replace(/\{(\w+)\}/g, (gap, name) => String(values[name] ?? gap));
}
