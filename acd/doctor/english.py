"""What the doctor says in English. Keys and what stands in braces are the same in every language.

A sentence says what was found; that with `.do` after its key, what to do.
"""

ENGLISH = {
    "comma": ", ",
    "more": "{n} more",
    # --- what things are called
    "verdict.ok": "ok",
    "verdict.warning": "warning",
    "verdict.problem": "PROBLEM",
    "verdict.skipped": "skipped",
    "check.config": "configuration",
    "check.file-mode": "who may read it",
    "check.secret": "secret",
    "check.passwords": "passwords",
    "check.journal": "journal",
    "check.web": "web address",
    "check.hours": "opening hours",
    "check.reach": "Asterisk",
    "check.encryption": "encryption",
    "check.login": "login",
    "check.version": "version",
    "check.clock": "clock",
    "check.rights": "rights needed",
    "check.more-rights": "rights beyond that",
    "check.dialplan": "dialplan",
    "check.entries": "entry points",
    "check.outside": "numbers outside",
    "check.voicemail": "voicemail boxes",
    "check.modules": "modules",
    "check.events": "events",
    "check.filter": "event filter",
    "check.music": "music on hold",
    "check.prompts": "prompts",
    "check.phones": "phones",
    "check.trunks": "trunks",
    "end.ok": "All is well.",
    "end.warning": "Nothing stands in the way; look at the warnings.",
    "end.skipped": "Nothing stands in the way, as far as it could be seen.",
    "end.problem": "1 problem is to be solved.|{n} problems are to be solved.",
    # --- this machine
    "config": "{path} is good: {groups} groups, {agents} agents, adapter {adapter}",
    "config.bad": "{why}",
    "config.bad.do": "Mend the file; docs/configuration.md lists all keys, and `acd check {path}` tells the same in "
    "short.",
    "file-mode": "{path} has mode {mode}",
    "file-mode.open": "{path} has mode {mode}: everybody on this machine may read the secret in it",
    "file-mode.open.do": "chmod 640 {path}, and give it to the group under which Switchyard runs.",
    "secret": "it isn't the example's",
    "secret.example": "it is still the example's, which everybody knows",
    "secret.example.do": "Put another one into {tables} secret of {path} and into manager-acd.conf; then `manager "
    "reload` in Asterisk and a restart of Switchyard.",
    "passwords": "nobody has the example's",
    "passwords.example": "1 person has the example's password, which everybody knows: {people}|{n} people have the "
    "example's password, which everybody knows: {people}",
    "passwords.example.do": "Make each of them another password_hash with `acd hash-password`, then `acd reload`.",
    "journal": "{folder} can be written, {free} are free",
    "journal.closed": "{journal} can't be written by this user (looked at {folder})",
    "journal.closed.do": "Let the user under which Switchyard runs write there, or change [server] journal; run the "
    "doctor as that user.",
    "journal.full": "only {free} are free in {folder}",
    "journal.full.do": "Make room: on a full disk calls are routed on, but nothing is written down.",
    "journal.tight": "{free} are free in {folder}, and a segment has up to {segment} MB",
    "journal.tight.do": "Make room, or let older segments go: [server] journal_keep.",
    "web.free": "{host} port {port} is free",
    "web.ours": "a Switchyard serves at {host} port {port}",
    "web.somebody": "another program has {host} port {port}: {why}",
    "web.somebody.do": "End that program (`ss -tlnp` names it), or change [server] port.",
    "web.unavailable": "{host} port {port} can't be had: {why}",
    "web.unavailable.do": "[server] host must be an address of this machine, and a port below 1024 needs a right to "
    "it.",
    "hours": "{zone} is known; there it is {now}",
    # --- the way to Asterisk
    "no-reach": "not asked: Asterisk isn't reached",
    "no-login": "not asked: there is no login",
    "reach.simulator": "the adapter is the simulator, so no Asterisk is asked",
    "reach": "{host} port {port} answers: {text}",
    "reach.refused": "nobody listens at {host} port {port}",
    "reach.refused.do": "Start Asterisk; in manager.conf, [general]: enabled = yes, port = {port}, and a bindaddr "
    "that can be reached from here; then `manager reload`. `manager show settings` says what holds.",
    "reach.silent": "{host} port {port} is silent for {seconds} s",
    "reach.silent.do": "Asterisk hangs, or a firewall drops what is sent there, or host and port of {table} are "
    "another program's.",
    "reach.unknown-host": "{host} is no known host: {text}",
    "reach.unknown-host.do": "Correct host in {table}, or write the address itself.",
    "reach.failed": "{host} port {port} can't be reached: {text}",
    "reach.failed.do": "Look at host and port in {table}, and at the network between.",
    "reach.stranger": "what listens at {host} port {port} isn't Asterisk's manager interface: {text}",
    "reach.stranger.do": "Put into {table} the host and port that `manager show settings` tells in Asterisk (the "
    "usual port is 5038).",
    "encryption": "the manager interface is spoken within this machine ({host})",
    "encryption.none": "the secret and all calls go to {host} port {port} unencrypted",
    "encryption.none.do": "Run Switchyard on Asterisk's machine, or lead the connection through a tunnel (WireGuard, "
    "ssh -L).",
    "login": "user {user} is let in",
    "login.refused": "user {user} is refused: {text}",
    "login.refused.do": "User and secret must be those of manager-acd.conf, which manager.conf must include; its deny "
    "and permit must let {address} in; then `manager reload`. `manager show user {user}` shows whether the user is "
    'there. Asterisk\'s log says which of it is wrong: "nonexistent user", "failed to authenticate" (the secret), or '
    '"failed to pass IP ACL" (deny and permit).',
    "login.silent": "user {user} gets no answer for {seconds} s",
    "login.silent.do": "Asterisk hangs: look at its log.",
    "version": "Asterisk {version}",
    "version.old": "Asterisk {version} is older than {least}",
    "version.old.do": "Install Asterisk {least} or later.",
    "version.unknown": "Asterisk's version can't be told: {version}",
    "clock": "the same within {off} s",
    "clock.ahead": "Asterisk's clock is {off} s ahead of this machine's",
    "clock.ahead.do": "Let both machines follow one clock (chrony, systemd-timesyncd): callers' waits are reckoned by "
    "both.",
    "clock.behind": "Asterisk's clock is {off} s behind this machine's",
    "clock.behind.do": "Let both machines follow one clock (chrony, systemd-timesyncd): callers' waits are reckoned "
    "by both.",
    "clock.unknown": "Asterisk tells no time",
    # --- rights
    "rights": "user {user} may do all that is needed",
    "rights.unknown": "Asterisk doesn't say what the user may do",
    "rights.few": "user {user} may not do: {missing}",
    "rights.few.do": "Add to `write` in manager-acd.conf: {classes}; or copy the file anew. Then `manager reload`.",
    "rights.no-more": "user {user} may do nothing else",
    "rights.many": "user {user} may do more than Switchyard needs: {beyond}",
    "rights.many.do": "Write in manager-acd.conf `write = {needed}` and no more, then `manager reload`: who learns "
    "the secret shall not have the whole PBX.",
    # --- the dialplan
    "dialplan": "ours is there, {version}",
    "dialplan.unknown": "it can't be looked at: {text}",
    "dialplan.unknown.do": "The right `reporting` is missing, or the list was too long; in Asterisk: `dialplan show "
    "acd-wait`.",
    "dialplan.missing": "ours isn't there",
    "dialplan.missing.do": 'Add `#include "switchyard/extensions-acd.conf"` to extensions.conf, then `dialplan '
    "reload`; `acd asterisk-config` says which files to copy.",
    "dialplan.other": "it is {there}, and this Switchyard needs {version}",
    "dialplan.other.do": "Copy extensions-acd.conf anew (`acd asterisk-config` says from where), then `dialplan "
    "reload`.",
    "dialplan.alone": "ours is there, {version}, but not what several PBXs need besides",
    "dialplan.alone.do": 'Add `#include "switchyard/extensions-acd-pbxs.conf"` to extensions.conf, then `dialplan '
    "reload`; the top of that file says what belongs to it.",
    "dialplan.aged": "ours is there, {version}, but from before the doctor",
    "dialplan.aged.do": "Copy extensions-acd.conf anew (`acd asterisk-config` says from where), then `dialplan "
    "reload`.",
    "entries": "1 entry point has a way in|{n} entry points, each with a way in",
    "entries.elsewhere": "callers come in at other PBXs alone",
    "entries.unknown": "the dialplan can't be looked at: {text}",
    "entries.open": "1 has no way in that can be seen, but the dialplan makes some up: {lost}|{n} have no way in that "
    "can be seen, but the dialplan makes some up: {lost}",
    "entries.open.do": "Dial them.",
    "entries.lost": "no extension leads to {lost}|no extension leads to {n} of them: {lost}",
    "entries.lost.do": "Where those calls come in, in extensions.conf: `exten => "
    "{first},1,Goto(acd-entry,${{EXTEN}},1)`; then `dialplan reload`.",
    "outside": "1 number can be dialled|{n} numbers can be dialled",
    "outside.lost": "calls can't be sent to {lost}|calls can't be sent to {n} of them: {lost}",
    "outside.lost.do": "In extensions.conf: a context [acd-outside-own] with a line that takes {first}, such as "
    "`exten => _X.,1,Dial(PJSIP/${{EXTEN}}@your-trunk)`; then `dialplan reload`.",
    "outside.unknown": "1 number can't be tried: func_dialplan isn't loaded, or the rights are too few|{n} numbers "
    "can't be tried: func_dialplan isn't loaded, or the rights are too few",
    "outside.unknown.do": "In Asterisk: `dialplan show acd-outside-own`.",
    "voicemail": "1 box is there|{n} boxes are there",
    "voicemail.lost": "there is no box {lost}|there are no boxes {lost}",
    "voicemail.lost.do": "Make box {first} in [default] of voicemail.conf and load app_voicemail, or give it an "
    "extension in a context [acd-voicemail-own] of extensions.conf.",
    "voicemail.unknown": "1 box can't be looked for: func_dialplan isn't loaded, or the rights are too few|{n} boxes "
    "can't be looked for: func_dialplan isn't loaded, or the rights are too few",
    "voicemail.unknown.do": "In Asterisk: `voicemail show users`, `dialplan show acd-voicemail-own`.",
    "modules": "all that our dialplan needs are loaded",
    "modules.missing": "not loaded: {missing}",
    "modules.missing.do": "`module load {first}` in Asterisk, and see that modules.conf loads it the next time; then "
    "ask again.",
    "modules.unknown": "what could be asked for is loaded; the rest shows when our dialplan is there and a call can "
    "be tried",
    "modules.unknown.do": "The top of extensions-acd.conf lists them; in Asterisk: `module show like app_`.",
    # --- calls
    "events": "what our dialplan says and how calls end is heard",
    "events.none": "user {user} hears no events at all",
    "events.none.do": "In manager-acd.conf: `read = call,user`, and the eventfilter lines as shipped; then `manager "
    "reload`.",
    "events.no-response": "user {user} doesn't hear how a call ended (OriginateResponse)",
    "events.no-response.do": "`read` needs call, and the eventfilter lines of manager-acd.conf must be as shipped; "
    "then `manager reload`.",
    "events.no-word": "user {user} doesn't hear what our dialplan says (UserEvent)",
    "events.no-word.do": "`read` needs user, and the eventfilter lines of manager-acd.conf must be as shipped; then "
    "`manager reload`.",
    "events.no-context": "how calls end is heard; the rest can't be tried without our dialplan",
    "events.untried": "no call could be tried: the rights are too few",
    "filter": "in force: nothing came but what Switchyard needs",
    "filter.untried": "no call could be tried",
    "filter.none": "not in force: user {user} also hears {others}",
    "filter.none.do": "Put the eventfilter lines of manager-acd.conf back, then `manager reload` and restart "
    "Switchyard: who is logged in keeps the old ones. They save work, and keep what callers forge away.",
    "music": "callers who wait hear some",
    "music.none": "there is none: callers who wait would hear silence",
    "music.none.do": "In musiconhold.conf: a class [default] with mode = files and a directory with sounds; then `moh "
    "reload`. `moh show classes` shows what is there.",
    "music.untried": "no call could be tried that far",
    "prompts": "1 sound is there|{n} sounds are there",
    "prompts.lost": "in {folder} there is no sound {lost}|in {folder} there are no sounds {lost}",
    "prompts.lost.do": "Put them there, or into the folder of the callers' language; until then callers hear nothing "
    "instead.",
    "prompts.unseen": "1 sound can't be looked for: {folder} can't be read from here|{n} sounds can't be looked for: "
    "{folder} can't be read from here",
    "prompts.unseen.do": "Look there, on Asterisk's machine, for {prompts}.",
    "phones": "1 phone can be reached|{n} phones can all be reached",
    "phones.unknown": "they can't be asked for: func_devstate isn't loaded, or the rights are too few",
    "phones.unknown.do": "`module load func_devstate` in Asterisk; or look with `pjsip show endpoints`.",
    "phones.nobody": "Asterisk knows no {phones}|Asterisk doesn't know {n} of {of}: {phones}",
    "phones.nobody.do": "Correct `device` of those people, or add the endpoints to pjsip.conf and `pjsip reload`.",
    "phones.away": "not registered or not reachable: {phones}|not registered or not reachable, {n} of {of}: {phones}",
    "phones.away.do": "Switch them on; `pjsip show endpoint` shows what Asterisk knows of one.",
    "trunks": "1 trunk to another PBX can be used|{n} trunks to other PBXs can be used",
    "trunks.nobody": "Asterisk knows no {trunks}|Asterisk knows none of these: {trunks}",
    "trunks.nobody.do": "Correct `trunks` of {table}, or add the trunk to pjsip.conf as the top of "
    "extensions-acd-pbxs.conf shows, and `pjsip reload`.",
    "trunks.away": "the other side doesn't answer: {trunks}",
    "trunks.away.do": "Look at the address of its aor in pjsip.conf, and at the network between; `pjsip show contacts` "
    "shows what Asterisk knows.",
}
